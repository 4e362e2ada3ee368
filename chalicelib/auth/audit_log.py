"""The audit log of an employer: who did what to its access, settings and exports, when, and from where. Kept for 400 days.

`note` adds an entry to the transaction of the change, so that neither exists without the other: one more write on a rare
change. `note_now` writes one where there is no such transaction. `note_failure` counts failed attempts by the hour.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal, get_args

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from chalicelib.auth.actors import SYSTEM, Actor
from chalicelib.storage import table
from chalicelib.storage.ids import first_id, new_id
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Transaction, WordAttribute

KEPT = timedelta(days=400)
What = Literal[
    "sign_in",
    "sign_in_failed",
    "auth_failed",
    "key_created",
    "key_revoked",
    "person_invited",
    "role_changed",
    "address_changed",
    "person_removed",
    "export",
    "erasure",
    "settings_changed",
    "limits_changed",
    "suspended",
    "unsuspended",
    "invitation_accepted",
    "session_revoked",
    "signed_out_everywhere",
    "connection_created",
    "connection_changed",
    "connection_removed",
    "webhook_created",
    "webhook_changed",
    "webhook_removed",
    "webhook_secret_rotated",
    "import_profile_changed",
    "own_address_added",
    "own_address_verified",
    "own_address_removed",
    "refresh_token_reused",
    "single_sign_on_changed",
    "single_sign_on_removed",
]
WHATS: tuple[What, ...] = get_args(What)
Failure = Literal["auth_failed", "sign_in_failed"]
FIELDS_MOST = 50
PAGE = 50
_log = logging.getLogger("heardback")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who acts, and from which network: `place` comes from `truncated`."""

    actor: Actor = SYSTEM
    place: str | None = None


NOBODY = Origin()
"""The system itself."""


@dataclass(frozen=True, slots=True)
class About:
    """The record that an entry is about. An erased candidate has no name here."""

    type: str
    id: str
    name: str | None = None


class AuditItem(Item):
    """PK EMP#<employer id>#AUDIT, SK AUD#<id>: ids sort by time. Vanishes by `expires_at`."""

    kind = "AUD"
    id = UnicodeAttribute()
    what = WordAttribute[What]()
    at = InstantAttribute()
    actor = JSONAttribute()
    place = UnicodeAttribute(null=True)
    about = JSONAttribute(null=True)
    fields = JSONAttribute(null=True)
    times = NumberAttribute()
    """1, or how often something failed within the hour of the id."""


def truncated(address: str) -> str | None:
    """Truncates an IP address to its network: IPv4 to /24, IPv6 to /48. Returns None for anything else."""
    try:
        ip = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network(f"{ip.compressed.partition('%')[0]}/{24 if ip.version == 4 else 48}", strict=False))


def audit_pk(employer_id: str) -> str:
    """Returns the partition of an employer's audit log."""
    return f"{employer_pk(employer_id)}#AUDIT"


def note(
    transaction: Transaction,
    employer_id: str,
    what: What,
    origin: Origin,
    now: datetime,
    *,
    about: About | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Adds an entry to the transaction of the change. `fields` are the names of changed fields, never their values."""
    transaction.create(_entry(employer_id, what, origin, now, about, fields))


def note_now(employer_id: str, what: What, origin: Origin, now: datetime, *, about: About | None = None) -> None:
    """Writes an entry alone. Raises what `Transaction.commit` raises: what cannot be noted is not done."""
    transaction = Transaction()
    transaction.create(_entry(employer_id, what, origin, now, about, ()))
    transaction.commit()


def _entry(employer_id: str, what: What, origin: Origin, now: datetime, about: About | None, fields: Iterable[str]) -> AuditItem:
    entry_id = new_id("aud", now)
    return AuditItem(
        PK=audit_pk(employer_id),
        SK=f"AUD#{entry_id}",
        id=entry_id,
        what=what,
        at=now,
        actor=origin.actor.stored(),
        place=origin.place,
        about={"type": about.type, "id": about.id, "name": about.name} if about else None,
        fields=sorted(set(fields))[:FIELDS_MOST] or None,
        times=1,
        expires_at=int((now + KEPT).timestamp()),
    )


class _FailureCounter:
    """Counts failures in this process, so that an attacker cannot cause a write with each request."""

    MOST = 1_000

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str, int], list[int]] = OrderedDict()
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forgets all counts."""
        with self._lock:
            self._counts.clear()

    def to_write(self, key: tuple[str, str, int]) -> int:
        """Counts one more. Returns how many to write now: each of the first 16 in an hour, then every 16, then every 256."""
        with self._lock:
            count = self._counts.setdefault(key, [0, 0])
            self._counts.move_to_end(key)
            if len(self._counts) > self.MOST:
                self._counts.popitem(last=False)
            count[0] += 1
            step = 1 if count[0] <= 16 else 16 if count[0] <= 256 else 256
            if count[0] % step:
                return 0
            new, count[1] = count[0] - count[1], count[0]
            return new


_failures = _FailureCounter()


def forget_counts() -> None:
    """Forgets the failures that this process has counted, for another table."""
    _failures.clear()


def note_failure(employer_id: str, what: Failure, origin: Origin, now: datetime, *, about: About | None = None) -> None:
    """Counts a failed attempt in the entry of this hour, and logs it for the alarm. Never raises.

    The entry shows the last attempt's time and network. Its count is at least half of the attempts.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    times = _failures.to_write((employer_id, what, int(hour.timestamp())))
    if not times:
        return
    entry = _entry(employer_id, what, origin, now, about, ())
    entry_id = first_id("aud", hour) + str(WHATS.index(what)).zfill(16)
    values = {name: entry.attribute_values[name] for name in ("what", "at", "actor", "place", "about", "expires_at")}
    actions = [getattr(AuditItem, name).set(value) for name, value in values.items() if value is not None]
    try:
        AuditItem(entry.PK, f"AUD#{entry_id}").update([*actions, AuditItem.id.set(entry_id), AuditItem.times.add(times)])
    except PynamoDBException:
        _log.warning("a failed attempt was not noted", extra={"employer_id": employer_id})


def log_failure(what: Failure) -> None:
    """Logs a failed attempt: alarms count these lines. It names nobody."""
    _log.warning(what)


class Entries:
    """An employer's entries, newest first, down to `since`: what `pagination.paginate` needs. Each is read once."""

    def __init__(self, employer_id: str, now: datetime, since: datetime | None = None) -> None:
        self._pk = audit_pk(employer_id)
        self._first = f"AUD#{first_id('aud', since)}" if since else "AUD#"
        self._now = now
        self._read: dict[str, AuditItem] = {}

    def ids_after(self, start: str | None) -> Iterator[str]:
        """Yields sort keys after `start`."""
        for item in table.query_backwards(self._pk, self._first, start or "AUD#~", page=PAGE):
            if isinstance(item, AuditItem) and start != item.SK and int(item.expires_at or 0) > self._now.timestamp():
                self._read[item.SK] = item
                yield item.SK

    def take(self, sort_keys: Iterable[str]) -> list[AuditItem]:
        """Returns entries whose sort keys were yielded."""
        return [self._read.pop(one) for one in sort_keys]

    def newest(self, most: int) -> list[AuditItem]:
        """Returns the newest entries, for the settings page."""
        return self.take(list(islice(self.ids_after(None), most)))
