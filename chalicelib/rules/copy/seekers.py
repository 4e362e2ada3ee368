"""Writes the reminders that a job seeker gets about their own interviews.

The reader asked for these, and is the owner of the record: the words speak to them, and state only what they entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from chalicelib.rules.canonical import mail_link, tel_link
from chalicelib.rules.copy.clean import clean, clean_person
from chalicelib.rules.copy.email import CALL_SCRIPT, FINE_TO_ASK, UNSUBSCRIBE
from chalicelib.rules.copy.gsm7 import to_gsm7
from chalicelib.rules.copy.language import (
    HIRING_TEAM,
    UCS2,
    Catalogue,
    catalogue,
    greeting,
    language_of,
    mark,
    mark_gsm,
    mark_short,
)
from chalicelib.rules.copy.pages import NOT_READ, button, page
from chalicelib.rules.copy.segment import segment_of, truncate
from chalicelib.rules.model import CallBack, Candidate, Language, Message, MessageChannel, Stage, Wait

COMPANY, THEM = mark("the company"), mark_gsm("them")
SHORTEST_NAME = 8
SMS = (
    mark_gsm("Heardback: $no_word from $company $since. Call $callee$at and ask. Then tell us: $link STOP to opt out"),
    mark_gsm("Heardback: $no_word from $company? Call $callee$at. Done? $link STOP to opt out"),
    mark_gsm("Heardback: $no_word from $company $since. Call $callee$at. Reply CALLED, HEARD or NO ANSWER. STOP to opt out"),
    mark_gsm("Heardback: $no_word from $company? Call $callee$at. Reply CALLED, HEARD or NO ANSWER. STOP to opt out"),
    mark_gsm("Heardback: $no_word from $company? Call $callee$at. STOP to opt out"),
)
"""From the fullest to the shortest: the first that fits one segment is sent, or the last with shortened names."""
NO_WORD = (mark_gsm("No word"), mark_gsm("Still no word"))
SINCE, SINCE_PROMISED, AT = mark_gsm("since $your_interview"), mark_gsm("by the day you expected"), mark_gsm("on $phone")
SHORT = (
    mark_short("Heardback: No word from $company? Call $callee: $phone STOP to opt out"),
    mark_short("Heardback: Still no word from $company? Call $callee: $phone STOP to opt out"),
)
SHORT_WITHOUT_NUMBER = mark_short("Heardback: No word from $company? Call $callee. STOP to opt out")
"""For a segment of 70 characters, which holds neither a link nor the words to reply with."""
SUBJECTS = (mark("No word from $company? Call and ask"), mark("Still no word from $company? It is fine to ask again"))
MY_STAGE: dict[Stage, str] = {
    "screen": mark("my screening call"),
    "interview": mark("my interview"),
    "final": mark("my final interview"),
}
NOTED_NO_WORD = mark("You have noted no word from $company since $about on $day.")
NOTED_NO_PROMISED_WORD = mark(
    "You have noted no word from $company about $about, and the day by which you should have heard has passed."
)
WHY_TO_CALL = mark("A short call shows that you are interested, it may bring you useful feedback, and it keeps the door open.")
NO_NUMBER = mark("Call $callee: the number is in your invitation, or on the company's website.")
VOICEMAIL = mark(
    'If you reach voicemail: "Hello, this is $person. We spoke in $my_interview. I would like to know where things '
    'stand, and when I may expect to hear. My number is … Thank you."'
)
TELL_US, OUTCOMES = (
    mark("Then tell us by one tap: I called, they called, or no answer"),
    mark("I called, they called, or no answer"),
)
YOU_ASKED = mark(
    "Heardback sends this because you asked for reminders about your own interviews. Nobody else gets it, and the company does "
    "not know about it."
)
NEVER_ASKED = mark("We never ask you for money, passwords or documents.")


@dataclass(frozen=True, slots=True)
class ReminderFields:
    """What a reminder tells, each on one line. `promised` says that the company named the day that has passed."""

    person: str
    company: str
    callee: str
    phone: str | None
    email: str | None
    job: str
    stage: Stage
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
    """Returns the reminder to call about one interview, in the seeker's language. `link` leads to where its outcome is recorded.

    Raises ValueError where the seeker has no address for `channel`.
    """
    to = candidate.phone if channel == "sms" else candidate.email
    if not to:
        raise ValueError(f"{candidate.id} has nothing to reach by {channel}")
    said = catalogue(language_of(candidate.locale))
    fields = ReminderFields(
        person=clean_person(candidate.name),
        company=clean(company, said.text(COMPANY)),
        callee=clean(call_back.name or ""),
        phone=call_back.phone,
        email=call_back.email,
        job=clean(job_title),
        stage=wait.stage,
        since=said.short_day(wait.since, zone),
        promised=wait.promised,
        link=link,
    )
    if channel == "sms":
        return Message("sms", to, sms_text(step_number, fields, said.language))
    subject = said.say(SUBJECTS[step_number > 1], company=fields.company)
    text = _email_text(step_number, fields, unsubscribe_url, said)
    return Message("email", to, text, subject, _email_html(step_number, subject, fields, unsubscribe_url, said), unsubscribe_url)


def sms_text(step_number: int, fields: ReminderFields, language: Language = "en") -> str:
    """Returns the reminder in one segment, ending with how to opt out."""
    said = catalogue(language)
    segment = segment_of(language)
    words = _words(step_number, fields, said)
    templates = _templates(step_number, words, said)
    for template in templates:
        text = Template(template).substitute(words)
        if segment.length(text) <= segment.size:
            return text
    spare = segment.size - segment.length(Template(templates[-1]).substitute({**words, "company": "", "callee": ""}))
    company, callee = words["company"], words["callee"]
    callee = truncate(callee, max(SHORTEST_NAME, spare // 2, spare - segment.length(company)), segment)
    short = {**words, "callee": callee, "company": truncate(company, spare - segment.length(callee), segment)}
    return Template(templates[-1]).substitute(short)


def _words(step_number: int, fields: ReminderFields, said: Catalogue) -> dict[str, str]:
    segment, short = segment_of(said.language), said.language in UCS2
    nameless = said.text(COMPANY)
    phone = said.address(fields.phone) if fields.phone and to_gsm7(fields.phone) == fields.phone else ""
    words = {
        "company": (segment.spell(fields.company) if fields.company != nameless else "") or nameless,
        "callee": segment.spell(fields.callee) or said.text(HIRING_TEAM if short else THEM),
        "phone": phone,
        "link": fields.link,
    }
    if short:
        return words
    since = said.text(SINCE_PROMISED) if fields.promised else said.say(SINCE, your_interview=said.stage(fields.stage))
    at = f" {said.say(AT, phone=phone)}" if phone else ""
    return {**words, "no_word": said.text(NO_WORD[step_number > 1]), "at": at, "since": since}


def _templates(step_number: int, words: dict[str, str], said: Catalogue) -> list[str]:
    if said.language in UCS2:
        return [said.text_message(SHORT[step_number > 1] if words["phone"] else SHORT_WITHOUT_NUMBER)]
    return [said.text(one) for one in SMS]


def voicemail(fields: ReminderFields, said: Catalogue) -> str:
    """Returns what to say to a voicemail."""
    mine = said.text(MY_STAGE[fields.stage])
    about = said.say("$my_interview for $job", my_interview=mine, job=fields.job) if fields.job else mine
    return said.say(VOICEMAIL, person=fields.person or "…", my_interview=about)


def _opening(step_number: int, fields: ReminderFields, said: Catalogue) -> Sequence[str]:
    yours = said.stage(fields.stage)
    about = said.say("$your_interview for $job", your_interview=yours, job=fields.job) if fields.job else yours
    template = NOTED_NO_PROMISED_WORD if fields.promised else NOTED_NO_WORD
    first = said.say(template, company=fields.company, about=about, day=fields.since)
    return first, said.text(WHY_TO_CALL if step_number == 1 else FINE_TO_ASK)


def _how(fields: ReminderFields, said: Catalogue) -> str:
    if fields.phone:
        call = said.say("Call $callee: $contact", callee=fields.who, contact=said.address(fields.phone))
        return call + (f"\n{said.say('Or write: $address', address=said.address(fields.email))}" if fields.email else "")
    if fields.email:
        return said.say("Write to $callee: $contact", callee=fields.who, contact=said.address(fields.email))
    return said.say(NO_NUMBER, callee=fields.who)


def _about(said: Catalogue) -> list[str]:
    return [said.text(one) for one in (YOU_ASKED, NEVER_ASKED, NOT_READ)]


def _email_text(step_number: int, fields: ReminderFields, unsubscribe_url: str | None, said: Catalogue) -> str:
    questions = "\n".join(f"{n}. {said.text(question)}" for n, question in enumerate(CALL_SCRIPT, 1))
    paragraphs = [
        greeting(fields.person, said),
        *_opening(step_number, fields, said),
        _how(fields, said),
        f"{said.pair(said.text('What you could ask'))}\n{questions}",
        voicemail(fields, said),
        said.pair(said.text(TELL_US), fields.link),
        *_about(said),
    ]
    if unsubscribe_url:
        paragraphs.append(said.pair(said.text(UNSUBSCRIBE), unsubscribe_url))
    return "\n\n".join(paragraphs) + "\n"


def _email_html(step_number: int, subject: str, fields: ReminderFields, unsubscribe_url: str | None, said: Catalogue) -> str:
    parts = [f"<p>{escape(one)}</p>" for one in (greeting(fields.person, said), *_opening(step_number, fields, said))]
    if fields.phone:
        call = said.say("Call $callee: $contact", callee=fields.who, contact=said.address(fields.phone))
        parts.append(button(call, tel_link(fields.phone)))
    elif not fields.email:
        parts.append(f"<p>{escape(_how(fields, said))}</p>")
    if fields.email:
        address = f'<a href="{escape(mail_link(fields.email))}">{escape(fields.email)}</a>'
        write = said.say("Or write: $address", address=address) if fields.phone else said.say("Write: $address", address=address)
        parts.append(f"<p>{write}</p>")
    questions = "".join(f"<li>{escape(said.text(question))}</li>" for question in CALL_SCRIPT)
    parts += [
        f"<h2>{escape(said.text('What you could ask'))}</h2>",
        f"<ol>{questions}</ol>",
        f"<p>{escape(voicemail(fields, said))}</p>",
        button(said.text(OUTCOMES), fields.link),
    ]
    return page(subject, parts, _about(said), unsubscribe_url, said.text(UNSUBSCRIBE), said.language)
