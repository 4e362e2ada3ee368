"""Items as the table holds them, whatever wing wrote them: what is erased must not depend on which wing is imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.storage import table
from chalicelib.storage.table import Item, Key, Path, Transaction, stored_instant

AT_ONCE = 90
PARKED_DAYS = 30
MESSAGE_KEEPS = frozenset(
    {
        "PK",
        "SK",
        "id",
        "e",
        "app",
        "aud",
        "step",
        "ch",
        "st",
        "attempts",
        "at",
        "settled",
        "cause",
        "due",
        "na",
        "list_key",
        "list_at",
        "delivered_at",
        "bounced_at",
        "complained_at",
    }
)
"""What of a message names nobody. All else goes, also what newer code may have written."""
Raw = dict[str, Any]


def in_partition(pk: str) -> list[Raw]:
    """Every item of a partition, of kinds that this code does not know too."""
    return table.query_range(pk, " ", "~")


def delete_all(keys: Iterable[Key]) -> None:
    wanted = list(keys)
    for begin in range(0, len(wanted), AT_ONCE):
        transaction = Transaction()
        for key in wanted[begin : begin + AT_ONCE]:
            transaction.delete(Item(*key))
        transaction.commit()


def forget_parked(addresses: Sequence[str], now: datetime) -> None:
    """Feedback that nobody could read lies for thirty days by its date, under no employer: what of it quotes an address."""
    wanted = [address.casefold() for address in addresses]
    for days in range(PARKED_DAYS + 1 if wanted else 0):
        raws = in_partition(f"PARKED#{now - timedelta(days=days):%Y-%m-%d}")
        delete_all((raw["PK"]["S"], raw["SK"]["S"]) for raw in raws if any(one in str(raw).casefold() for one in wanted))


def strip_messages(raws: Sequence[Raw], now: datetime) -> int:
    """Takes the person out of a case's messages; returns how many messages there are."""
    messages = [raw for raw in raws if raw["SK"]["S"].startswith("MSG#")]
    changed = [(raw, actions) for raw in messages if (actions := _stripping(raw, now))]
    for begin in range(0, len(changed), AT_ONCE):
        transaction = Transaction()
        for raw, actions in changed[begin : begin + AT_ONCE]:
            transaction.update(Item(raw["PK"]["S"], raw["SK"]["S"]), actions, Path("st") == raw["st"]["S"])
        transaction.commit()
    return len(messages)


def _stripping(raw: Raw, now: datetime) -> list[Any]:
    """What is being sent just now may have gone out: it ends `unknown`, so that its sender has nothing left to write down."""
    actions: list[Any] = [Path(name).remove() for name in sorted(raw.keys() - MESSAGE_KEEPS)]
    ends = {"sending": "unknown", "retrying": "cancelled"}.get(raw["st"]["S"])
    if ends:
        actions += [Path("st").set(ends), Path("settled").set(stored_instant(now))]
    return actions
