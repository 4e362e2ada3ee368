"""Creates and changes employers, each with its digest's schedule, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from chalicelib.api.caching import require_match
from chalicelib.applications.digest_schedule import DigestItem, digest_item, digest_key, is_rescheduled, schedule
from chalicelib.applications.employers import limits, policies
from chalicelib.applications.employers.serializers import employer_etag
from chalicelib.applications.items import UnlinkItem
from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import NOBODY, Origin, What
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, NotFound
from chalicelib.rules.canonical import canonical_email
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Key, Transaction, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

LISTED = keys.list_key("operator", "EMP")
_TEXTED = frozenset({"policy", "timezone", "call_back_phone"})
"""Fields by which an employer's countries change."""
_TRIES = 5
DigestList = Literal["digest_to", "escalate_to", "report_to"]
_ENDED_MOST = 20
"""The most addresses that left a digest which are remembered."""


def employer_key(employer_id: str) -> Key:
    return (keys.employer_pk(employer_id), "EMP")


def create(fields: dict[str, Any], now: datetime, *, committer: Committer = AT_ONCE) -> EmployerItem:
    """Creates an employer from the fields of an `EmployerNew`. Raises Unprocessable."""
    employer_id = ids.new_id("emp", now)
    pk, sk = employer_key(employer_id)
    item = EmployerItem(
        PK=pk,
        SK=sk,
        id=employer_id,
        list_key=LISTED,
        list_at=employer_id,
        digest_to=[],
        policy={},
        trial=True,
        suspended=False,
        created_at=now,
        updated_at=now,
        revision=1,
    )
    _assign(item, {name: value for name, value in fields.items() if name != "limits"})
    limits.set_first(item, fields)
    limits.check(item, fields.get("policy"))
    transaction = Transaction()
    transaction.create(item)
    transaction.create(digest_item(employer_of(item), now))
    committer.commit(transaction)
    return item


def read(employer_id: str) -> EmployerItem:
    """Raises NotFound."""
    item = table.get(*employer_key(employer_id)) if ids.is_id(employer_id, "emp") else None
    if not isinstance(item, EmployerItem) or item.seeker is not None:
        raise NotFound
    return item


def change(
    employer_id: str,
    fields: dict[str, Any],
    if_match: str | None,
    now: datetime,
    found: dict[Key, Item] | None = None,
    *,
    by_operator: bool = False,
    origin: Origin = NOBODY,
) -> EmployerItem:
    """Applies a merge patch; `found` are items that were read already. A patch without effect writes nothing.

    The countries of a number, zone or policy that the operator sets may be texted; an employer cannot add any.

    Raises NotFound, PreconditionFailed, Unprocessable; ConditionFailed where others keep changing it.
    """
    keys = (employer_key(employer_id), digest_key(employer_id))
    for _ in range(_TRIES):
        items = found if found and keys[0] in found else table.get_many(keys)
        found = None
        item, digest = (items.get(key) for key in keys)
        if not isinstance(item, EmployerItem) or item.seeker is not None:  # nobody raises a job seeker's limits
            raise NotFound
        require_match(if_match, employer_etag(item))
        try:
            return _change(item, digest if isinstance(digest, DigestItem) else None, fields, now, by_operator, origin)
        except ConditionFailed as error:
            conflict = error
    raise conflict


def _change(
    item: EmployerItem,
    digest: DigestItem | None,
    fields: dict[str, Any],
    now: datetime,
    by_operator: bool,
    origin: Origin,
) -> EmployerItem:
    before, revision, was = table.snapshot(item), item.revision, employer_of(item)
    if fields.keys() & _TEXTED:
        limits.keep_countries(item)
    kept = table.snapshot(item)
    _assign(item, fields)
    _note_unverified(item, before, by_operator)
    if by_operator and fields.keys() & _TEXTED:
        limits.add_countries(item)
    limits.check(item, fields.get("policy"))
    if not table.changes(item, kept):
        return item
    item.revision, item.updated_at = revision + 1, now
    transaction = Transaction()
    transaction.update(item, table.changes(item, before), EmployerItem.revision == revision)
    if digest is None or is_rescheduled(was, employer_of(item), now):  # else nobody's waits need to be read
        schedule(transaction, digest, employer_of(item), now)
    if was.policy.link_seekers and not employer_of(item).policy.link_seekers:
        _end_links(transaction, item.id, now)
    _note(transaction, item, kept, now, origin)
    transaction.commit()
    return item


