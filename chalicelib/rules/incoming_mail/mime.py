"""Reads a mail that may be made to do harm: MIME under limits, text in any charset, attachments counted and not read.

The standard library's parser recurses into nested parts, and its readers of headers can take quadratic time. So the raw bytes are
counted before they are parsed, only short headers are read, and the policy is the one that parses no header by itself.

Who wrote a mail is told only where every reader finds the same: SES checked the domain of the From that *it* read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message

from chalicelib.rules.incoming_mail.html_text import html_to_text
from chalicelib.rules.reply_text import CONTROLS

BYTES_MOST = 2 * 1024 * 1024
"""So much of a mail is read: text stands at its beginning, and attachments after it."""
PARTS_MOST = 200
NESTED_MOST = 12
HEADERS_MOST = 500
HEADER_MOST = 4_000
"""Characters of one header that is read."""
TEXT_BYTES_MOST = 128 * 1024
"""Bytes of one part that are decoded to text."""
CALENDAR_BYTES_MOST = 1024 * 1024
CALENDARS_MOST = 5
_Part = Message
_CONTAINERS = re.compile(rb"^content-type[ \t]*:[ \t\r\n]*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_CONTAINERS_MOST = 60
_CONTENT_HEADERS = re.compile(rb"^content-[a-z-]{1,40}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_BOUNDARIES = re.compile(rb"^--\S", re.MULTILINE)
_BOUNDARIES_MOST = 1_000
_NO_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}
"""Codecs of Python that no mail is written in; one takes quadratic time."""
_MAY_BE_UTF8 = {"utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit", "x-unknown"}
_NO_WESTERN = re.compile(rb"[\x00\xfe\xff]")
_LEGACY_ORDER = re.compile(r"(?<=iso-8859-[68])-[ei]$")
"""How letters are ordered in a line, of Hebrew and Arabic charsets: the letters are the same."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ADDRESS = re.compile(r"[^\s<>,;:()\[\]\\\"@]{1,64}@[^\s<>,;:()\[\]\\\"@]{1,255}")
_MAILBOX = re.compile(rf'(?:[^@<>\\]*<\s*(?:{_ADDRESS.pattern})\s*>|\s*(?:{_ADDRESS.pattern}))\s*(?:\([^()@<>"]*\))?\s*')
"""A From of one address that can be understood in one way only: alone, or in angle brackets after a name. Each quoted part of the
name stands in it as one quotation mark."""
_FROM_LINE = re.compile(rb"^from[ \t]*:", re.IGNORECASE | re.MULTILINE)
_BARE_CR, _BARE_LF = re.compile(rb"\r(?!\n)"), re.compile(rb"(?<!\r)\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}@[!-;=?-~]{1,250}>")


class UnreadableMail(ValueError):
    """The mail is nested too deeply, or has too many parts or headers."""


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """What a mail says. `senders` are the addresses of its From headers, as they were written.

    There is exactly one only where the header names one address in one way: else there are none, or several.
    """

    senders: tuple[str, ...]
    subject: str
    message_id: str | None
    references: tuple[str, ...]
    """The ids in References and In-Reply-To, as written, oldest first."""
    headers: dict[str, str]
    """Short headers by their name in lower case; the first of each name."""
    content_type: str
    text: str
    attachments: int
    """Parts that were neither shown nor kept. Of a cut mail: those before the cut."""
    calendars: tuple[bytes, ...]
    """The calendar parts, wherever they stand, also in a forwarded message."""


def read_mail(raw: bytes) -> IncomingMail:
    """Reads a mail. Raises UnreadableMail."""
    raw = raw[:BYTES_MOST]
    _refuse_bombs(raw)
    try:
        return _read(message_from_bytes(raw), raw)
    except (RecursionError, MessageError) as error:
        raise UnreadableMail(type(error).__name__) from None


def _refuse_bombs(raw: bytes) -> None:
    """Counts what the parser would work on. Raises UnreadableMail."""
    if len(_CONTAINERS.findall(raw)) > _CONTAINERS_MOST or len(_BOUNDARIES.findall(raw)) > _BOUNDARIES_MOST:
        raise UnreadableMail("too many parts")
    total = 0
    for header in _CONTENT_HEADERS.finditer(raw):
        length = header.end() - header.start()
        total += length
        if length > HEADER_MOST or total > HEADER_MOST * 50:
            raise UnreadableMail("a header is too long")
    if _HEAD_END.split(raw, maxsplit=1)[0].count(b"\n") > HEADERS_MOST * 4:
        raise UnreadableMail("too many headers")


def _read(message: _Part, raw: bytes) -> IncomingMail:
    named = _short_headers(message)
    texts: list[str] = []
    pages: list[str] = []
    calendars: list[bytes] = []
    attachments = 0
    for part, forwarded in _leaves(message):
        kind = part.get_content_type()
        is_calendar = kind in ("text/calendar", "application/ics") or _file_name(part).endswith(".ics")
        if is_calendar and len(calendars) < CALENDARS_MOST:
            calendars.append(_calendar_of(part))
        if forwarded or part.get_content_disposition() == "attachment" or kind not in ("text/plain", "text/html"):
            attachments += not forwarded
        elif kind == "text/plain":
            texts.append(_text_of(part))
        else:
            pages.append(_text_of(part))
    text = "\n".join(one for one in texts if one.strip()) or "\n".join(html_to_text(page) for page in pages)
    found = " ".join(named.get(name, [""])[0] for name in ("references", "in-reply-to"))
    forwarded_messages = sum(1 for part in _children(message) if part.get_content_type() == "message/rfc822")
    return IncomingMail(
        senders=_senders(named.get("from", []), raw),
        subject=clean_text(_decoded(named.get("subject", [""])[0])),
        message_id=_first_id(named.get("message-id", [""])[0]),
        references=tuple(_MESSAGE_ID.findall(found)),
        headers={name: values[0] for name, values in named.items()},
        content_type=message.get_content_type(),
        text=clean_text(text),
        attachments=attachments + forwarded_messages,
        calendars=tuple(calendars),
    )


