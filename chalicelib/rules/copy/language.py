"""The languages of what candidates read, and the catalogue of each.

English is what stands in the code. Other languages are gettext catalogues (`locale/<language>/LC_MESSAGES/heardback.mo`), each
read at its first use: anyone who sends English loads none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from chalicelib.rules.model import LANGUAGES, Language, Stage

if TYPE_CHECKING:
    from gettext import NullTranslations

NAMES: dict[Language, str] = {"en": "English", "es": "Spanish", "fr": "French", "he": "Hebrew", "ko": "Korean"}
NATIVE_NAMES: dict[Language, str] = {"en": "English", "es": "Español", "fr": "Français", "he": "עברית", "ko": "한국어"}
RIGHT_TO_LEFT: frozenset[Language] = frozenset({"he"})
UCS2: frozenset[Language] = frozenset({"he", "ko"})
"""Languages whose texts are outside the GSM alphabet, so that a segment holds 70 characters."""
LRM = "\u200e"
"""Left-to-right mark. Before a number it keeps the "+" on its left within a right-to-left line."""
RLM = "\u200f"
"""Right-to-left mark. It begins a text that may open with a Latin name."""
_TWO_STOPS = re.compile(rf"(?<!\.)\.({LRM}?(?:</strong>)?)\.(?!\.)")
_OWN_DIRECTION = frozenset({"L", "R", "AL", "EN", "AN", "NSM"})
"""Classes of letters and digits: they keep their place beside a Latin name."""
_WEIGHT = re.compile(r"[01](?:\.[0-9]{1,3})?", re.ASCII)
_OLD_CODES = {"iw": "he"}


def mark(text: str) -> str:
    """Marks a constant for the catalogues. It is translated where it is used."""
    return text


def mark_short(text: str) -> str:
    """Marks a text of 70 characters: only languages of `UCS2` translate it."""
    return text


def mark_gsm(text: str) -> str:
    """Marks a text of 160 characters of the GSM alphabet: languages of `UCS2` do not translate it."""
    return text


YOUR_STAGE: dict[Stage, str] = {
    "screen": mark("your screening call"),
    "interview": mark("your interview"),
    "final": mark("your final interview"),
}
A_STAGE: dict[Stage, str] = {
    "screen": mark("a screening call"),
    "interview": mark("an interview"),
    "final": mark("a final interview"),
}
THE_STAGE: dict[Stage, str] = {
    "screen": mark("the screening call"),
    "interview": mark("the interview"),
    "final": mark("the final interview"),
}
EMPLOYER, HIRING_TEAM = mark("the employer"), mark("the hiring team")
CANDIDATE, JOB = mark("a candidate"), mark("a job")
"""What stands for a name that is missing, or of which nothing is left (`clean`)."""
_DAYS = mark("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday")
_MONTHS = mark("January, February, March, April, May, June, July, August, September, October, November, December")
_SHORT_DAYS = mark("Mon, Tue, Wed, Thu, Fri, Sat, Sun")
_SHORT_MONTHS = mark("Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep, Oct, Nov, Dec")
_COUNT_TO_TWELVE: frozenset[Language] = frozenset({"en", "es", "ko"})
"""Languages that have words for the halves of a day. The others write 24 hours everywhere."""


def language_of(locale: str | None, otherwise: Language = "en") -> Language:
    """Returns the language of a BCP 47 tag such as es-MX; `otherwise` where it is unknown or has no catalogue."""
    code = (locale or "").partition("-")[0].lower()
    code = _OLD_CODES.get(code, code)
    known = [one for wanted in (code, otherwise) for one in LANGUAGES if one == wanted]  # newer code may store another
    return known[0] if known else "en"


def language_accepted(header: str, otherwise: Language = "en") -> Language:
    """Returns the first language of an `Accept-Language` header that has a catalogue, by its weights."""
    wanted = []
    for part in header[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        wanted.append((-float(weight) if _WEIGHT.fullmatch(weight) else -1.0, tag.strip()))
    for _, tag in sorted(wanted, key=lambda one: one[0]):  # the sort keeps the order of equal weights
        code = tag.partition("-")[0].lower()
        if _OLD_CODES.get(code, code) in LANGUAGES:
            return language_of(tag)
    return otherwise


class Catalogue:
    """The words of one language. Fields stand in a text as `$name`; their values are never used as a template."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._translations = _translations(language)

    @property
    def direction(self) -> str:
        """Returns "rtl" or "ltr", as HTML's `dir` wants it."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def is_reviewed(self) -> bool:
        """Whether a native speaker reviewed the texts: the catalogue's `Last-Translator` says so."""
        return self._translations is None or "not yet reviewed" not in self._translations.info().get("last-translator", "")

    def text(self, message: str) -> str:
        """Returns the translation with its fields unfilled."""
        return self._translations.gettext(message) if self._translations else message

    def say(self, message: str, **fields: object) -> str:
        """Returns the translation with its fields filled. Raises KeyError where one is missing."""
        return _one_stop(Template(self.text(message)).substitute(self._kept_whole(fields)))

    def text_message(self, message: str) -> str:
        """Returns the translation of a text, unfilled. A right-to-left one begins with a mark: a Latin name may come first."""
        return (RLM if self.language in RIGHT_TO_LEFT else "") + self.text(message)

    def say_count(self, one: str, more: str, count: int, **fields: object) -> str:
        """Returns the plural form for `count`, which fills the field `$count`."""
        form = self._translations.ngettext(one, more, count) if self._translations else one if count == 1 else more
        return _one_stop(Template(form).substitute(self._kept_whole(fields), count=count))

    def _kept_whole(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Returns the fields so that a Latin name keeps its own marks in a right-to-left text: "Acme Inc." not ".Acme Inc"."""
        if self.language not in RIGHT_TO_LEFT:
            return fields
        return {name: marked(value) if isinstance(value, str) else value for name, value in fields.items()}

    def pair(self, label: str, value: str = "") -> str:
        """Returns "label: value" with the language's spacing; without a value only "label:"."""
        return self.say("$label: $value", label=label, value=value).rstrip()

    def stage(self, stage: Stage) -> str:
        """Returns "your final interview"."""
        return self.text(YOUR_STAGE[stage])

    def address(self, address: str) -> str:
        """Returns a number or an address so that it reads from left to right in a text of any direction."""
        return LRM + address if self.language in RIGHT_TO_LEFT else address

    def day(self, instant: datetime, zone: str) -> str:
        """Formats a day as in "Friday 5 June"."""
        if self.language == "en":
            from chalicelib.rules.copy import clock  # late: few messages name a day

            return clock.long_weekday(instant, zone)
        return self._day(instant, zone, _DAYS, _MONTHS, self.text("$weekday $day $month"))

    def short_day(self, instant: datetime, zone: str, now: datetime | None = None) -> str:
        """Formats a day as in "Fri 5 Jun"; with its year where it is far from `now`."""
        from chalicelib.rules.copy import clock  # late: few messages name a day

        if self.language == "en":
            return clock.day(instant, zone, now)
        day = self._day(instant, zone, _SHORT_DAYS, _SHORT_MONTHS, self.text("$weekday $day $month"))
        if now is None or not clock.is_far(instant, now):
            return day
        return self.say("$day $year", day=day, year=instant.astimezone(ZoneInfo(zone)).year)

    def moment(self, instant: datetime, zone: str, now: datetime | None = None) -> str:
        """Formats an instant as in "Fri 5 Jun, 2:00 pm", in the habit of the zone's country and of the language."""
        if self.language == "en":
            from chalicelib.rules.copy import clock  # late: few messages name a day

            return clock.moment(instant, zone, now)
        return f"{self.short_day(instant, zone, now)}, {self.time(instant, zone)}"

    def time(self, instant: datetime, zone: str) -> str:
        """Formats a time of day. French and Hebrew count 24 hours also where the country counts twelve."""
        if self.language not in _COUNT_TO_TWELVE:
            return f"{instant.astimezone(ZoneInfo(zone)):%H:%M}"
        from chalicelib.rules.copy import clock

        if self.language == "en":
            return clock.time_of_day(instant, zone)
        hour, _, half = clock.time_of_day(instant, zone).partition(" ")
        if not half:
            return hour
        return self.say("$hour am", hour=hour) if half.lower() == "am" else self.say("$hour pm", hour=hour)

    def full_day(self, instant: datetime, zone: str) -> str:
        """Formats a day with its year, as in "Friday 5 June 2026"."""
        year = instant.astimezone(ZoneInfo(zone)).year
        if self.language == "en":
            from chalicelib.rules.copy import clock

            return clock.full_day(instant, zone)
        return self.say("$day $year", day=self.day(instant, zone), year=year)

    def _day(self, instant: datetime, zone: str, days: str, months: str, form: str) -> str:
        wall = instant.astimezone(ZoneInfo(zone))
        number = "1er" if self.language == "fr" and wall.day == 1 else str(wall.day)
        names = {"weekday": self.text(days).split(", ")[wall.weekday()], "month": self.text(months).split(", ")[wall.month - 1]}
        return Template(form).substitute(names, day=number)


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: Language) -> Catalogue:
    """Returns a language's words, read from its file once."""
    return Catalogue(language)


