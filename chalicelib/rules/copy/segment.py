"""The one segment that a text has: 160 characters of the GSM alphabet, or 70 of any other. Names are cut to fit it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.rules.copy.clean import clean, one_line
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets, to_gsm7
from chalicelib.rules.copy.language import UCS2
from chalicelib.rules.model import Language

UCS2_UNITS = 70
"""The length of one segment in UTF-16 units, where any character is outside the GSM alphabet."""
_EMPTY_BRACKETS = re.compile(r"\([^\w()]*\)|\[[^\w\[\]]*\]|\{[^\w{}]*\}")
_IN_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")


@dataclass(frozen=True, slots=True)
class Segment:
    """What one segment of an alphabet holds. `spell` writes a name in it; empty where it cannot."""

    size: int
    length: Callable[[str], int]
    spell: Callable[[str], str]
    ellipsis: str


def units(text: str) -> int:
    """Returns the length of a text in UTF-16 units, as UCS-2 segments count."""
    return len(text.encode("utf-16-le")) // 2


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


def _as_it_is(name: str) -> str:
    """Returns a name without links and numbers, in its own letters; empty where it has neither letter nor digit."""
    text = clean(name)
    return text if any(map(str.isalnum, text)) else ""


GSM = Segment(SMS_SEPTETS, septets, gsm_text, "...")
WIDE = Segment(UCS2_UNITS, units, _as_it_is, "…")


def segment_of(language: Language) -> Segment:
    """Returns the segment in which texts of a language are written."""
    return WIDE if language in UCS2 else GSM


def truncate(name: str, left: int, segment: Segment = GSM) -> str:
    """Cuts `name` to what is left, with an ellipsis; after a whole word where that loses at most a third."""
    if segment.length(name) <= left:
        return name
    short = name
    while short and segment.length(short) > left - len(segment.ellipsis):
        short = short[:-1]
    words = short.rpartition(" ")[0]
    if name[len(short)] != " " and 3 * len(words) >= 2 * len(short):
        short = words
    return short.rstrip(" .,-([&\u200d") + segment.ellipsis
