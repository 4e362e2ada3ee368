"""Exports and erases a job seeker, by themselves.

An erasure leaves nothing of them but opt-outs, which are keyed hashes: without one we might write to somebody who said STOP.
The person goes last, because it leads to everything else: an interrupted erasure is asked for again. What a request on its way
writes needs the tenant: it comes before the tenant's end and is deleted after it, or is not written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.accounts.seekers.responses import SeekerExport
from chalicelib.accounts.seekers.serializers import serialize_consents, serialize_seeker
from chalicelib.api import pagination
from chalicelib.api.json_text import instant
from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.candidates.items import MatchItem
from chalicelib.applications.privacy import erasure, export
from chalicelib.applications.privacy.raw_items import delete_all, in_partition
from chalicelib.applications.seekers import tenant
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.auth.audit_log import Origin
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.sign_in_codes import CodeItem
from chalicelib.auth.users import SEEKER_ADDRESS, AddressItem, PersonItem, SessionItem, address_pk, people_pk
from chalicelib.errors import ConditionFailed
from chalicelib.messaging.messages import MessageItem
from chalicelib.storage import feed, keys, table
from chalicelib.storage.table import Transaction

Json = dict[str, Any]


def export_all(item: EmployerItem, person: PersonItem, now: datetime) -> SeekerExport:
    """Exports all that is kept of a seeker. Notes that it was done nowhere: only they can ask."""
    candidate_id = tenant.candidate_id(item.id, person.id)
    records = export.of_candidate(candidates.read(item.id, candidate_id), now) if candidate_id else None
    sessions = [one for one in table.query(people_pk(item.id), "SESSION#") if isinstance(one, SessionItem)]
    asked = [one for one in table.query(keys.digest_pk(item.id), "MSG#") if isinstance(one, MessageItem)]
    return SeekerExport(
        exported_at=now,
        seeker=serialize_seeker(item, person),
        consents=serialize_consents(item),
        sessions=[
            {"created_at": instant(one.created_at), "last_used_at": instant(one.turned_at), "from": one.place, "agent": one.agent}
            for one in sessions
        ],
        account_messages=[
            {"step": one.step, "channel": one.channel, "to": one.to, "status": one.status, "at": instant(one.created_at)}
            for one in asked
        ],
        records=records,
    )


def erase(item: EmployerItem, person: PersonItem, origin: Origin, now: datetime) -> None:
    """Erases a seeker with everything about them, and ends their sessions. Asked for again, it goes on.

    Again too where another request has just added their first record. Raises Unavailable.
    """
    retry_on_conflict(lambda: _erase(item, person, origin, now))


def _erase(item: EmployerItem, person: PersonItem, origin: Origin, now: datetime) -> None:
    partitions = set(pagination.partitions(item.id, "APP").values()) | set(pagination.partitions(item.id, "ERASURE").values())
    if candidate_id := tenant.candidate_id(item.id, person.id):
        candidate = candidates.read(item.id, candidate_id)
        partitions |= {keys.case_pk(item.id, one) for one in candidate.applications} | {keys.candidate_pk(item.id, candidate_id)}
        erasure.erase(employer_of(item), candidate_id, now, lambda _: None, origin=origin)
    partitions |= {keys.digest_pk(item.id), keys.tally_pk(item.id), feed.feed_pk(item.id)}  # what texts cost stays: money only
    for pk in sorted(partitions):
        delete_all((raw["PK"]["S"], raw["SK"]["S"]) for raw in in_partition(pk))
    _leave(item, person)
    for pk in (people_pk(item.id), keys.digest_pk(item.id)):  # of requests that were quicker than the end of the tenant
        delete_all((raw["PK"]["S"], raw["SK"]["S"]) for raw in in_partition(pk))


def _leave(item: EmployerItem, person: PersonItem) -> None:
    """Deletes sessions, codes and the audit log, and then the person with the tenant and the address, at once.

    Raises ConditionFailed where they have a record again: without the tenant nobody could erase it.
    """
    codes = [one for one in table.query(address_pk(person.email), "CODE#") if isinstance(one, CodeItem)]
    delete_all(one.key for one in codes if one.employer_id == item.id)
    for pk in (people_pk(item.id), f"{keys.employer_pk(item.id)}#AUDIT"):
        delete_all(key for raw in in_partition(pk) if (key := (raw["PK"]["S"], raw["SK"]["S"])) != person.key)
    transaction = Transaction()
    transaction.check(MatchItem(*tenant.candidate_key(item.id, person.id)), MatchItem.PK.does_not_exist())
    transaction.delete(PersonItem(*person.key))
    address = AddressItem(address_pk(person.email), SEEKER_ADDRESS)
    transaction.delete(address, AddressItem.person_id == person.id)
    transaction.delete(EmployerItem(*item.key))
    try:
        transaction.commit()
    except ConditionFailed as lost:
        if address.key not in lost.failed or table.get(*person.key) is not None:
            raise  # else the same request at this moment was quicker