def _end_links(transaction: Transaction, employer_id: str, now: datetime) -> None:
    """Has the links of an employer with job seekers ended, because it offers none any more."""
    job = UnlinkItem(keys.employer_pk(employer_id), UnlinkItem.kind, employer_id=employer_id)
    job.due_at, job.due_shard = stored_instant(now), ids.due_shard(employer_id)
    transaction.put(job)


def end_digest(employer_id: str, list_name: DigestList, is_theirs: Callable[[str], bool], now: datetime) -> None:
    """Takes an address off one of the lists of the digest, because its owner unsubscribed. Idempotent.

    A warning names the address until somebody enters it again. Raises ConditionFailed where others keep changing the employer.
    """
    keys = (employer_key(employer_id), digest_key(employer_id))
    for _ in range(_TRIES):
        items = table.get_many(keys)
        item, digest = (items.get(key) for key in keys)
        if not isinstance(item, EmployerItem):
            return
        entered = item.digest_to if list_name == "digest_to" else item.policy.get(list_name) or []
        left = [address for address in entered if is_theirs(address)]
        if not left:
            return
        kept = [address for address in entered if address not in left]
        ended = [*(item.digest_ended or []), *([list_name, address] for address in left)][-_ENDED_MOST:]
        fields = {"digest_to": kept} if list_name == "digest_to" else {"policy": {list_name: kept or None}}
        try:
            schedule_item = digest if isinstance(digest, DigestItem) else None
            _change(item, schedule_item, {**fields, "digest_ended": ended}, now, by_operator=False, origin=NOBODY)
            return
        except ConditionFailed as error:
            conflict = error
    raise conflict


def _note(transaction: Transaction, item: EmployerItem, before: dict[str, Any], now: datetime, origin: Origin) -> None:
    """Adds what changed to the audit log: the names of fields, those of the policy by their own names."""
    after = item.attribute_values
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    fields = names - {"policy", "countries", "revision", "updated_at", "suspended", "limits", "digest_unverified"}
    if "policy" in names:
        fields |= {f"policy.{name}" for name in _differing(before["policy"], item.policy)}
    noted: list[tuple[What, list[str]]] = [
        ("settings_changed", sorted(fields)),
        ("limits_changed", sorted(_differing(before.get("limits"), after.get("limits")))),
        ("suspended" if item.suspended else "unsuspended", ["suspended"] if "suspended" in names else []),
    ]
    for what, changed in noted:
        if changed:
            audit_log.note(transaction, item.id, what, origin, now, fields=changed)


def _differing(old: dict[str, Any] | None, new: dict[str, Any] | None) -> set[str]:
    old, new = old or {}, new or {}
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _note_unverified(item: EmployerItem, before: dict[str, Any], by_operator: bool) -> None:
    """Notes which addresses of the digest the employer has just entered. What the operator enters counts as verified."""
    entered, known = _digest_addresses(item.digest_to, item.policy), _digest_addresses(before["digest_to"], before["policy"])
    new = entered - known
    kept = entered & set(item.digest_unverified or ())
    item.digest_unverified = sorted(kept - new if by_operator else kept | new) or None


def _digest_addresses(digest_to: list[str], policy: dict[str, Any]) -> set[str]:
    return {canonical_email(address) for address in [*digest_to, *_of_policy(policy)]}


def _of_policy(policy: dict[str, Any]) -> list[str]:
    return [*(policy.get("escalate_to") or []), *(policy.get("report_to") or [])]


def _assign(item: EmployerItem, fields: dict[str, Any]) -> None:
    """Sets the given fields, and those that depend on them."""
    for name, value in fields.items():
        if name == "policy":
            item.policy = policies.merged(item.policy, value)
            policies.check(item.policy)
        elif name == "limits":
            limits.merge(item, value)
        else:
            setattr(item, name, [] if name == "digest_to" and value is None else value)
    lists = {"digest_to": item.digest_to, **{name: item.policy.get(name) or [] for name in ("escalate_to", "report_to")}}
    still = [[name, address] for name, address in item.digest_ended or [] if address not in lists.get(name, ())]
    item.digest_ended = still or None
    item.countries = policies.countries_for(item.call_back_phone, item.timezone)


def list_employers(start: str | None, limit: int) -> tuple[list[EmployerItem], str | None]:
    """Reads a page of all employers, newest first: (employers, id to continue after or None)."""
    condition = Item.list_at < start if start else None
    raws, _ = table.query_index("listing", LISTED, condition, limit=limit + 1, forward=False)
    found = [raw["list_at"]["S"] for raw in raws]
    items = table.get_many(employer_key(one) for one in found[:limit])
    page = [items.get(employer_key(one)) for one in found[:limit]]
    return [item for item in page if isinstance(item, EmployerItem)], found[limit - 1] if len(found) > limit else None