def _short_headers(message: _Part) -> dict[str, list[str]]:
    """The headers as they were sent, unfolded, without those that are too long to be read safely. Raises UnreadableMail."""
    found: dict[str, list[str]] = {}
    items = list(message.raw_items())
    if len(items) > HEADERS_MOST:
        raise UnreadableMail("too many headers")
    for name, value in items:
        if len(value) <= HEADER_MOST:
            found.setdefault(name.lower(), []).append(_unfolded(str(value)))
    return found


def _unfolded(text: str) -> str:
    return " ".join(CONTROLS.sub(" ", text.encode("utf-8", "replace").decode()).split())


def _senders(headers: list[str], raw: bytes) -> tuple[str, ...]:
    """The addresses of the From headers; none where another reader may find another From in the same bytes."""
    end = _HEAD_END.search(raw)
    head = raw[: end.start()] if end else raw
    by_crlf = b"\r\n" in head or (end is not None and end[0] == b"\r\n\r\n")
    mixed = _BARE_LF.search(head) if by_crlf else b"\r\n\r\n" in raw
    is_odd_end = end is not None and end[0] != (b"\r\n\r\n" if by_crlf else b"\n\n")
    if mixed or is_odd_end or _BARE_CR.search(head) or len(_FROM_LINE.findall(head)) != len(headers):
        return ()
    found = [_addresses(header) for header in headers]
    return tuple(address for one in found for address in one) if all(found) else ()


def _addresses(header: str) -> list[str]:
    """Returns the one address of a From header; of one that can be understood otherwise, all that stand in it, or none.

    `a@x.example <b@y.example>` has two, and so is nobody's. `a@x.example <"b"@y.example>` and `b(a@x.example)@y.example` are b's,
    and only look like a's.
    """
    names = _QUOTED.findall(header)
    plain = _QUOTED.sub('"', header)
    found: list[str] = _ADDRESS.findall(plain)
    is_odd = plain.count('"') != len(names) or any("\\" in name and "@" in name for name in names)
    if names and ("(" in plain or ")" in plain):  # a comment may hold a quotation mark, and a quoted name a bracket
        is_odd = True
    if len(found) == 1 and (is_odd or not _MAILBOX.fullmatch(plain)):
        return []
    return found


def _decoded(header: str) -> str:
    try:
        return _unfolded(str(make_header(decode_header(header))))
    except (MessageError, LookupError, UnicodeError, ValueError):
        return header


def _leaves(message: _Part) -> Iterator[tuple[_Part, bool]]:
    """Yields the parts that hold something, and whether each stands in a forwarded message. Raises UnreadableMail."""
    left: list[tuple[_Part, bool, int]] = [(message, False, 0)]
    count = 0
    while left:
        part, forwarded, depth = left.pop()
        count += 1
        if count > PARTS_MOST or depth > NESTED_MOST:
            raise UnreadableMail("too many parts, or nested too deeply")
        if part.is_multipart():
            inside = forwarded or part.get_content_maintype() == "message"
            left += [(one, inside, depth + 1) for one in reversed(_children(part))]
        else:
            yield part, forwarded


def _children(part: _Part) -> list[_Part]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _file_name(part: _Part) -> str:
    try:
        return _decoded(part.get_filename() or "").lower()[-50:]
    except (ValueError, LookupError, UnicodeError, AttributeError, IndexError):
        return ""


def _bytes_of(part: _Part) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def _text_of(part: _Part) -> str:
    """Decodes a part by its charset, or as UTF-8 where that is unknown or wrong; bytes that fit none are shown as U+FFFD.

    A part that claims to be UTF-8 or names none, and is not, is mostly of old Western programs.
    """
    raw = _bytes_of(part)[:TEXT_BYTES_MOST]
    text = _by_charset(part, raw)
    return _utf8_or_western(raw) if text is None else text


def _calendar_of(part: _Part) -> bytes:
    """Returns a calendar in UTF-8, or as it was sent where its part names no other charset."""
    raw = _bytes_of(part)[: CALENDAR_BYTES_MOST + 1]  # one that is too long stays so, and is not taken for one cut off
    text = _by_charset(part, raw)
    return raw if text is None else text.encode("utf-8", "replace")


def _by_charset(part: _Part, raw: bytes) -> str | None:
    """Decodes by the charset that a part names. None where it names none, one that is not known, or UTF-8."""
    try:
        charset = _LEGACY_ORDER.sub("", part.get_content_charset("utf-8"))
        if charset not in _MAY_BE_UTF8 | _NO_CHARSETS:
            return raw.decode(charset, "replace")
    except (LookupError, UnicodeError, ValueError):
        pass
    return None


def _utf8_or_western(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    is_western = text.count("\ufffd") * 4 >= sum(byte > 0x7F for byte in raw) > 0 and not _NO_WESTERN.search(raw)
    return raw.decode("cp1252", "replace") if is_western else text


def _first_id(text: str) -> str | None:
    found = _MESSAGE_ID.search(text)
    return found[0] if found else None


def clean_text(text: str) -> str:
    """Returns a text with line feeds alone as ends of lines, and without control characters and lone surrogates."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return CONTROLS.sub("", lines).replace("\u00a0", " ").strip()
