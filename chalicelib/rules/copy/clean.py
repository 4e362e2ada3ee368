"""Cleans names that strangers typed, before they are put into a text, mail, calendar entry or page.

A name may hold no link, no domain, no address and no number to call: a message comes from our domain and is trusted. What is
found is left out with the whole word around it. Look-alikes are compared with the signs that they look like or become: "evil․com"
(U+2024), "ｅｖｉｌ．ｃｏｍ", "evil[.]com" and "evil dot com" are domains. Call it after any transliteration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

EMPLOYER = "the employer"
CANDIDATE = "a candidate"
INTERVIEW = "your interview"
JOB = "a job"
LONGEST_NAME = 200
LONGEST_NOTE = 500

_HARMLESS = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ ,'&()-]{0,200}")
"""Nearly every name: no dot, digit, slash, colon or "@". It is looked through for the words of `_SPELLED_OUT` only."""
_SPELLED_OUT = re.compile(r"\b(?:dot|at|punkt|punto|ponto|point|www|https?|hxxps?)\b", re.IGNORECASE)

_DOTS = "\u2024\ufe52\uff0e\u3002\uff61\u00b7\u0387\u2027\u2219\u22c5\u2e33\ua4f8\u06d4\u0701\u0702\U00010a50"
_SLASHES = "\u2044\u2215\u29f8\u2571\u27cb\u3033\u2cc6"
_COLONS = "\ua789\u2236\u02d0\u0589\u05c3\u205a\ufe13\ufe30"
_ALIKE = {
    **dict.fromkeys(_DOTS, "."),
    **dict.fromkeys(_SLASHES, "/"),
    **dict.fromkeys(_COLONS, ":"),
    **dict(zip("аеорсухіјѕԁһӏмтвнкгп", "aeopcyxijsdhlmtbhkrn", strict=True)),
    **dict(zip("αορνικτυγ", "aopviktuy", strict=True)),
    "ı": "i",
    "ł": "l",
}
_DOT_OR_DIGIT = frozenset("\u0660\u06f0")
"""Arabic zeros. Between letters they are seen as dots."""
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs that show nothing."""
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but Persian and Sinhala names are wrong without them."""

_GENERIC = "com|net|org|info|biz|xyz|io|online|site|shop|top|app|dev|link|click|live|club|pro|example|test"
_DOT_WORD = r"(?:dot|punkt|punto|ponto|point)"
_LINKS = (
    re.compile(r"[\w-]\.{1,2}[^\W\d_][\w-]"),  # evil.example, evil..example, also in another script
    re.compile(r"\d{1,3}(?:\.\d{1,3}){3}"),  # 192.0.2.1
    re.compile(r"\b(?:https?|hxxps?|www)\b|\w:/|//|\b(?:mailto|tel|sms|javascript|data):", re.ASCII),
    re.compile(r"@"),
    re.compile(rf"(?:\w+\s*)?[\[({{<]\s*(?:\.|{_DOT_WORD})\s*[\])}}>](?:\s*\w+)?"),  # evil[.]com
    re.compile(r"(?:\w+\s*)?[\[({<]\s*at\s*[\])}>](?:\s*\w+)?"),
    re.compile(rf"\w+\s+\.\s*(?:{_GENERIC})\b"),  # evil .com
    re.compile(r"\w+(?<!\bsr)(?<!\bjr)\.\s+(?:com|net|org|biz|xyz)\b"),  # evil. com
    re.compile(rf"\w+[\s_-]+{_DOT_WORD}[\s_-]+(?:{_GENERIC})\b"),  # evil dot com
    re.compile(r"\w+[\s_-]+dot[\s_-]+[a-z]{2}\b"),
)
_NUMBERS = (
    re.compile(r"[+(]*\d(?:[\W_]{0,4}\d){6,}"),  # seven digits or more, written in any way
    re.compile(r"\+?\d{5,}"),  # a short code
    re.compile(r"(?<!\d)\d{3}[\s.-]\d{3}(?!\d)"),  # 118 118
    re.compile(r"[*#]+\d[\d*#]+"),
    re.compile(r"\b1[\W_]{1,2}\(?[89]\d\d\)?[\W_]{1,3}[a-z\d](?:-?[a-z\d]){6,}"),  # 1-900-CALLNOW
)
_TECHNOLOGY = (
    (re.compile(r"\b(ASP|ADO|VB|ML)\s?\.NET\b", re.IGNORECASE), r"\1 dotnet"),
    (re.compile(r"(?<![\w.])\.NET\b", re.IGNORECASE), "dotnet"),
    (re.compile(r"\b(Node|Vue|Next|Nuxt|React|Express|Ember|Backbone|Three|D3|Nest)\.js\b", re.IGNORECASE), r"\1 JS"),
)
"""Job titles that look like domains, and what they become."""
_TITLE = re.compile(
    r"\b(St|Dr|Mr|Mrs|Ms|Prof|Jr|Sr|Mme|Sra)\.(?=[^\W\d_])|\b([BM])\.(?=(?:Sc|Tech|Eng|Ed|Phil|Arch|Pharm)\b)", re.IGNORECASE
)


def clean(text: str, otherwise: str = "") -> str:
    """Returns a name on one line without links, domains, addresses and numbers; `otherwise` where nothing is left."""
    return _cleaned(text) or otherwise


def clean_note(text: str) -> str:
    """Returns a note to one person on one line, without links, domains, addresses and numbers; empty where nothing is left."""
    return _cleaned(text, LONGEST_NOTE)


def clean_person(name: str) -> str:
    """Returns a person's name to greet with; empty where it holds a digit, a link or signs that no name has."""
    line = one_line(name)
    if _NO_NAME.search(line):  # what cleaning leaves of it is either the same or not the name
        return ""
    return line if _cleaned(name) == line else ""


