"""Writes the nudge to a candidate, as a text (`sms.py`) or an email.

The reader did not ask for the message and must be able to trust it. It says who it is sent for, who to call and where. It
states nothing that we do not know, and asks for a call only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from string import Template
from urllib.parse import quote

from chalicelib.rules.canonical import tel_link
from chalicelib.rules.copy import clean
from chalicelib.rules.copy.pages import NOT_READ, STAGE_WORDS, button, page
from chalicelib.rules.copy.sms import NudgeFields, sms_text
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, Message, MessageChannel, NudgeKind, Stage

SUBJECTS = ("Your $interview with $employer: who to $verb for news", "No news from $employer? It is fine to ask again")
CALL_SCRIPT = (
    "Has a decision been made?",
    "If not, when may I expect to hear?",
    "What could I have done better?",
    "Would you keep me in mind for other jobs?",
)
UNSUBSCRIBE = "Unsubscribe: no more reminders about any interview"


def nudge(
    step_number: int,
    channel: MessageChannel,
    *,
    employer: Employer,
    candidate: Candidate,
    call_back: CallBack,
    job_title: str,
    stage: Stage,
    unsubscribe_url: str | None,
    kind: NudgeKind,
    answer_url: str | None = None,
) -> Message:
    """Returns the message of nudge `step_number`; from the second on it says "still", and that asking again is fine.

    For the first message that a candidate gets, `step_number` is 1, whatever the step is called.

    `answer_url` is the candidate's page, where they say whether they have heard; a text includes it where it fits. `kind`
    `email_reply` asks them to write, where there is an address. Raises ValueError where `call_back` has neither number nor
    address, or the candidate has none for `channel`.
    """
    to = candidate.phone if channel == "sms" else candidate.email
    if not to:
        raise ValueError(f"{candidate.id} has nothing to reach by {channel}")
    fields = replace(_nudge_fields(employer, candidate, call_back, job_title, stage, kind), link=answer_url)
    if channel == "sms":
        return Message("sms", to, sms_text(step_number, fields))
    subject = Template(SUBJECTS[step_number > 1]).substitute(
        interview=fields.interview, employer=fields.employer, verb="call" if fields.calls else "ask"
    )
    text = _email_text(step_number, fields, unsubscribe_url)
    return Message("email", to, text, subject, _email_html(step_number, subject, fields, unsubscribe_url), unsubscribe_url)


def asks_to_call(call_back: CallBack, kind: NudgeKind) -> bool:
    """Whether the candidate is asked to call rather than to write: the policy decides where both work."""
    return bool(call_back.phone) and not (kind == "email_reply" and call_back.email)


def _nudge_fields(
    employer: Employer, candidate: Candidate, call_back: CallBack, job: str, stage: Stage, kind: NudgeKind
) -> NudgeFields:
    calls = asks_to_call(call_back, kind)
    contact = call_back.phone if calls else call_back.email
    if not contact:
        raise ValueError(f"{employer.id} names neither a number nor an address to ask at")
    return NudgeFields(
        person=clean.clean_person(candidate.name),
        employer=clean.clean(employer.name, clean.EMPLOYER),
        callee=clean.clean(call_back.name or "", "the hiring team"),
        contact=contact,
        calls=calls,
        job=clean.clean(job),
        interview=STAGE_WORDS[stage],
        email=call_back.email if calls else None,
        replies_are_read=bool(employer.sender.reply_to),
    )


def _email_text(step_number: int, fields: NudgeFields, unsubscribe_url: str | None) -> str:
    number = "Call" if fields.calls else "Write to"
    paragraphs = [
        f"Hello {fields.person}," if fields.person else "Hello,",
        *_opening(step_number, fields),
        f"{number} {fields.callee}: {fields.contact}" + (f"\nOr write: {fields.email}" if fields.email else ""),
        *([f"Have you heard, or not? Tell us here, it takes a moment: {fields.link}"] if fields.link else []),
        "What you could ask:\n" + "\n".join(f"{n}. {question}" for n, question in enumerate(CALL_SCRIPT, 1)),
        *_about(fields),
    ]
    if unsubscribe_url:
        paragraphs.append(f"{UNSUBSCRIBE}: {unsubscribe_url}")
    return "\n\n".join(paragraphs) + "\n"


def _email_html(step_number: int, subject: str, fields: NudgeFields, unsubscribe_url: str | None) -> str:
    label = f"{'Call' if fields.calls else 'Write to'} {fields.callee}: {fields.contact}"
    link = tel_link(fields.contact) if fields.calls else _mailto(fields.contact, fields)
    parts = [
        f"<p>{escape(f'Hello {fields.person},' if fields.person else 'Hello,')}</p>",
        *(f"<p>{escape(paragraph)}</p>" for paragraph in _opening(step_number, fields)),
        button(label, link),
    ]
    if fields.email:
        parts.append(f'<p>Or write: <a href="{escape(_mailto(fields.email, fields))}">{escape(fields.email)}</a></p>')
    if fields.link:
        answer = f'<a href="{escape(fields.link)}">Tell us here</a>'
        parts.append(f"<p>Have you heard, or not? {answer}, it takes a moment.</p>")
    questions = "".join(f"<li>{escape(question)}</li>" for question in CALL_SCRIPT)
    parts += ["<h2>What you could ask</h2>", f"<ol>{questions}</ol>"]
    return page(subject, parts, [*_about(fields)], unsubscribe_url, UNSUBSCRIBE)


def _opening(step_number: int, fields: NudgeFields) -> Sequence[str]:
    about = f"your {fields.interview}" + (f" for {fields.job}" if fields.job else "") + f" with {fields.employer}"
    if step_number == 1:
        return (
            f"Have you heard back about {about}? We have not seen an answer to you yet. "
            "If you have one, please disregard this mail.",
            f"If not, you are welcome to ask. A short {'call' if fields.calls else 'message'} shows that you are interested, "
            "it may bring you useful feedback, and it keeps the door open for another job.",
        )
    return (
        f"Still no news about {about}? We have not seen an answer to you yet. If you have one, please disregard this mail.",
        "Silence often means that people are busy, not that they have decided. It is fine to ask again, kindly and briefly.",
    )


def _about(fields: NudgeFields) -> Sequence[str]:
    means = "number" if fields.calls else "address"
    return (
        f"Heardback sends this for {fields.employer}, so that nobody is left without an answer after an interview. "
        f"We do not know what {fields.employer} decides, and we have no part in it.",
        f"The {means} above was given to us by {fields.employer}; you can compare it with your invitation. "
        "We never ask you for money, passwords or documents.",
        *([] if fields.replies_are_read else [NOT_READ]),
    )


def _mailto(address: str, fields: NudgeFields) -> str:
    subject = f"My {fields.interview}" + (f" for {fields.job}" if fields.job else "")
    return f"mailto:{quote(address, safe='@+')}?subject={quote(subject)}"
