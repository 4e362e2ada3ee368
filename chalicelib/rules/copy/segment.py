"""The one segment that a text has: 160 characters of the GSM alphabet, or 70 of any other. Names are cut to fit it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from string import Template

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


@lru_cache(maxsize=4096)
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
    if name.isascii():  # as nearly every name is: each of its letters is in the alphabet
        return any(map(str.isalnum, text))
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


@dataclass(frozen=True, slots=True)
class SegmentWriter:
    """Fills templates with words until one fits the segment."""

    words: dict[str, str]
    segment: Segment
    nameless: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """(usual, short) words for a name that is missing, which are never cut."""

    def fits(self, text: str) -> bool:
        return self.segment.length(text) <= self.segment.size

    def fill(self, template: str, **other: str) -> str:
        return Template(template).substitute({**self.words, **other})

    def spare(self, template: str) -> int:
        """What a template leaves for the names of employer and callee."""
        return self.segment.size - self.segment.length(self.fill(template, employer="", callee=""))

    def known(self, templates: Sequence[str]) -> list[str]:
        """The templates whose fields are all known: no greeting without a name, no empty job."""
        return [text for text in templates if all(self.words[name] or f"${name}" not in text for name in ("person", "job"))]

    def first_that_fits(self, templates: Sequence[str]) -> str | None:
        return next((text for one in self.known(templates) if self.fits(text := self.fill(one))), None)

    def shortened(self, template: str) -> str:
        """Cuts the names of employer and callee to the space left: half each, and what the other does not need."""
        names = {"employer": self.words["employer"], "callee": self.words.get("callee", "")}
        names |= {name: short for name, (long, short) in self.nameless.items() if names[name] == long}
        spare, length = self.spare(template), self.segment.length
        if "$callee" not in template:
            return self.fill(template, employer=truncate(names["employer"], spare, self.segment))
        callee = truncate(names["callee"], max(spare // 2, spare - length(names["employer"])), self.segment)
        return self.fill(template, callee=callee, employer=truncate(names["employer"], spare - length(callee), self.segment))