def _one_stop(text: str) -> str:
    """Returns a text in which a sentence that ends with an abbreviation, "30 nov.", has one full stop; "..." stays."""
    doubled = ".." in text or ".</strong>." in text or LRM in text
    return _TWO_STOPS.sub(r".\1", text) if doubled else text


def marked(name: str) -> str:
    """Returns a Latin name with a left-to-right mark at an end that has no direction of its own, such as a full stop.

    A link stays as it is: an address with a mark is another address.
    """
    directions = [bidirectional(char) for char in name]
    if next((one for one in directions if one in ("L", "R", "AL")), None) != "L" or "://" in name or name.startswith("<a "):
        return name
    before, after = (LRM if one not in _OWN_DIRECTION else "" for one in (directions[0], directions[-1]))
    return before + name + after if before or after else name


def capitalized(phrase: str) -> str:
    """Returns a phrase with its first letter as a capital, the rest as it is."""
    return phrase[:1].upper() + phrase[1:]


def greeting(person: str, said: Catalogue) -> str:
    """Returns "Hello Sam," or "Hello," without a name."""
    return said.say("Hello $person,", person=person) if person else said.text("Hello,")


def _translations(language: Language) -> NullTranslations | None:
    if language == "en":
        return None
    from gettext import GNUTranslations
    from importlib.resources import files

    folder = files("chalicelib.rules.copy") / "locale" / language / "LC_MESSAGES"
    with (folder / "heardback.mo").open("rb") as file:
        return GNUTranslations(file)
