"""Cuts from a mail what its writer did not write: the quoted mail below or between, and a signature. In doubt it stays."""

from __future__ import annotations

import re

SIGNATURE_LINES_MOST = 12
ATTRIBUTION_MOST = 400
"""Characters of "On … wrote:"."""
_WRITERS = r"(?:wrote|writes|escribi[oó]|a [eé]crit|schrieb|ha scritto|escreveu|כתב(?:/ה|ה)?|님이 작성)"
_BEGUN = re.compile(rf"^\s*(?:(?:on|am|el|le|il|em)\b|ב|\d{{4}}년).{{4,300}}{_WRITERS}.{{0,120}}[:：]\s*$", re.IGNORECASE)
_ATTRIBUTION = re.compile(rf"^\s*\S.{{0,300}}{_WRITERS}.{{0,20}}[:：]\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s*(?:original message|mensaje original|message d['’]origine|urspr[üu]ngliche nachricht|원본 메시지|"
    r"הודעה מקורית|forwarded message|mensaje reenviado|message transf[ée]r[ée])\s*-{2,}\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\s*\*?(?:from|sent|date|to|subject|cc|de|enviado|para|asunto|envoy[ée]|[àa]|objet|von|gesendet|an|betreff|"
    r"מאת|נשלח|אל|נושא|보낸 사람|보낸 날짜|받는 사람|제목)\s*\*?\s*[:：]\*?\s*\S",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^\s*(?:(?:sent|get) (?:from|via) (?:my )?\S.{0,60}|get outlook for \S+.{0,60}|enviado desde (?:mi )?\S.{0,60}|"
    r"envoy[ée] (?:de|depuis) (?:mon )?\S.{0,60}|von meinem .{0,60} gesendet|נשלח מה\S.{0,60}|.{0,60}에서 보냄)\s*$",
    re.IGNORECASE,
)


def own_part(text: str) -> str:
    """Returns what the person wrote. A mail of which nothing would be left is returned whole."""
    lines = text.split("\n")
    kept = _without_signature(_without_quotes(_before_original(lines)))
    own = "\n".join(kept).strip()
    return _fewer_blank_lines(own) if own else _fewer_blank_lines(text.strip())


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
    for count, pattern in ((2, _BEGUN), (1, _ATTRIBUTION)):
        said = " ".join(kept[-count:])
        if len(kept) >= count and len(said) <= ATTRIBUTION_MOST and pattern.match(said):
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
