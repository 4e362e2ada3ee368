"""The one canonical form of an email address, a phone number and a name.

Every comparison, hash, map, cap and opt-out uses these forms. What is stored and shown stays as it was given.

    canonical_email("Sam@Bücher.example ")  "sam@xn--bcher-kva.example"
    canonical_phone("+54 9 11 2345-6789")   "+541123456789"
    canonical_name("O’Brien,  Zoë")         "o brien zoë"
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

_DIALLED = re.compile(r"\+[0-9\s().\-/\u2010-\u2015]*")
_MEXICO = re.compile(r"\+521(\d{10})", re.ASCII)
_ARGENTINA = re.compile(r"\+549(\d{10})", re.ASCII)
_BRAZIL = re.compile(r"\+55(\d\d)9([6-9]\d{7})", re.ASCII)
"""A mobile number with the ninth digit of 2012. Numbers that continue with 1 to 5 are newer than the change: without the
digit they would equal a landline."""
_GMAIL = ("gmail.com", "googlemail.com")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")


@lru_cache(maxsize=4096)
def canonical_email(address: str) -> str:
    """Returns the address trimmed, in NFC and case folded, with its domain in IDNA ASCII. Refuses nothing."""
    local, at, domain = address.strip().rpartition("@")
    return f"{_folded(local, 'NFC')}{at}{ascii_domain(domain)}"


def mailbox(address: str) -> str:
    """Returns the mailbox that an address most likely leads to, for limits: without what follows a "+". Not for sending.

    Gmail does not read dots, so that one mailbox has thousands of addresses there.
    """
    local, at, domain = canonical_email(address).rpartition("@")
    name = local.partition("+")[0] or local
    if domain in _GMAIL:
        name, domain = name.replace(".", "") or name, _GMAIL[0]
    return f"{name}{at}{domain}"


@lru_cache(maxsize=1024)
def ascii_domain(domain: str) -> str:
    """Returns a domain in lower-case ASCII, each label in IDNA 2008 form ("xn--..."). Refuses nothing.

    The standard library's codec follows IDNA 2003, which makes "faß.example" another company's domain.
    """
    return ".".join(_ascii_label(label) for label in _DOTS.split(domain.strip())).rstrip(".")


@lru_cache(maxsize=4096)
def canonical_phone(number: str) -> str:
    """Returns an E.164 number for comparison, without the digits that only some write. Not for dialling.

    These are the Mexican 1 and the Argentinian 9 after the country code, and the Brazilian ninth digit.
    """
    digits = _digits(number)
    for pattern, replacement in ((_MEXICO, r"+52\1"), (_ARGENTINA, r"+54\1"), (_BRAZIL, r"+55\1\2")):
        if pattern.fullmatch(digits):
            return pattern.sub(replacement, digits)
    return digits


@lru_cache(maxsize=4096)
def spellings_of_phone(number: str) -> tuple[str, ...]:
    """Lists every E.164 spelling of a number, the canonical one first. Older items are stored under any of them."""
    canonical = canonical_phone(number)
    code, national = canonical[:3], canonical[3:]
    longer = {"+52": f"+521{national}", "+54": f"+549{national}", "+55": f"+55{national[:2]}9{national[2:]}"}.get(code)
    return (canonical, longer) if longer and canonical_phone(longer) == canonical else (canonical,)


def dialled_phone(number: str, extension: str | None) -> str:
    """Returns a number as people dial it: "+12025550123 ext. 45"."""
    return f"{number} ext. {extension}" if extension else number


def tel_link(dialled: str) -> str:
    """Returns the link that dials a number with its extension (RFC 3966). The number may be grouped."""
    number, _, extension = dialled.partition(" ext. ")
    number = "".join(char for char in number if char in "+0123456789")
    return f"tel:{number};ext={extension}" if extension else f"tel:{number}"


def mail_link(address: str) -> str:
    """Returns the link that writes to an address (RFC 6068): an address may hold "?" and "%", which mean more in one."""
    return f"mailto:{quote(address, safe='@+')}"


def canonical_address(address: str) -> str:
    """Returns the canonical form of an address that may be an email address or a phone number."""
    return canonical_email(address) if "@" in address else canonical_phone(address)


@lru_cache(maxsize=4096)
def canonical_name(name: str) -> str:
    """Returns the name in NFKC and case folded, with each run of white space and punctuation as one space.

    Invisible characters are left out. A name without any letter or digit keeps its signs.
    """
    folded = _folded("".join(c for c in name if unicodedata.category(c) != "Cf"), "NFKC")
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded).split()
    return " ".join(words or folded.split())


def compatible_names(one: str, other: str) -> bool:
    """Tells whether two names may be one person's: all words of the shorter are among those of the longer."""
    here, there = set(canonical_name(one).split()), set(canonical_name(other).split())
    return bool(here and there) and (here <= there or there <= here)


def _folded(text: str, form: str) -> str:
    """Folds case and normalises until nothing changes: each of the two can undo the other."""
    while True:
        folded = unicodedata.normalize(form, unicodedata.normalize(form, text).casefold())  # type: ignore[arg-type]
        if folded == text:
            return text
        text = folded


def _ascii_label(label: str) -> str:
    visible = "".join(c for c in label if unicodedata.category(c) != "Cf")
    plain = unicodedata.normalize("NFKC", "".join(c.lower() for c in unicodedata.normalize("NFKC", visible)))
    if plain.isascii():
        return plain
    return f"xn--{plain.encode('punycode').decode('ascii')}"


def _digits(number: str) -> str:
    """Returns "+" and the digits, without an extension; text that is no international number only trimmed."""
    plain = unicodedata.normalize("NFKC", number).strip()
    found = _DIALLED.match(plain)
    return "+" + re.sub(r"[^0-9]", "", found.group()) if found else plain
