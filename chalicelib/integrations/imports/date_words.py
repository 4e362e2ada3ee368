"""Names of months and weekdays in the languages that dates are read in, and dates that hold them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

_MONTHS = (
    "jan january januar janvier janv enero ene gennaio gen januari janeiro jän jänner styczeń stycznia sty",
    "feb february februar février fevrier févr fév febrero febbraio februari fevereiro fev luty lutego lut",
    "mar march märz mrz maerz mär mars marzo maart mrt março marco marts marzec marca",
    "apr april avril avr abril abr aprile kwiecień kwietnia kwi",
    "may mai mayo maggio mag mei maio maj maja",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cze",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca lip",
    "aug august août aout agosto ago augustus augusti sierpień sierpnia sie",
    "sep sept september septembre septiembre settembre set setembro setiembre wrzesień września wrz",
    "oct october oktober okt octobre octubre ottobre ott outubro out październik października paź",
    "nov november novembre noviembre novembro listopad listopada lis",
    "dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro desember des grudzień grudnia gru",
)
_WEEKDAYS = (
    "mon monday mo montag lundi lun lunes lunedì maandag ma segunda seg poniedziałek poniedzialek pon måndag mandag "
    "月 月曜日 월 월요일",
    "tue tues tuesday di dienstag mardi martes martedì dinsdag mar terça ter wtorek wt tisdag tirsdag tis 火 火曜日 화 화요일",
    "wed weds wednesday mi mittwoch mercredi mer miércoles mié mercoledì woensdag wo quarta qua środa śr onsdag ons "
    "水 水曜日 수 수요일",
    "thu thur thurs thursday do donnerstag jeudi jeu jueves jue giovedì gio donderdag quinta qui czwartek czw torsdag tor "
    "木 木曜日 목 목요일",
    "fri friday fr freitag vendredi ven viernes vie venerdì vrijdag vr sexta sex piątek pt fredag fre 金 金曜日 금 금요일",
    "sat saturday sa samstag sonnabend samedi sam sábado sáb sabato zaterdag za sobota sob lördag lørdag lör lør "
    "土 土曜日 토 토요일",
    "sun sunday so sonntag dimanche dim domingo dom domenica zondag zo niedziela niedz nd söndag søndag sön søn "
    "日 日曜日 일 일요일",
)
_WEEKDAY = r"([^\W\d_]+)(?:-feira)?"
_WEEKDAY_FIRST = re.compile(rf"{_WEEKDAY}(?:\.,?|,)?\s+(?=\S)")
_WEEKDAY_THEN = re.compile(rf"\s*,?\s*(?:\({_WEEKDAY}\.?\)|{_WEEKDAY}\.?,?(?=\s))\s*,?")
_DAY_AND_WORD = re.compile(
    r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|[ºo.])?[\s-]+(?:(?:de|of)\s+)?"
    r"(?P<b>[^\W\d_]+)\.?,?[\s-]+(?:(?:de|del|of)\s+)?(?P<Y>\d{4})(?!\d)",
    re.IGNORECASE,
)
_WORD_AND_DAY = re.compile(r"(?P<b>[^\W\d_]+)\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<Y>\d{4})(?!\d)", re.IGNORECASE)
_DASHES = str.maketrans("\u2010\u2011\u2212", "---")
_LONG_DASHES = re.compile(r"(\d{1,4})–(\d{1,2})–(\d{1,4})")
_QUOTED = re.compile(r"['’‘](.*)|[\"“„”](.*)[\"“”]")
_ASIAN = re.compile(r"(\d{4})\s?(?:[年년]|\.\s)\s?(\d{1,2})\s?(?:[月월]|\.\s)\s?(\d{1,2})(?:\s?[日일]|\.)?(?=$|[\s(])")


def tidy(cell: str) -> str:
    """Return a date as it is meant: without marks of copying, with plain spaces, digits and hyphens."""
    text = " ".join(unicodedata.normalize("NFKC", cell).split()).translate(_DASHES)
    if match := _QUOTED.fullmatch(text):
        text = (match[1] or match[2] or "").strip("'’‘ ")
    return _ASIAN.sub(r"\1-\2-\3 ", _LONG_DASHES.sub(r"\1-\2-\3", text, count=1), count=1).strip()


def month_of(word: str) -> int | None:
    """Return the number of the month that a word names."""
    return _numbers()[0].get(_folded(word))


def weekday_of(word: str) -> int | None:
    """Return the day of the week that a word names; Monday is 0."""
    return _numbers()[1].get(_folded(word.removesuffix("-feira")))


def split_weekday(text: str, *, after_date: bool = False) -> tuple[str, int | None]:
    """Return a text without the weekday with which it begins, and that weekday; None where it begins with none."""
    match = (_WEEKDAY_THEN if after_date else _WEEKDAY_FIRST).match(text)
    weekday = weekday_of(next(word for word in match.groups() if word)) if match else None
    return (text, None) if match is None or weekday is None else (text[match.end() :], weekday)


def word_date(text: str) -> tuple[date, str] | None:
    """Read a date that begins a text and names its month, and return what stands after it; None where it is none."""
    match = _DAY_AND_WORD.match(text) or _WORD_AND_DAY.match(text)
    month = month_of(match["b"]) if match else None
    if match is None or month is None:
        return None
    try:
        return date(int(match["Y"]), month, int(match["d"])), text[match.end() :]
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _numbers() -> tuple[dict[str, int], dict[str, int]]:
    months = {_folded(word): number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
    return months, {_folded(word): number for number, words in enumerate(_WEEKDAYS) for word in words.split()}


def _folded(word: str) -> str:
    """Return a word without accents, which capitals often lack."""
    return "".join(char for char in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(char))
