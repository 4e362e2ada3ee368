"""Decodes a text file. A wrong encoding is not guessed: the error shows how the names read in the likely ones."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

from chalicelib.errors import FieldError, Unprocessable

ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-5",
    "iso-8859-7",
    "iso-8859-9",
    "iso-8859-15",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "ibm437",
    "ibm850",
    "ibm852",
    "ibm866",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
)
_CODECS = {"windows-874": "cp874", "macintosh": "mac-roman", "shift_jis": "cp932", "euc-kr": "cp949"}
_LIKELY = tuple(name for name in ENCODINGS if not name.startswith(("utf-", "iso-8859-1", "iso-8859-5")))
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_TEXT = "is neither text nor a workbook (.xlsx, .xls, .ods): it holds zero bytes"
PROPOSED_MOST, SAMPLES, SAMPLE_MOST, LOOKED_AT = 5, 3, 40, 200_000


def read_encoding(value: str) -> str:
    """Read a query's `encoding`, by any usual name. Raises ValueError."""
    wanted = value.strip().lower()
    if wanted in ENCODINGS:
        return wanted
    try:
        known = codecs.lookup(wanted).name
    except (LookupError, ValueError):
        known = ""
    for name in ENCODINGS:
        if known and codecs.lookup(_codec(name)).name == known:
            return name
    raise ValueError(f"must be one of {', '.join(ENCODINGS)}")


def decode(raw: bytes, encoding: str | None) -> str:
    """Decode a text. A byte order mark says what the text is; without one and without `encoding` it is UTF-8.

    Raises Unprocessable with the likely encodings, each with names as they would be read.
    """
    marked = next((codec for mark, codec in _MARKS if raw.startswith(mark)), None)
    codec = marked or _codec(encoding or "utf-8")
    name = encoding or "utf-8"
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _unreadable("is text in UTF-32: save it as UTF-8")
    if not marked and encoding is None and b"\0" in raw and (likely := _utf_16(raw)):
        raise _refused(raw, name, 1, f"is not {name}: it looks like {likely}", [(likely, _samples(raw, likely))])
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        if b"\0" in raw and not codec.startswith("utf-16"):
            raise _unreadable(_NO_TEXT) from None
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused(raw, name, line, f"byte 0x{raw[error.start]:02X} in this line is not {name}") from None
    if "\0" in text:
        raise _unreadable(_NO_TEXT)
    return text.lstrip("\ufeff").removesuffix("\x1a")  # the mark by which DOS ended a text


def _unreadable(message: str) -> Unprocessable:
    return Unprocessable("The file cannot be read.", code="unreadable_file", errors=[FieldError("", message)])


def choices(raw: bytes) -> list[tuple[str, list[str]]]:
    """List the likely encodings of a text, each with samples; none where a mark or its bytes say what it is."""
    if any(raw.startswith(mark) for mark, _ in _MARKS):
        return []
    if b"\0" in raw:
        likely = _utf_16(raw)
        return [(likely, _samples(raw, likely))] if likely else []
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return propose(raw)
    return []


def _codec(name: str) -> str:
    return _CODECS.get(name, name)


def _utf_16(raw: bytes) -> str | None:
    """Return the UTF-16 form of a text without a mark, in which every second byte is zero in Latin text."""
    head = raw[:2000]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if len(raw) % 2 or max(odd, even) < len(head) * 0.2 or min(odd, even) > len(head) * 0.05:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _refused(raw: bytes, name: str, line: int, found: str, proposals: list[tuple[str, list[str]]] | None = None) -> Unprocessable:
    proposals = propose(raw, name) if proposals is None else proposals
    errors = [
        FieldError(
            f"/{line}",
            f"{found}: save the file as UTF-8, or say ?encoding= with the one below in which the names are right, "
            f"like ?encoding={(proposals or [('windows-1252', [])])[0][0]}",
        )
    ]
    for proposal, samples in proposals:
        shown = ", ".join(f"“{sample}”" for sample in samples)
        errors.append(FieldError("?encoding", f"{proposal} reads {shown}"))
    return Unprocessable("The file cannot be read.", code="unreadable_file", errors=errors)


def propose(raw: bytes, refused: str = "utf-8") -> list[tuple[str, list[str]]]:
    """List likely encodings, the likeliest first, each with decoded samples. No two show the same."""
    found: list[tuple[int, int, str, list[str]]] = []
    for order, name in enumerate(_LIKELY):
        if name != refused and (samples := _samples(raw, name)):
            found.append((_oddity(samples), order, name, samples))
    shown: set[tuple[str, ...]] = set()
    proposals: list[tuple[str, list[str]]] = []
    for _, _, name, samples in sorted(found):
        if tuple(samples) not in shown:
            shown.add(tuple(samples))
            proposals.append((name, samples))
    return proposals[:PROPOSED_MOST]


def _samples(raw: bytes, name: str) -> list[str]:
    """Return decoded cells that tell encodings apart; none where the bytes are not of this encoding."""
    try:
        text = raw.decode(_codec(name))
    except UnicodeDecodeError:
        return []
    return list(dict.fromkeys(_telling_cells(text[:LOOKED_AT])))[:SAMPLES]


def _telling_cells(text: str) -> Iterator[str]:
    cells = [cell.strip(' "') for line in text.splitlines() for cell in re.split(r"[,;\t|]", line)]
    telling = [cell for cell in cells if cell and not cell.isascii()]
    yield from (cell[:SAMPLE_MOST] for cell in telling or [cell for cell in cells if cell][:1])


def _oddity(samples: list[str]) -> int:
    """Return how unlike names the samples are: signs, unknown characters, capitals within words, mixed
    scripts, Latin words of accented letters alone."""
    odd = 0
    for word in re.split(r"\s+", " ".join(samples)):
        scripts = set()
        for at, char in enumerate(word):
            category = unicodedata.category(char)
            if category.startswith("L"):
                scripts.add(unicodedata.name(char, "?").split(" ")[0])
                odd += bool(at and category == "Lu" and unicodedata.category(word[at - 1]) == "Ll") * 2
                odd += not char.isascii() and category == "Lo" and "LATIN" in scripts
            elif not char.isascii():
                odd += 4 if category[0] in "CNS" else 2
        odd += 3 * max(0, len(scripts) - 1)
        letters = [char for char in word if char.isalpha()]
        odd += 2 * (scripts == {"LATIN"} and len(letters) > 2 and not any(char.isascii() for char in letters))
    return odd
