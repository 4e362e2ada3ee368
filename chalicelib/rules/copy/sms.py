"""Writes nudges as text messages of one GSM 03.38 segment."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from chalicelib.rules.copy.clean import EMPLOYER, clean, one_line
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets, to_gsm7

SMS_FIRST = (
    "Heardback for $employer: Hi $person, no word yet after your $interview for $job? "
    "Do $verb $callee $at $contact and ask where you stand. STOP to opt out",
    "Heardback for $employer: Hi $person, no word yet after your $interview for $job? "
    "Do $verb $callee $at $contact. STOP to opt out",
    "Heardback for $employer: Hi $person, no word yet after your $interview? "
    "Do $verb $callee $at $contact and ask where you stand. STOP to opt out",
    "Heardback for $employer: Hi $person, no word yet after your $interview? Do $verb $callee $at $contact. STOP to opt out",
    "Heardback for $employer: No word yet after your $interview? Do $verb $callee $at $contact. STOP to opt out",
)
SMS_AGAIN = (
    "Heardback for $employer: Hi $person, still no word after your $interview for $job? "
    "It is fine to ask again: $verb $callee $at $contact. STOP to opt out",
    "Heardback for $employer: Hi $person, still no word after your $interview? "
    "It is fine to ask again: $verb $callee $at $contact. STOP to opt out",
    "Heardback for $employer: Hi $person, still no word? It is fine to ask again: $verb $callee $at $contact. STOP to opt out",
    "Heardback for $employer: Still no word after your $interview? Do $verb $callee $at $contact. STOP to opt out",
)
"""From the longest to the shortest: the first that fits is sent, or the last with shortened names."""
SMS_WITH_LINK = (
    "Heardback for $employer: Hi $person, $no_word after your $interview for $job? "
    "Call $callee on $contact. Heard? $link STOP to opt out",
    "Heardback for $employer: $No_word after your $interview for $job? Call $callee on $contact. Heard? $link STOP to opt out",
    "Heardback for $employer: Hi $person, $no_word? Call $callee on $contact. Heard? $link STOP to opt out",
    "Heardback for $employer: $No_word? Call $callee on $contact. Heard? $link STOP to opt out",
)
"""With the link to the candidate's page. Used only where the names stay recognisable."""
SMS_WITHOUT_ADDRESS = (
    "Heardback for $employer: No word yet after your $interview? Answer the mail that invited you, and ask. STOP to opt out"
)
"""For an address that does not fit, or has characters outside the alphabet: it must not be changed."""
_EMPTY_BRACKETS = re.compile(r"\([^\w()]*\)|\[[^\w\[\]]*\]|\{[^\w{}]*\}")
_IN_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
SHORTEST_NAME = 8
SHORTEST_BESIDE_LINK = 12
"""A link beside unrecognisable names looks like fraud: then the text has no link."""
ELLIPSIS = "..."
NAMELESS = {"employer": ("your interviewer", "an employer"), "callee": ("the hiring team", "the team")}
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
    interview: str
    email: str | None
    link: str | None = None
    replies_are_read: bool = True


def sms_text(step_number: int, fields: NudgeFields) -> str:
    """Returns the text of nudge `step_number`: at most 160 septets, ending with how to opt out."""
    words = {
        "person": gsm_text(fields.person),
        "employer": (gsm_text(fields.employer) if fields.employer != EMPLOYER else "") or NAMELESS["employer"][0],
        "callee": gsm_text(fields.callee) or NAMELESS["callee"][0],
        "contact": fields.contact,
        "interview": fields.interview,
        "job": gsm_text(fields.job),
        "verb": "call" if fields.calls else "write to",
        "at": "on" if fields.calls else "at",
        "link": fields.link or "",
        "no_word": "no word yet" if step_number == 1 else "still no word",
        "No_word": "No word yet" if step_number == 1 else "Still no word",
    }
    if fields.link and fields.calls and (text := _with_link(words)):
        return text
    templates = _sms_templates(step_number, words)
    for template in templates:
        text = Template(template).substitute(words)
        if septets(text) <= SMS_SEPTETS:
            return text
    return Template(templates[-1]).substitute(_shortened(templates[-1], words))


