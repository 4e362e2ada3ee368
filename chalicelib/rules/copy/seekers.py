"""Writes what a job seeker gets from us: reminders to call about their own interviews, the sign-up mail, the texted code.

The reader asked for these, and is the owner of the record: the words speak to them, and state only what they entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template
from urllib.parse import quote

from chalicelib.rules.canonical import tel_link
from chalicelib.rules.copy import clock
from chalicelib.rules.copy.clean import clean, clean_person
from chalicelib.rules.copy.email import CALL_SCRIPT, UNSUBSCRIBE
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets, to_gsm7
from chalicelib.rules.copy.pages import NOT_READ, STAGE_WORDS, button, page
from chalicelib.rules.copy.segment import gsm_text, truncate
from chalicelib.rules.model import CallBack, Candidate, Message, MessageChannel, Wait

COMPANY = "the company"
SHORTEST_NAME = 8
SMS = (
    "Heardback: $no_word from $company $since. Call $callee$at and ask. Then tell us: $link STOP to opt out",
    "Heardback: $no_word from $company? Call $callee$at. Done? $link STOP to opt out",
    "Heardback: $no_word from $company $since. Call $callee$at. Reply CALLED, HEARD or NO ANSWER. STOP to opt out",
    "Heardback: $no_word from $company? Call $callee$at. Reply CALLED, HEARD or NO ANSWER. STOP to opt out",
    "Heardback: $no_word from $company? Call $callee$at. STOP to opt out",
)
"""From the fullest to the shortest: the first that fits one segment is sent, or the last with shortened names."""
SUBJECTS = ("No word from $company? Call and ask", "Still no word from $company? It is fine to ask again")


@dataclass(frozen=True, slots=True)
class ReminderFields:
    """What a reminder tells, each on one line. `promised` says that the company named the day that has passed."""

    person: str
    company: str
    callee: str
    phone: str | None
    email: str | None
    job: str
    interview: str
    since: str
    promised: bool
    link: str

    @property
    def who(self) -> str:
        return self.callee or self.company


def reminder(
    step_number: int,
    channel: MessageChannel,
    *,
    candidate: Candidate,
    company: str,
    call_back: CallBack,
    job_title: str,
    wait: Wait,
    zone: str,
    link: str,
    unsubscribe_url: str | None,
) -> Message:
    """Returns the reminder to call about one interview. `link` leads to where the outcome is recorded by one tap.

    Raises ValueError where the seeker has no address for `channel`.
    """
    to = candidate.phone if channel == "sms" else candidate.email
    if not to:
        raise ValueError(f"{candidate.id} has nothing to reach by {channel}")
    fields = ReminderFields(
        person=clean_person(candidate.name),
        company=clean(company, COMPANY),
        callee=clean(call_back.name or ""),
        phone=call_back.phone,
        email=call_back.email,
        job=clean(job_title),
        interview=STAGE_WORDS[wait.stage],
        since=clock.day(wait.since, zone),
        promised=wait.promised,
        link=link,
    )
    if channel == "sms":
        return Message("sms", to, sms_text(step_number, fields))
    subject = Template(SUBJECTS[step_number > 1]).substitute(company=fields.company)
    text = _email_text(step_number, fields, unsubscribe_url)
    return Message("email", to, text, subject, _email_html(step_number, subject, fields, unsubscribe_url), unsubscribe_url)


def sms_text(step_number: int, fields: ReminderFields) -> str:
    """Returns the reminder in one segment, ending with how to opt out."""
    words = {
        "no_word": "No word" if step_number == 1 else "Still no word",
        "company": (gsm_text(fields.company) if fields.company != COMPANY else "") or COMPANY,
        "callee": gsm_text(fields.callee) or "them",
        "at": f" on {fields.phone}" if fields.phone and to_gsm7(fields.phone) == fields.phone else "",
        "since": "by the day you expected" if fields.promised else f"since your {fields.interview}",
        "link": fields.link,
    }
    for template in SMS:
        text = Template(template).substitute(words)
        if septets(text) <= SMS_SEPTETS:
            return text
    spare = SMS_SEPTETS - septets(Template(SMS[-1]).substitute({**words, "company": "", "callee": ""}))
    callee = truncate(words["callee"], max(SHORTEST_NAME, spare // 2))
    short = {**words, "callee": callee, "company": truncate(words["company"], spare - septets(callee))}
    return Template(SMS[-1]).substitute(short)


def voicemail(fields: ReminderFields) -> str:
    """Returns what to say to a voicemail."""
    name = f"this is {fields.person}" if fields.person else "this is …"
    about = f" for {fields.job}" if fields.job else ""
    return (
        f'If you reach voicemail: "Hello, {name}. We spoke in my {fields.interview}{about}. I would like to know where things '
        'stand, and when I may expect to hear. My number is … Thank you."'
    )


def _opening(step_number: int, fields: ReminderFields) -> Sequence[str]:
    about = f"your {fields.interview}" + (f" for {fields.job}" if fields.job else "")
    if fields.promised:
        first = (
            f"You have noted no word from {fields.company} about {about}, and the day by which you should have heard has passed."
        )
    else:
        first = f"You have noted no word from {fields.company} since {about} on {fields.since}."
    if step_number == 1:
        why = "A short call shows that you are interested, it may bring you useful feedback, and it keeps the door open."
    else:
        why = "Silence often means that people are busy, not that they have decided. It is fine to ask again, kindly and briefly."
    return first, why


def _how(fields: ReminderFields) -> str:
    if fields.phone:
        return f"Call {fields.who}: {fields.phone}" + (f"\nOr write: {fields.email}" if fields.email else "")
    if fields.email:
        return f"Write to {fields.who}: {fields.email}"
    return f"Call {fields.who}: the number is in your invitation, or on the company's website."


_ABOUT = (
    "Heardback sends this because you asked for reminders about your own interviews. Nobody else gets it, and the company does "
    "not know about it.",
    "We never ask you for money, passwords or documents.",
    NOT_READ,
)


def _email_text(step_number: int, fields: ReminderFields, unsubscribe_url: str | None) -> str:
    paragraphs = [
        f"Hello {fields.person}," if fields.person else "Hello,",
        *_opening(step_number, fields),
        _how(fields),
        "What you could ask:\n" + "\n".join(f"{n}. {question}" for n, question in enumerate(CALL_SCRIPT, 1)),
        voicemail(fields),
        f"Then tell us by one tap: I called, they called, or no answer: {fields.link}",
        *_ABOUT,
    ]
    if unsubscribe_url:
        paragraphs.append(f"{UNSUBSCRIBE}: {unsubscribe_url}")
    return "\n\n".join(paragraphs) + "\n"


def _email_html(step_number: int, subject: str, fields: ReminderFields, unsubscribe_url: str | None) -> str:
    parts = [
        f"<p>{escape(f'Hello {fields.person},' if fields.person else 'Hello,')}</p>",
        *(f"<p>{escape(paragraph)}</p>" for paragraph in _opening(step_number, fields)),
    ]
    if fields.phone:
        parts.append(button(f"Call {fields.who}: {fields.phone}", tel_link(fields.phone)))
    elif not fields.email:
        parts.append(f"<p>{escape(_how(fields))}</p>")
    if fields.email:
        mailto = f"mailto:{quote(fields.email, safe='@+')}"
        parts.append(f'<p>{"Or write" if fields.phone else "Write"}: <a href="{escape(mailto)}">{escape(fields.email)}</a></p>')
    questions = "".join(f"<li>{escape(question)}</li>" for question in CALL_SCRIPT)
    parts += [
        "<h2>What you could ask</h2>",
        f"<ol>{questions}</ol>",
        f"<p>{escape(voicemail(fields))}</p>",
        button("I called, they called, or no answer", fields.link),
    ]
    return page(subject, parts, _ABOUT, unsubscribe_url, UNSUBSCRIBE)


SIGN_UP_SUBJECT = "Keep track of your interviews with Heardback"
EMAIL_CONSENT = (
    "Heardback keeps the interviews that I enter, and mails me at this address when a company should have answered. "
    "I can export and erase everything, and end the mails, at any time."
)
SMS_CONSENT = (
    "Heardback texts this number when a company should have answered: at most two texts each time. "
    "Message and data rates may apply. Reply STOP to end the texts, HELP for help."
)
"""What a seeker agrees to, word for word: recorded with the time."""
_SIGN_UP_ASKED = "Someone entered this address to get reminders about their own job interviews. If that was you, start here:"
_SIGN_UP_WORKS = "Both work for 14 days. If this was not you, do nothing: you get no more emails unless someone asks again."


def sign_up_mail(to: str, link: str, code: str) -> Message:
    """Returns the mail to an address that is new: in our words alone, nothing in it was chosen by whoever asked."""
    by_code = f"Or enter this code where you are asked for it: {code}"
    agreed = f"By starting you agree: {EMAIL_CONSENT}"
    text = "\n\n".join([_SIGN_UP_ASKED, link, by_code, agreed, _SIGN_UP_WORKS, NOT_READ]) + "\n"
    parts = [
        f"<p>{escape(_SIGN_UP_ASKED)}</p>",
        button("Start", link),
        *(f"<p>{escape(paragraph)}</p>" for paragraph in (by_code, agreed, _SIGN_UP_WORKS)),
    ]
    return Message("email", to, text, SIGN_UP_SUBJECT, page(SIGN_UP_SUBJECT, parts, [NOT_READ]))


def phone_code_text(to: str, code: str) -> Message:
    """Returns the one text that goes to a number before it is confirmed."""
    words = f"Heardback: {code} is your code to get reminders at this number. If you did not ask for it, ignore this text."
    return Message("sms", to, words)


def noted(what: str | None) -> str:
    """Returns the answer to a seeker's text, in one segment."""
    said = {"called": "you called", "heard": "you heard", "no_answer": "nobody answered"}.get(what or "")
    if said is None:
        return "Heardback: reply CALLED, HEARD or NO ANSWER, and we note it. Reply STOP to opt out."
    return f"Heardback: noted that {said}. Reply STOP to opt out."
