"""Writes the nudge to a candidate, as a text (`sms.py`) or an email.

The reader did not ask for the message and must be able to trust it. It says who it is sent for, who to call and where. It
states nothing that we do not know, and asks for a call only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from urllib.parse import quote

from chalicelib.rules.canonical import mail_link, tel_link
from chalicelib.rules.copy import clean
from chalicelib.rules.copy.language import EMPLOYER, HIRING_TEAM, Catalogue, capitalized, catalogue, greeting, language_of, mark
from chalicelib.rules.copy.pages import NOT_READ, button, page
from chalicelib.rules.copy.sms import NudgeFields, sms_text
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, Message, MessageChannel, NudgeKind, Stage

SUBJECT_TO_CALL = mark("$Your_interview with $employer: who to call for news")
SUBJECT_TO_ASK = mark("$Your_interview with $employer: who to ask for news")
SUBJECT_AGAIN = mark("No news from $employer? It is fine to ask again")
CALL_SCRIPT = (
    mark("Has a decision been made?"),
    mark("If not, when may I expect to hear?"),
    mark("What could I have done better?"),
    mark("Would you keep me in mind for other jobs?"),
)
UNSUBSCRIBE = mark("Unsubscribe: no more reminders about any interview")
ABOUT_JOB, ABOUT = mark("$your_interview for $job with $employer"), mark("$your_interview with $employer")
WELCOME_TO_CALL = mark(
    "If not, you are welcome to ask. A short call shows that you are interested, it may bring you useful feedback, "
    "and it keeps the door open for another job."
)
WELCOME_TO_WRITE = mark(
    "If not, you are welcome to ask. A short message shows that you are interested, it may bring you useful feedback, "
    "and it keeps the door open for another job."
)
FINE_TO_ASK = mark(
    "Silence often means that people are busy, not that they have decided. It is fine to ask again, kindly and briefly."
)
WE_SEND = mark(
    "Heardback sends this for $employer, so that nobody is left without an answer after an interview. "
    "We do not know what $employer decides, and we have no part in it."
)
NUMBER_FROM = mark(
    "The number above was given to us by $employer; you can compare it with your invitation. "
    "We never ask you for money, passwords or documents."
)
ADDRESS_FROM = mark(
    "The address above was given to us by $employer; you can compare it with your invitation. "
    "We never ask you for money, passwords or documents."
)
MY_STAGE: dict[Stage, str] = {
    "screen": mark("My screening call"),
    "interview": mark("My interview"),
    "final": mark("My final interview"),
}


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
    said = catalogue(language_of(candidate.locale, employer.policy.language))
    fields = replace(_nudge_fields(employer, candidate, call_back, job_title, stage, kind, said), link=answer_url)
    if channel == "sms":
        return Message("sms", to, sms_text(step_number, fields, said.language))
    template = SUBJECT_AGAIN if step_number > 1 else SUBJECT_TO_CALL if fields.calls else SUBJECT_TO_ASK
    subject = said.say(template, Your_interview=capitalized(said.stage(stage)), employer=fields.employer)
    text = _email_text(step_number, fields, unsubscribe_url, said)
    return Message("email", to, text, subject, _email_html(step_number, subject, fields, unsubscribe_url, said), unsubscribe_url)


def asks_to_call(call_back: CallBack, kind: NudgeKind) -> bool:
    """Whether the candidate is asked to call rather than to write: the policy decides where both work."""
    return bool(call_back.phone) and not (kind == "email_reply" and call_back.email)


def _nudge_fields(
    employer: Employer, candidate: Candidate, call_back: CallBack, job: str, stage: Stage, kind: NudgeKind, said: Catalogue
) -> NudgeFields:
    calls = asks_to_call(call_back, kind)
    contact = call_back.phone if calls else call_back.email
    if not contact:
        raise ValueError(f"{employer.id} names neither a number nor an address to ask at")
    return NudgeFields(
        person=clean.clean_person(candidate.name),
        employer=clean.clean(employer.name, said.text(EMPLOYER)),
        callee=clean.clean(call_back.name or "", said.text(HIRING_TEAM)),
        contact=contact,
        calls=calls,
        job=clean.clean(job),
        stage=stage,
        email=call_back.email if calls else None,
        replies_are_read=employer.sender.replies_are_read,
    )


def _ask_at(fields: NudgeFields, said: Catalogue) -> str:
    named = {"callee": fields.callee, "contact": said.address(fields.contact)}
    return said.say("Call $callee: $contact", **named) if fields.calls else said.say("Write to $callee: $contact", **named)


def _email_text(step_number: int, fields: NudgeFields, unsubscribe_url: str | None, said: Catalogue) -> str:
    or_write = said.say("Or write: $address", address=said.address(fields.email or ""))
    have_you = said.text("Have you heard, or not? Tell us here, it takes a moment")
    questions = "\n".join(f"{n}. {said.text(question)}" for n, question in enumerate(CALL_SCRIPT, 1))
    paragraphs = [
        greeting(fields.person, said),
        *_opening(step_number, fields, said),
        _ask_at(fields, said) + (f"\n{or_write}" if fields.email else ""),
        *([said.pair(have_you, fields.link)] if fields.link else []),
        f"{said.pair(said.text('What you could ask'))}\n{questions}",
        *_about(fields, said),
    ]
    if unsubscribe_url:
        paragraphs.append(said.pair(said.text(UNSUBSCRIBE), unsubscribe_url))
    return "\n\n".join(paragraphs) + "\n"


def _email_html(step_number: int, subject: str, fields: NudgeFields, unsubscribe_url: str | None, said: Catalogue) -> str:
    link = tel_link(fields.contact) if fields.calls else _mailto(fields.contact, fields, said)
    parts = [
        f"<p>{escape(greeting(fields.person, said))}</p>",
        *(f"<p>{escape(paragraph)}</p>" for paragraph in _opening(step_number, fields, said)),
        button(_ask_at(fields, said), link),
    ]
    if fields.email:
        address = f'<a href="{escape(_mailto(fields.email, fields, said))}">{escape(fields.email)}</a>'
        parts.append(f"<p>{said.say('Or write: $address', address=address)}</p>")
    if fields.link:
        answer = f'<a href="{escape(fields.link)}">{escape(said.text("Tell us here"))}</a>'
        parts.append(f"<p>{said.say('Have you heard, or not? $tell_us_here, it takes a moment.', tell_us_here=answer)}</p>")
    questions = "".join(f"<li>{escape(said.text(question))}</li>" for question in CALL_SCRIPT)
    parts += [f"<h2>{escape(said.text('What you could ask'))}</h2>", f"<ol>{questions}</ol>"]
    return page(subject, parts, [*_about(fields, said)], unsubscribe_url, said.text(UNSUBSCRIBE), said.language)


def _opening(step_number: int, fields: NudgeFields, said: Catalogue) -> Sequence[str]:
    named = {"your_interview": said.stage(fields.stage), "job": fields.job, "employer": fields.employer}
    about = said.say(ABOUT_JOB if fields.job else ABOUT, **named)
    if step_number == 1:
        heard = said.say(
            "Have you heard back about $about? We have no record of an answer to you yet. "
            "If you have one, please disregard this mail.",
            about=about,
        )
        return heard, said.text(WELCOME_TO_CALL if fields.calls else WELCOME_TO_WRITE)
    still = said.say(
        "Still no news about $about? We have no record of an answer to you yet. If you have one, please disregard this mail.",
        about=about,
    )
    return still, said.text(FINE_TO_ASK)


def _about(fields: NudgeFields, said: Catalogue) -> Sequence[str]:
    return (
        said.say(WE_SEND, employer=fields.employer),
        said.say(NUMBER_FROM if fields.calls else ADDRESS_FROM, employer=fields.employer),
        *([] if fields.replies_are_read else [said.text(NOT_READ)]),
    )


def _mailto(address: str, fields: NudgeFields, said: Catalogue) -> str:
    mine = said.text(MY_STAGE[fields.stage])
    subject = said.say("$my_interview for $job", my_interview=mine, job=fields.job) if fields.job else mine
    return f"{mail_link(address)}?subject={quote(subject)}"