def _with_link(words: dict[str, str]) -> str | None:
    """Returns the text with the link, or None where it leaves too little space for the names."""
    for template in SMS_WITH_LINK:
        text = Template(template).substitute(words)
        if all(words[name] or f"${name}" not in template for name in ("person", "job")) and septets(text) <= SMS_SEPTETS:
            return text
    if to_gsm7(words["contact"]) != words["contact"] or _spare(SMS_WITH_LINK[-1], words) < 2 * SHORTEST_BESIDE_LINK:
        return None
    return Template(SMS_WITH_LINK[-1]).substitute(_shortened(SMS_WITH_LINK[-1], words))


def _sms_templates(step_number: int, words: dict[str, str]) -> Sequence[str]:
    """Returns the templates whose fields are all known: no greeting without a name, no empty job."""
    texts = SMS_FIRST if step_number == 1 else SMS_AGAIN
    if to_gsm7(words["contact"]) != words["contact"] or _spare(texts[-1], words) < 2 * SHORTEST_NAME:
        return (SMS_WITHOUT_ADDRESS,)
    return [text for text in texts if all(words[name] or f"${name}" not in text for name in ("person", "job"))]


def _shortened(template: str, words: dict[str, str]) -> dict[str, str]:
    """Cuts the names of employer and callee to the space left: half each, and what the other does not need."""
    words = words | {name: short for name, (long, short) in NAMELESS.items() if words[name] == long}
    spare = _spare(template, words)
    if "$callee" not in template:
        return {**words, "employer": truncate(words["employer"], spare)}
    callee = truncate(words["callee"], max(spare // 2, spare - septets(words["employer"])))
    return {**words, "callee": callee, "employer": truncate(words["employer"], spare - septets(callee))}


def _spare(template: str, words: dict[str, str]) -> int:
    return SMS_SEPTETS - septets(Template(template).substitute({**words, "employer": "", "callee": ""}))


def truncate(name: str, septets_left: int) -> str:
    """Cuts `name` to `septets_left`, with an ellipsis; after a whole word where that loses at most a third."""
    if septets(name) <= septets_left:
        return name
    short = name
    while short and septets(short) > septets_left - len(ELLIPSIS):
        short = short[:-1]
    words = short.rpartition(" ")[0]
    if name[len(short)] != " " and 3 * len(words) >= 2 * len(short):
        short = words
    return short.rstrip(" .,-([&") + ELLIPSIS


def gsm_text(name: str) -> str:
    """Returns `name` in the GSM alphabet, cleaned after that; empty where no letter or digit has an equivalent.

    Brackets that lose their content go too: "(李) GmbH" is "GmbH". A name of which little more than a digit or a legal form is
    left counts as lost: "北京3" is not "3".
    """
    line = one_line(name)
    text = to_gsm7(line)
    while (shorter := _EMPTY_BRACKETS.sub(" ", text)) != text:
        text = shorter
    text = " ".join(to_gsm7(clean(text)).split())
    if in_brackets := _IN_BRACKETS.fullmatch(text):
        text = in_brackets[1].strip()
    return text if _is_recognisable(text, line) else ""


def _is_recognisable(text: str, name: str) -> bool:
    """Whether a name has its letters in the GSM alphabet: all of them, or two at least that are more than a third of it."""
    letters = [letter for letter in unicodedata.normalize("NFC", name) if letter.isalnum()]
    spelled = sum(any(part.isalnum() for part in to_gsm7(letter)) for letter in letters)
    left = sum(character.isalnum() for character in text)
    return left > 0 and (spelled == len(letters) or (left > 1 and 3 * spelled > len(letters)))
