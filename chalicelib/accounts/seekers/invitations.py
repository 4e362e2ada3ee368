"""The address that a job seeker forwards invitations to, and what becomes of a mail to it.

Only the seeker's own mail counts, from their own address, whose domain vouches for it. It adds what a calendar file adds
(`calendar.add_all`). Nobody else hears anything, and the seeker gets one mail about it, five a day at most.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.accounts.seekers import calendar
from chalicelib.applications.seekers import tenant
from chalicelib.applications.seekers.responses import OwnInterview
from chalicelib.auth import rate_limit
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.config import settings
from chalicelib.errors import Conflict, TooLarge, Unprocessable
from chalicelib.integrations.imports.calendar_file import TooMuch
from chalicelib.messaging import gate, opt_outs, reply_addresses, reply_store, send_now
from chalicelib.messaging.inbound_mail import BY_MAIL, Receipt
from chalicelib.messaging.providers import Channels
from chalicelib.rules import replies
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.copy import invitations as copy
from chalicelib.rules.copy.language import catalogue
from chalicelib.rules.incoming_mail.mime import IncomingMail
from chalicelib.rules.incoming_mail.quotes import own_part
from chalicelib.signing import equal_in_constant_time
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.table import Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

ANSWERS_A_DAY = 5
MAILS_A_DAY = 50
"""Mails of one seeker that are read on a UTC day."""


def address_of(item: EmployerItem) -> str | None:
    """The seeker's address for invitations. None where no mail comes to us."""
    return reply_addresses.invitation_address(item.id, int(item.invitation_address or 0))


def change_address(item: EmployerItem, now: datetime, *, committer: Committer = AT_ONCE) -> EmployerItem:
    """Gives the seeker another address: the one before leads nowhere. Raises ConditionFailed where they did so just now."""
    before = item.invitation_address
    same = EmployerItem.invitation_address.does_not_exist() if before is None else EmployerItem.invitation_address == before
    transaction = Transaction()
    changed = [EmployerItem.invitation_address.set(int(before or 0) + 1), EmployerItem.updated_at.set(now)]
    transaction.update(EmployerItem(*item.key), changed, EmployerItem.PK.exists() & same)
    committer.commit(transaction)
    item.invitation_address = int(before or 0) + 1
    return item


def take(address: str, mail: IncomingMail, receipt: Receipt, now: datetime, channels: Channels) -> str:
    """Adds the interviews of a forwarded invitation, and says to the seeker what was added. Idempotent."""
    found = _seeker_at(address)
    if found is None:
        return "unknown_address"
    item, person = found
    sender = mail.senders[0]
    if canonical_email(person.email) != canonical_email(sender) or not receipt.vouched_for(sender):
        return "unknown_sender"
    body = own_part(mail.text) or mail.subject
    if not mail.calendars and replies.is_keyword(body) and replies.classify_reply(body) == "stop":
        opt_outs.opt_out([("email", sender)], BY_MAIL, receipt.at)
        return "stop"
    if not rate_limit.allow_within_day("forwarded invitations", item.id, MAILS_A_DAY, now):
        return "too_many"
    listed, problem = _add(item, person, mail, now)
    _answer(item, person, listed, problem, mail, receipt, now, channels)
    return "invitation" if listed else "no_invitation"


def _seeker_at(address: str) -> tuple[EmployerItem, PersonItem] | None:
    """Whose address this is. None for one that is forged, or was changed since, or whose seeker left."""
    employer_id = reply_addresses.seeker_at(address) or ""
    item = table.get(keys.employer_pk(employer_id), "EMP")
    if not isinstance(item, EmployerItem) or item.seeker is None:
        return None
    if not equal_in_constant_time(address_of(item) or "", address.strip().lower()):
        return None
    person = table.get(*person_key(item.id, item.seeker["person_id"]))
    return (item, person) if isinstance(person, PersonItem) and person.is_accepted else None


def _add(item: EmployerItem, person: PersonItem, mail: IncomingMail, now: datetime) -> tuple[list[OwnInterview], str | None]:
    listed: dict[str, OwnInterview] = {}
    said = catalogue(tenant.language(item))
    problem = None if mail.calendars else said.text(copy.NO_CALENDAR)
    for raw in dict.fromkeys(mail.calendars):
        try:
            listed |= {one.id: one for one in calendar.add_all(item, person, raw, now).data}
        except (TooLarge, TooMuch):
            problem = said.text(copy.TOO_MUCH)
        except Unprocessable:
            problem = said.text(copy.UNREADABLE)
        except Conflict as error:
            problem = said.say(copy.NOT_ADDED, fault=error.detail)
    return list(listed.values()), problem


def _answer(
    item: EmployerItem,
    person: PersonItem,
    listed: list[OwnInterview],
    problem: str | None,
    mail: IncomingMail,
    receipt: Receipt,
    now: datetime,
    channels: Channels,
) -> None:
    """One mail, claimed before it is sent: none is better than two."""
    employer = employer_of(item)
    if gate.block_reason(employer, "email", person.email) or recipients.opted_out([("email", person.email)]):
        return
    if not reply_store.create_once(reply_store.answered(f"invitation#{receipt.id}", now)):
        return
    if rate_limit.allow_within_day("answers to invitations", item.id, ANSWERS_A_DAY, now):
        named = [(one.company or "", one.job_title) for one in listed]
        url, language = f"{settings().base_url}/my", tenant.language(item)
        message = copy.answer(person.email, named, problem, url, mail.message_id, language)
        send_now.reply(message, channels, now, employer)
