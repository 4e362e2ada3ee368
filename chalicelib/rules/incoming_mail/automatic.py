"""Tells mails of machines, which get no answer and are no reply: vacation notices, bounces, lists, bulk (RFC 3834)."""

from __future__ import annotations

import re

from chalicelib.rules.incoming_mail.mime import IncomingMail

_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+.-][^@]*)?@", re.IGNORECASE)
_PRESENT = ("x-autoreply", "x-autorespond", "x-autoresponder", "list-id", "list-unsubscribe", "x-failed-recipients")


def automatic_reason(mail: IncomingMail, return_path: str | None) -> str | None:
    """Says why a mail counts as written by a machine; None where a person may have written it.

    `return_path` is the envelope's sender: that of a bounce or a vacation notice is empty.
    """
    headers = mail.headers
    if headers.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no":
        return "auto-submitted"
    if headers.get("precedence", "").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "precedence"
    if any(name in headers for name in _PRESENT):
        return "list or automatic answer"
    if return_path is not None and return_path.strip() in ("", "<>"):
        return "empty return path"
    if mail.content_type in ("multipart/report", "message/delivery-status", "message/disposition-notification"):
        return "report"
    if any(_MACHINES.match(sender) for sender in mail.senders):
        return "address of a machine"
    return None
