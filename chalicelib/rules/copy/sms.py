"""Writes nudges as text messages of one segment: of the GSM 03.38 alphabet, or of 70 characters in Hebrew and Korean."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.rules.copy.clean import EMPLOYER
from chalicelib.rules.copy.gsm7 import to_gsm7
from chalicelib.rules.copy.language import UCS2, Catalogue, capitalized, catalogue, mark, mark_gsm, mark_short
from chalicelib.rules.copy.segment import SegmentWriter, segment_of
from chalicelib.rules.model import Language, Stage

SMS_FIRST = (
    mark_gsm(
        "Heardback for $employer: Hi $person, no word yet after $your_interview for $job? "
        "Do $ask and ask where you stand. STOP to opt out"
    ),
    mark_gsm("Heardback for $employer: Hi $person, no word yet after $your_interview for $job? Do $ask. STOP to opt out"),
    mark_gsm(
        "Heardback for $employer: Hi $person, no word yet after $your_interview? Do $ask and ask where you stand. STOP to opt out"
    ),
    mark_gsm("Heardback for $employer: Hi $person, no word yet after $your_interview? Do $ask. STOP to opt out"),
    mark_gsm("Heardback for $employer: No word yet after $your_interview? Do $ask. STOP to opt out"),
)
SMS_AGAIN = (
    mark_gsm(
        "Heardback for $employer: Hi $person, still no word after $your_interview for $job? "
        "It is fine to ask again: $ask. STOP to opt out"
    ),
    mark_gsm(
        "Heardback for $employer: Hi $person, still no word after $your_interview? It is fine to ask again: $ask. STOP to opt out"
    ),
    mark_gsm("Heardback for $employer: Hi $person, still no word? It is fine to ask again: $ask. STOP to opt out"),
    mark_gsm("Heardback for $employer: Still no word after $your_interview? Do $ask. STOP to opt out"),
)
"""From the longest to the shortest: the first that fits is sent, or the last with shortened names."""
ASK_BY_CALL, ASK_IN_WRITING = mark_gsm("call $callee on $contact"), mark_gsm("write to $callee at $contact")
SMS_WITH_LINK = (
    mark_gsm(
        "Heardback for $employer: Hi $person, $no_word after $your_interview for $job? "
        "Call $callee on $contact. Heard? $link STOP to opt out"
    ),
    mark_gsm(
        "Heardback for $employer: $No_word after $your_interview for $job? Call $callee on $contact. Heard? $link STOP to opt out"
    ),
    mark_gsm("Heardback for $employer: Hi $person, $no_word? Call $callee on $contact. Heard? $link STOP to opt out"),
    mark_gsm("Heardback for $employer: $No_word? Call $callee on $contact. Heard? $link STOP to opt out"),
)
"""With the link to the candidate's page. Used only where the names stay recognisable."""
NO_WORD = (mark_gsm("no word yet"), mark_gsm("still no word"))
SMS_WITHOUT_ADDRESS = mark_gsm(
    "Heardback for $employer: No word yet after $your_interview? Answer the mail that invited you, and ask. STOP to opt out"
)
"""For an address that does not fit, or has characters outside the alphabet: it must not be changed."""
SHORT_FIRST = (
    mark_short("$employer: Heard since $your_interview? Reply YES or NO. Ask $callee: $contact STOP to opt out"),
    mark_short("$employer: Heard? Reply YES or NO. Ask $callee: $contact STOP to opt out"),
)
SHORT_AGAIN = (
    mark_short("$employer: Heard by now, since $your_interview? Reply YES or NO. Ask $callee: $contact STOP to opt out"),
    mark_short("$employer: Heard by now? Reply YES or NO. Ask $callee: $contact STOP to opt out"),
)
"""For a segment of 70 characters. A link does not fit, so they ask for a reply by text."""
SHORT_WITHOUT_ADDRESS = mark_short("$employer: Heard? Reply YES or NO. Or answer the mail that invited you. STOP to opt out")
SHORTEST_NAME = 8
SHORTEST_BESIDE_LINK = 12
"""A link beside unrecognisable names looks like fraud: then the text has no link."""
NAMELESS = {
    "employer": (mark("your interviewer"), mark("an employer")),
    "callee": (mark("the hiring team"), mark("the team")),
}
"""(usual, short) words for a name outside the alphabet, such as 李小龍. They are never cut."""


@dataclass(frozen=True, slots=True)
class NudgeFields:
    """The fields of a nudge, each on one line; `contact` is the number or address to ask at."""

    person: str
    employer: str
    callee: str
    contact: str
    calls: bool
    job: str
    stage: Stage
    email: str | None
    link: str | None = None
    replies_are_read: bool = True


def sms_text(step_number: int, fields: NudgeFields, language: Language = "en") -> str:
    """Returns the text of nudge `step_number`: one segment, with how to opt out."""
    said = catalogue(language)
    writer = _writer(step_number, fields, said)
    if language in UCS2:
        return _short(step_number, writer, said)
    if fields.link and fields.calls and (text := _with_link(writer, said)):
        return text
    ask = said.text(ASK_BY_CALL if fields.calls else ASK_IN_WRITING)
    templates = [said.text(one).replace("$ask", ask) for one in (SMS_FIRST if step_number == 1 else SMS_AGAIN)]
    if not _is_in_gsm(fields.contact) or writer.spare(templates[-1]) < 2 * SHORTEST_NAME:
        templates = [said.text(SMS_WITHOUT_ADDRESS)]
    return writer.first_that_fits(templates) or writer.shortened(templates[-1])


def _writer(step_number: int, fields: NudgeFields, said: Catalogue) -> SegmentWriter:
    segment = segment_of(said.language)
    nameless = {name: (said.text(long), said.text(short)) for name, (long, short) in NAMELESS.items()}
    no_word = said.text(NO_WORD[step_number > 1])
    words = {
        "person": segment.spell(fields.person),
        "employer": (segment.spell(fields.employer) if fields.employer != said.text(EMPLOYER) else "") or nameless["employer"][0],
        "callee": segment.spell(fields.callee) or nameless["callee"][0],
        "contact": said.address(fields.contact),
        "your_interview": said.stage(fields.stage),
        "job": segment.spell(fields.job),
        "link": fields.link or "",
        "no_word": no_word,
        "No_word": capitalized(no_word),
    }
    return SegmentWriter(words, segment, nameless)


def _with_link(writer: SegmentWriter, said: Catalogue) -> str | None:
    """Returns the text with the link, or None where it leaves too little space for the names."""
    templates = [said.text(one) for one in SMS_WITH_LINK]
    if text := writer.first_that_fits(templates):
        return text
    if not _is_in_gsm(writer.words["contact"]) or writer.spare(templates[-1]) < 2 * SHORTEST_BESIDE_LINK:
        return None
    return writer.shortened(templates[-1])


def _short(step_number: int, writer: SegmentWriter, said: Catalogue) -> str:
    """Returns the text of 70 characters."""
    templates = [said.text_message(one) for one in (SHORT_FIRST if step_number == 1 else SHORT_AGAIN)]
    if writer.spare(templates[-1]) < 2 * SHORTEST_NAME:
        templates = [said.text_message(SHORT_WITHOUT_ADDRESS)]
    return writer.first_that_fits(templates) or writer.shortened(templates[-1])


def _is_in_gsm(contact: str) -> bool:
    return to_gsm7(contact) == contact
