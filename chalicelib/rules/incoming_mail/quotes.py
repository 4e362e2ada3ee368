"""Cuts from a mail what its writer did not write: the quoted mail below or between, and a signature. In doubt it stays."""

from __future__ import annotations

import re

SIGNATURE_LINES_MOST = 12
ATTRIBUTION_MOST = 400
"""Characters of "On … wrote:"."""
_WRITERS = (
    r"(?:wrote|writes|escribi[oó]|a [eé]crit|schrieb|schreef|ha scritto|escreveu|napisa[łl](?:\(a\)|a)?|skrev|כתב(?:/ה|ה)?|"
    r"님이 작성|写道|寫道)"
)
_BEGUN = re.compile(rf"^\s*(?:(?:on|am|el|le|il|em|op)\b|ב|\d{{4}}년).{{4,300}}{_WRITERS}.{{0,120}}[:：]\s*$", re.IGNORECASE)
_ATTRIBUTION = re.compile(rf"^\s*\S.{{0,300}}{_WRITERS}.{{0,20}}[:：]\s*$", re.IGNORECASE)
_WHO_AND_WHEN = re.compile(
    r"^(?=.*<[^<>\s]{1,64}@[^<>\s]{1,255}>)(?=.*(?<!\d)\d{1,2}\s?[:.h]\s?\d\d(?!\d))(?=.*[12]\d{3}).*[:：]$"
)
"""The line above a quoted mail, in whatever language: an address, a time and a year, and a colon at its end."""
_YEAR = re.compile(r"[12]\d{3}")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s*(?:original message|mensaje original|message d['’]origine|urspr[üu]ngliche nachricht|원본 메시지|"
    r"הודעה מקורית|forwarded message|mensaje reenviado|message transf[ée]r[ée])\s*-{2,}\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\s*\*?(?:from|sent|date|to|subject|cc|de|enviad[oa](?: e[lm])?|fecha|data|para|asunto|assunto|envoy[ée](?: le)?|[àa]|"
    r"objet|von|gesendet|datum|an|betreff|van|verzonden|aan|onderwerp|da|inviato|oggetto|od|wysłan[oey]|do|temat|"
    r"מאת|נשלח|תאריך|אל|נושא|보낸 사람|보낸 날짜|받는 사람|제목)\s*\*?\s*[:：]\*?\s*\S",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^\s*(?:(?:sent|get) (?:from|via|with) (?:my )?\S.{0,60}|get outlook for \S+.{0,60}|enviado desde (?:mi )?\S.{0,60}|"
    r"envoy[ée] (?:de|depuis) (?:mon )?\S.{0,60}|von meinem .{0,60} gesendet|נשלח מה\S.{0,60}|.{0,60}에서 보냄)\s*$",
    re.IGNORECASE,
)


def own_part(text: str) -> str:
    """Returns what the person wrote. A mail of which nothing would be left is returned whole."""
    return _fewer_blank_lines(_cut(text) or text.strip())


def has_own_part(text: str) -> bool:
    """Whether the person wrote anything but the line by which a phone signs."""
    own = _cut(text)
    return bool(own) and _DEVICE.match(own) is None


def _cut(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(_without_signature(_without_quotes(_before_unmarked_quote(_before_original(lines))))).strip()


def _before_original(lines: list[str]) -> list[str]:
    """Cuts at "Original Message", or at a block of three headers or more (Outlook), where something stands before it."""
    for number, line in enumerate(lines):
        block = number
        while block < len(lines) and _HEADER.match(lines[block]):
            block += 1
        if not (_ORIGINAL.match(line) or block - number >= 3):
            continue
        end = number
        while end and not lines[end - 1].strip(" _-"):
            end -= 1
        if any(one.strip() for one in lines[:end]):
            return lines[:end]
        return lines
    return lines


def _before_unmarked_quote(lines: list[str]) -> list[str]:
    """Cuts at "On … wrote:" with address, time and year, with words before it and unmarked ones after it (Yahoo)."""
    for number in range(1, len(lines)):
        if not _says_who_and_when(lines[number]):
            continue
        follows = next((line for line in lines[number + 1 :] if line.strip()), "")
        if follows and not follows.lstrip().startswith(">") and any(line.strip() for line in lines[:number]):
            return lines[:number]
    return lines


def _says_who_and_when(text: str) -> bool:
    """Whether a line, or two as one, can only stand above a quoted mail. One that is quoted itself is no such line."""
    plain = _DIRECTION.sub("", text[:ATTRIBUTION_MOST]).strip()
    return len(text) < ATTRIBUTION_MOST and not plain.startswith(">") and _WHO_AND_WHEN.match(plain) is not None


def _without_quotes(lines: list[str]) -> list[str]:
    """Drops lines that begin with ">", and the "On … wrote:" of one or two lines just before them."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if not line.lstrip().startswith(">"):
            kept.append(line)
            continue
        if number and not lines[number - 1].lstrip().startswith(">"):
            _drop_attribution(kept)
    return kept


def _drop_attribution(kept: list[str]) -> None:
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and _says_who_and_when(kept[-1]):
        del kept[-1:]
        return
    for count, pattern in ((2, _BEGUN), (1, _ATTRIBUTION)):
        said = " ".join(kept[-count:])
        begins_with_date = len(kept) >= count and _YEAR.search(kept[-count]) and _says_who_and_when(said)
        if len(kept) >= count and len(said) <= ATTRIBUTION_MOST and (pattern.match(said) or begins_with_date):
            del kept[-count:]
            return


def _without_signature(lines: list[str]) -> list[str]:
    """Drops what follows the line "-- " near the end, and "Sent from my phone" as the last line."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    for number in range(max(1, end - SIGNATURE_LINES_MOST), end):
        if lines[number].rstrip() == "--" and any(line.strip() for line in lines[:number]):
            return lines[:number]
    if end > 1 and _DEVICE.match(lines[end - 1]) and any(line.strip() for line in lines[: end - 1]):
        return lines[: end - 1]
    return lines[:end]


def _fewer_blank_lines(text: str) -> str:
    return re.sub(r"\n[ \t]*(?:\n[ \t]*){2,}", "\n\n", text)
