"""Transliterates texts to the GSM 03.38 alphabet, in which an SMS segment holds 160 characters.

With one character outside the alphabet a segment holds 70, and a message costs twice as much.
"""

from __future__ import annotations

import unicodedata

SMS_SEPTETS = 160
"""The length of one segment. Characters of the extension table count twice."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[]~|€")
_KNOWN = BASIC | EXTENSION

_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђјљњћџ"
_CYRILLIC_LATIN = "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya i yi ye g u dj j lj nj c dz"
_GREEK = "αβγδεζηθικλμνξοπρσςτυφχψω"
_GREEK_LATIN = "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
_SIGNS = {
    **dict.fromkeys("‘’‚‛′`´ʼʹ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\v\f\u2028\u2029\u1680\u180e", " "),
    **dict(zip("⁄•·‹›×÷¦", "/--<>x/|", strict=True)),
    **dict(zip("©®", ("(c)", "(R)"), strict=True)),
}
_LETTERS = {
    **dict(zip("łđðþœıħŧŋĸəſ", ["l", "d", "d", "th", "oe", "i", "h", "t", "ng", "k", "e", "s"], strict=True)),
    **dict(zip(_CYRILLIC, _CYRILLIC_LATIN.replace("-", "").split(" "), strict=True)),
    **dict(zip(_GREEK, _GREEK_LATIN.split(), strict=True)),
}
_CAPITALS = {letter.upper(): latin.capitalize() for letter, latin in _LETTERS.items() if len(letter.upper()) == 1}
_TABLE = {**_CAPITALS, **_LETTERS, **_SIGNS, "ẞ": "SS"}


def to_gsm7(text: str) -> str:
    """Returns `text` in GSM 03.38: plain accents and quotes, Cyrillic and Greek in Latin letters.

    Characters without an equivalent (Chinese, emoji) are left out.
    """
    if _KNOWN.issuperset(text):
        return text
    return "".join(_plain(character) for character in unicodedata.normalize("NFC", text))


def septets(text: str) -> int:
    """Returns the length of a GSM 03.38 text in septets. Raises ValueError for other characters."""
    characters = set(text)
    if foreign := characters - _KNOWN:
        raise ValueError(f"not in GSM 03.38: {sorted(foreign)!r}")
    return len(text) + sum(map(text.count, characters & EXTENSION))


def segments(text: str) -> int:
    """Returns how many messages a text is billed as: 160 septets fit one, or 70 UTF-16 units with any other character."""
    if _KNOWN.issuperset(text):
        length, alone, joined = septets(text), SMS_SEPTETS, 153
    else:
        length, alone, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)


def _plain(character: str) -> str:
    if character in _KNOWN:
        return character
    if character in _TABLE:
        return _TABLE[character]
    parts = unicodedata.normalize("NFKD", character)
    return "" if parts == character else "".join(_plain(part) for part in parts)
