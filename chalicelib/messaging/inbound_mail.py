"""Takes mails that people send: answers to our mails come into the Inbox, as texts do.

SES puts a mail into the bucket and tells us, with what it found out about the sender. An answer names its application by a signed
reference, else by the address that it comes from. Only a mail from the candidate's own address, whose domain vouches for it,
counts as the candidate's: others are shown as what they are and change nothing (docs/messaging.md).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.applications import unique_keys
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth import rate_limit
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.messaging import opt_outs, reply_addresses, reply_delivery
from chalicelib.messaging.mail_answers import MailAnswers
from chalicelib.messaging.mail_store import MailStore
from chalicelib.messaging.messages import MAY_HAVE_GONE_OUT, MessageItem, addresses_written_to
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.reply_delivery import Written
from chalicelib.messaging.reply_store import OfNobody
from chalicelib.rules import replies
from chalicelib.rules.canonical import ascii_domain, canonical_email
from chalicelib.rules.incoming_mail.automatic import automatic_reason
from chalicelib.rules.incoming_mail.mime import BYTES_MOST, IncomingMail, UnreadableMail, read_mail
from chalicelib.rules.incoming_mail.quotes import has_own_part, own_part
from chalicelib.rules.model import SenderCheck
from chalicelib.rules.replies import ReplyMeaning
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.recipients import Address

READ_MOST = 40_000
"""Characters of a mail's text in which quotes are looked for."""
A_DAY_MOST = 50
"""Mails about one application that are shown on a UTC day."""
BY_MAIL = "mail"
"""How a person opted out: by a mail that says so."""
TAKEN, SPAM, UNKNOWN, UNREADABLE, IGNORED = "taken", "spam", "unknown", "unreadable", "ignored"
"""Groups of what became of mails: each is a metric (infra/resources.yaml)."""
_DROPPED = {
    "spam": SPAM,
    "unknown_address": UNKNOWN,
    "unknown_sender": UNKNOWN,
    "erased": UNKNOWN,
    "unreadable": UNREADABLE,
    "automatic": IGNORED,
    "empty": IGNORED,
    "too_many": IGNORED,
    "gone": IGNORED,
}
"""The group of each mail that was not taken, by what became of it."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receipt:
    """What SES tells of a mail that arrived. `id` is SES's, and the same where it is told twice."""

    id: str
    key: str
    recipients: tuple[str, ...]
    return_path: str
    verdicts: Mapping[str, str]
    at: datetime

    def vouched_for(self, sender: str) -> bool:
        """Whether the domain of a From address vouches for the mail: DMARC passes, or it has no policy and SPF passes for it."""
        if self.verdicts.get("dmarc") == "PASS":
            return True
        domain, path = (ascii_domain(one.rpartition("@")[2]) for one in (sender, self.return_path.strip("<> ")))
        return self.verdicts.get("dmarc") == "GRAY" and self.verdicts.get("spf") == "PASS" and domain == path


def read_receipt(text: str, sent_at: datetime, now: datetime) -> Receipt:
    """Reads SES's notification of the action that stored a mail. Raises ValueError, KeyError, TypeError where it is none."""
    told = json.loads(text)
    if told["notificationType"] != "Received":
        raise ValueError("not a notice of a mail that arrived")
    receipt, mail = told["receipt"], told["mail"]
    names = ("spam", "virus", "spf", "dmarc")
    verdicts = {name: str((receipt.get(f"{name}Verdict") or {}).get("status", "")) for name in names}
    message_id, key = mail["messageId"], receipt["action"]["objectKey"]
    if not (isinstance(message_id, str) and isinstance(key, str) and message_id and key):
        raise TypeError("no id or no key")
    to = tuple(str(one) for one in receipt["recipients"][:50])
    return Receipt(message_id, key, to, str(mail.get("source") or ""), verdicts, min(sent_at, now))


TakeInvitation = Callable[[str, IncomingMail, Receipt, datetime, Channels], str]
"""(address, mail, receipt, now, channels) -> what became of a mail to a job seeker's address for invitations."""


def handle(receipt: Receipt, now: datetime, channels: Channels, store: MailStore, take_invitation: TakeInvitation) -> str:
    """Acts on a mail, deletes it, and returns what became of it. Idempotent."""
    became = _take(receipt, now, channels, store, take_invitation)
    store.delete(receipt.key)
    log.info("a mail that arrived: %s", became, extra=counted_as(_DROPPED.get(became, TAKEN)))
    return became


def counted_as(group: str) -> dict[str, str]:
    """What a log line says, so that a metric counts one mail of a group."""
    return {"inbound_mail": group}


def _take(receipt: Receipt, now: datetime, channels: Channels, store: MailStore, take_invitation: TakeInvitation) -> str:
    employers = list(dict.fromkeys(one for to in receipt.recipients if (one := reply_addresses.employer_at(to))))
    invited = [to for to in receipt.recipients if reply_addresses.seeker_at(to)]
    if not employers and not invited:
        return "unknown_address"
    if "FAIL" in (receipt.verdicts["spam"], receipt.verdicts["virus"]):
        return "spam"
    raw = store.read(receipt.key, BYTES_MOST)
    if raw is None:
        return "gone"
    try:
        mail = read_mail(raw)
    except UnreadableMail:
        return "unreadable"
    if len(mail.senders) != 1 or _is_machine(mail, receipt):
        return "automatic"
    became = [_answer_to(employer_id, mail, receipt, now, channels) for employer_id in employers]
    return [*became, *(take_invitation(to, mail, receipt, now, channels) for to in invited)][-1]


def _is_machine(mail: IncomingMail, receipt: Receipt) -> bool:
    sender = mail.senders[0]
    own = canonical_email(settings().email_from.rpartition("<")[2].rstrip("> "))
    reason = automatic_reason(mail, receipt.return_path)
    return reason is not None or reply_addresses.is_ours(sender) or canonical_email(sender) == own