_NO_NAME = re.compile(r"[\d:/@\\<>_=%$#&]|\.\w{2}")


def one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """Returns `text` for a subject line: no control or direction characters, at most 200 characters, or `longest`."""
    visible = text if text.isprintable() else _visible(text)  # quick path: nearly every name is printable
    line = " ".join(visible.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _visible(text: str) -> str:
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cs", "Cf") or c in _JOINERS)


@lru_cache(maxsize=4096)
def _cleaned(text: str, longest: int = LONGEST_NAME) -> str:
    line = one_line(text, longest)
    if _HARMLESS.fullmatch(line) and not _SPELLED_OUT.search(line):
        return line
    for pattern, plain in _TECHNOLOGY:
        line = pattern.sub(plain, line)
    line = _TITLE.sub(lambda found: f"{found[0]} ", line)
    before = line
    while spans := list(_suspicious(line)):
        line = _without(line, spans)
    line = line if line == before else _tidy(line)
    return line if any(map(str.isalnum, _skeleton(line)[0])) else ""


def _suspicious(line: str) -> Iterator[tuple[int, int]]:
    """Yields (start, end) of what must go. A link takes its whole word with it."""
    plain, origin = _skeleton(line)
    for pattern in _LINKS:
        for found in pattern.finditer(plain):
            start, end = found.span()
            while start > 0 and not plain[start - 1].isspace():
                start -= 1
            while end < len(plain) and not plain[end].isspace():
                end += 1
            yield origin[start], origin[end - 1] + 1
    for pattern in _NUMBERS:
        for found in pattern.finditer(plain):
            yield origin[found.start()], origin[found.end() - 1] + 1


def _skeleton(line: str) -> tuple[str, list[int]]:
    """Returns what a reader or a mail client sees, in plain signs, and which character each of them comes from."""
    plain: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(line):
        around = line[index - 1 : index] + line[index + 1 : index + 2]
        for part in _seen_among(character, around):
            plain.append(part)
            origin.append(index)
    return "".join(plain), origin


def _seen_among(character: str, around: str) -> str:
    if character in _DOT_OR_DIGIT and not any(unicodedata.category(one) == "Nd" for one in around):
        return "."
    if character == "·" and around.casefold() == "ll":  # Catalan: "Il·lusió"
        return "-"
    return _seen_as(character)


@lru_cache(maxsize=4096)
def _seen_as(character: str) -> str:
    if character in _ALIKE:
        return _ALIKE[character]
    found = []
    for part in unicodedata.normalize("NFKD", character).casefold():
        category = unicodedata.category(part)
        if part in _ALIKE:
            found.append(_ALIKE[part])
        elif category == "Nd":
            found.append(str(unicodedata.decimal(part)))
        elif category[0] == "Z":
            found.append(" ")
        elif category == "Pd":
            found.append("-")
        elif category not in ("Mn", "Me", "Cf", "Cc", "Cs") and part not in _BLANK:
            found.append(part)
    return "".join(found)


def _without(line: str, spans: list[tuple[int, int]]) -> str:
    gone = {index for start, end in spans for index in range(start, end)}
    kept = "".join(" " if index in gone else character for index, character in enumerate(line))
    return " ".join(kept.split())


def _tidy(line: str) -> str:
    """Takes away signs that stood around what was left out."""
    line = re.sub(r"[(\[{<]\s*[)\]}>]", " ", line)
    line = re.sub(r"\s+([,;:.!?])", r"\1", " ".join(line.split()))
    return line.lstrip(" ,;:|/=>)]}*&~-–—").rstrip(" ,;:|/+=<([{*&~@-–—")
