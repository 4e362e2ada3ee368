"""Writes what SESv2 is asked: one mail by `SendEmail`, or many by one `SendBulkEmail` whose template is three placeholders.

SES renders an inline template by plain substitution and escapes nothing, so a mail sent together with others reads as one sent
alone. Sender and Reply-To belong to the call: only mails that share both go together. So Reply-To is one address an employer,
and what names the application is a header of each mail (`reply_addresses`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from email.utils import formataddr
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.rules.copy.clean import clean
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message

if TYPE_CHECKING:
    from chalicelib.messaging.reply_addresses import Thread

TOGETHER_MOST = 20
"""Mails in one call. SES takes 50. A call costs little less with more (docs/performance.md), and a lost answer leaves them all
`unknown`: no more than the chunk that a worker which dies leaves so."""
BYTES_MOST = 450_000
"""Of the mails in one call: SES takes one megabyte of JSON, which may double them."""
ENTRY_BYTES_MOST = 120_000
"""Of one mail in such a call: SES takes 262,144 characters of JSON. A longer one goes alone."""
_TEMPLATE = {"Subject": "{{subject}}", "Text": "{{text}}"}


class Envelope(NamedTuple):
    """What all mails of one call share."""

    sender: str
    reply_to: str | None
    has_html: bool


class Mail(NamedTuple):
    """One mail with the tags that its delivery events bring back, sent in the name of `employer`, if any."""

    message: Message
    tags: Mapping[str, str]
    employer: Employer | None
    thread: Thread | None = None
    """Of a mail to a candidate: where its answers go, and what they name."""

    def envelope(self, default_sender: str) -> Envelope:
        """Returns what it may share with others."""
        sender, reply_to = default_sender, None
        if self.employer is not None:
            reply_to = self.employer.sender.reply_to
            if self.employer.sender.email_from:
                sender = formataddr((clean(self.employer.name), self.employer.sender.email_from))
        if self.thread is not None:
            reply_to = self.thread.reply_to
        return Envelope(sender, reply_to, bool(self.message.html))


def together(mails: Sequence[Mail], default_sender: str) -> list[list[int]]:
    """Groups mails, by place, that one call may carry. One that fits no group of two stands alone."""
    groups: dict[Envelope, list[tuple[list[int], int]]] = {}
    alone: list[list[int]] = []
    for place, mail in enumerate(mails):
        size = _size(mail.message)
        if size > ENTRY_BYTES_MOST:
            alone.append([place])
            continue
        shared = groups.setdefault(mail.envelope(default_sender), [])
        if shared and len(shared[-1][0]) < TOGETHER_MOST and shared[-1][1] + size <= BYTES_MOST:
            places, taken = shared[-1]
            shared[-1] = ([*places, place], taken + size)
        else:
            shared.append(([place], size))
    return [*(places for shared in groups.values() for places, _ in shared), *alone]


def _size(message: Message) -> int:
    return sum(len((part or "").encode()) for part in (message.subject, message.text, message.html))


def single(mail: Mail, default_sender: str) -> dict[str, Any]:
    """The parameters of `SendEmail`."""
    message, envelope = mail.message, mail.envelope(default_sender)
    body = {"Text": _utf8(message.text)}
    if message.html:
        body["Html"] = _utf8(message.html)
    content: dict[str, Any] = {"Subject": _utf8(message.subject or ""), "Body": body}
    if headers := _headers(mail):
        content["Headers"] = headers
    request = {**_addressed(envelope), "Destination": {"ToAddresses": [message.to]}, "Content": {"Simple": content}}
    return {**request, "EmailTags": _tags(mail.tags)} if mail.tags else request


def bulk(mails: Sequence[Mail], default_sender: str) -> dict[str, Any]:
    """The parameters of `SendBulkEmail` for mails of one group of `together`."""
    envelope = mails[0].envelope(default_sender)
    template = {**_TEMPLATE, "Html": "{{html}}"} if envelope.has_html else _TEMPLATE
    return {
        **_addressed(envelope),
        "DefaultContent": {"Template": {"TemplateContent": template, "TemplateData": "{}"}},
        "BulkEmailEntries": [_entry(mail) for mail in mails],
    }


def _entry(mail: Mail) -> dict[str, Any]:
    message = mail.message
    data = {"subject": message.subject or "", "text": message.text}
    if message.html:
        data["html"] = message.html
    entry: dict[str, Any] = {
        "Destination": {"ToAddresses": [message.to]},
        "ReplacementEmailContent": {
            "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(data, ensure_ascii=False, separators=(",", ":"))}
        },
    }
    if mail.tags:
        entry["ReplacementTags"] = _tags(mail.tags)
    if headers := _headers(mail):
        entry["ReplacementHeaders"] = headers
    return entry


def _addressed(envelope: Envelope) -> dict[str, Any]:
    request: dict[str, Any] = {"FromEmailAddress": envelope.sender}
    if envelope.reply_to:
        request["ReplyToAddresses"] = [envelope.reply_to]
    return request


def _headers(mail: Mail) -> list[dict[str, str]]:
    message, named = mail.message, dict(mail.message.headers)
    if message.unsubscribe_url:
        named |= {"List-Unsubscribe": f"<{message.unsubscribe_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if mail.thread is not None:
        named["References"] = f"{mail.thread.reference} {named.get('References', '')}".strip()
    return [{"Name": name, "Value": value} for name, value in named.items()]


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in tags.items()]


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