def _answer_to(employer_id: str, mail: IncomingMail, receipt: Receipt, now: datetime, channels: Channels) -> str:
    """Takes an answer to a mail of one employer."""
    sender, vouched = mail.senders[0], receipt.vouched_for(mail.senders[0])
    named = reply_addresses.application_in(mail.references, employer_id)
    case_pk = keys.case_pk(employer_id, named) if named else _last_written_to(employer_id, sender) if vouched else None
    body = own_part(mail.text[:READ_MOST]) or mail.subject
    if case_pk is None:
        return _of_nobody_known("unknown_sender", mail, body, receipt, vouched=vouched)
    found = table.get_many([(case_pk, "APP"), (keys.employer_pk(employer_id), "EMP")])
    application, employer = found.get((case_pk, "APP")), found.get((keys.employer_pk(employer_id), "EMP"))
    if not isinstance(application, ApplicationItem) or not isinstance(employer, EmployerItem):
        return _of_nobody_known("erased", mail, body, receipt, vouched=vouched)
    check = _check(application, sender, vouched=vouched)
    meaning = _meaning(mail, body)
    is_stop = meaning == "stop" and _stop(application, check, sender, receipt, vouched=vouched)
    if is_stop and (replies.is_keyword(body) or not has_own_part(mail.text[:READ_MOST])):
        return "stop"
    if not body and not mail.attachments:
        return "empty"
    if not rate_limit.allow_within_day("inbound mail", case_pk, A_DAY_MOST, now):
        return "too_many"
    answers = MailAnswers(application, employer_of(employer), mail.message_id, now, channels)
    understood = meaning if meaning in ("yes", "no") and check != "other_address" else None
    asked_at = _last_mailed(case_pk, receipt.at) if understood == "yes" else None
    written = Written(f"{receipt.id}:{employer_id}", "email", sender, body, receipt.at, check, mail.attachments, asked_at)
    try:
        return reply_delivery.deliver(written, case_pk, understood, now, answers)
    except OfNobody:
        return "erased"


def _meaning(mail: IncomingMail, body: str) -> ReplyMeaning | None:
    """What a mail says in its words, or by STOP as its subject: programs that unsubscribe write it there."""
    return "stop" if replies.is_stop_word(mail.subject) else replies.classify_reply(body)


def _stop(application: ApplicationItem, check: SenderCheck, sender: str, receipt: Receipt, *, vouched: bool) -> bool:
    """Ends mail to an address. False where it is not the candidate's, nor provably a former one of theirs.

    A former one, to which mail about the application went, says STOP to the mail that it got: the application's mail ends at
    the candidate's present address too.
    """
    address: Address = ("email", sender)
    is_former = check == "other_address"
    if is_former and not (vouched and _was_written_to(application, address)):
        return False
    opt_outs.opt_out([address], BY_MAIL, receipt.at)
    if is_former:
        opt_outs.stop_cases(address, [application.PK], mail_alone=True)
    return True


def _was_written_to(application: ApplicationItem, address: Address) -> bool:
    """Whether a mail about an application went to an address, or may have: then it was the candidate's."""
    return recipients.canonical(*address) in addresses_written_to(application, MAY_HAVE_GONE_OUT)


def _of_nobody_known(became: str, mail: IncomingMail, body: str, receipt: Receipt, *, vouched: bool) -> str:
    """Takes a stop of somebody that the employer has erased, as the link does: others may mail the address."""
    if not vouched or _meaning(mail, body) != "stop":
        return became
    opt_outs.opt_out([("email", mail.senders[0])], BY_MAIL, receipt.at)
    return "stop"


def _check(application: ApplicationItem, sender: str, *, vouched: bool) -> SenderCheck:
    if not application.email or canonical_email(application.email) != canonical_email(sender):
        return "other_address"
    return "candidate" if vouched else "not_verified"


def _last_mailed(case_pk: str, before: datetime) -> datetime | None:
    """When the latest mail about an application went out before another one came. None where none did."""
    sent = [
        item.settled_at or item.created_at
        for item in table.query(case_pk, "MSG#")
        if isinstance(item, MessageItem) and item.audience == "candidate" and item.channel == "email"
        if item.status in MAY_HAVE_GONE_OUT
    ]
    return max((at for at in sent if at <= before), default=None)


def _cases_at(employer_id: str, sender: str) -> set[str]:
    """This employer's cases that have or had an address.

    Of many at one address its list may lack one (`recipients.cases_at`). The candidates who have the address now know theirs.
    """
    mine = keys.case_pk(employer_id, "")
    found = {case_pk for case_pk in recipients.cases_of(("email", sender)) if case_pk.startswith(mine)}
    candidates = unique_keys.find([unique_keys.address_keys(employer_id, sender, None)["email"]])
    for item in table.get_many([(keys.candidate_pk(employer_id, one), "CAND") for one in candidates]).values():
        if isinstance(item, CandidateItem):
            found |= {keys.case_pk(employer_id, one) for one in (*item.applications, *(item.past or ()))}
    return found


def _last_written_to(employer_id: str, sender: str) -> str | None:
    """The case of the mail that this employer last sent to an address, for answers of programs that copy no reference."""
    wanted = canonical_email(sender)
    sent = [
        (item.settled_at or item.created_at, item.id, case_pk)
        for case_pk in _cases_at(employer_id, sender)
        for item in table.query(case_pk, "MSG#")
        if isinstance(item, MessageItem) and item.channel == "email" and item.status in MAY_HAVE_GONE_OUT
        if canonical_email(str(item.attribute_values.get("to") or "")) == wanted
    ]
    return max(sent)[2] if sent else None
