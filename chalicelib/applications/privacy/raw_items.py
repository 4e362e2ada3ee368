"""Raw items of any package: what is erased must not depend on which packages are imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.storage import table
from chalicelib.storage.feed import Change
from chalicelib.storage.table import Item, Key, Path, Transaction, stored_instant

AT_ONCE = 90
"""Operations of one transaction: DynamoDB takes 100."""
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
"""Attributes of a message that name nobody. All others are removed, also those that newer code has written."""
ADDRESSES = {"MSG": ("to",), "REPLY": ("sender",), "CHECKIN": ("email", "phone")}
"""Attributes of an application's items that hold an address of its candidate."""
Raw = dict[str, Any]


def in_partition(pk: str) -> list[Raw]:
    """Reads every item of a partition, of unknown kinds too."""
    return table.query_range(pk, " ", "~")


def addresses_in(raws: Iterable[Raw]) -> Iterator[str]:
    """Yields the addresses that an application's messages went to, and that its candidate wrote from or left: former ones too."""
    for raw in raws:
        names = () if raw.get("aud", {}).get("S") == "employer" else ADDRESSES.get(raw["SK"]["S"].partition("#")[0], ())
        yield from (raw[name]["S"] for name in names if "S" in raw.get(name, {}))


def delete_all(keys: Iterable[Key]) -> None:
    wanted = list(keys)
    for begin in range(0, len(wanted), AT_ONCE):
        transaction = Transaction()
        for key in wanted[begin : begin + AT_ONCE]:
            transaction.delete(Item(*key))
        transaction.commit()


def forget_parked(find_addresses: Callable[[], Iterable[str]], now: datetime) -> None:
    """Deletes parked delivery events that quote one of the addresses, which are looked for only where there are such events.

    Events that could not be read are parked for thirty days, by date, under no employer.
    """
    dates = (now - timedelta(days=days) for days in range(PARKED_DAYS + 1))
    raws = [raw for date in dates for raw in in_partition(f"PARKED#{date:%Y-%m-%d}")]
    wanted = [address.casefold() for address in find_addresses()] if raws else []
    delete_all((raw["PK"]["S"], raw["SK"]["S"]) for raw in raws if any(one in str(raw).casefold() for one in wanted))


def strip_messages(raws: Sequence[Raw], now: datetime) -> int:
    """Removes the person from an application's messages. Returns the number of messages."""
    messages = [raw for raw in raws if raw["SK"]["S"].startswith("MSG#")]
    changed = [(raw, actions) for raw in messages if (actions := _stripping(raw, now))]
    for begin in range(0, len(changed), AT_ONCE):
        transaction = Transaction()
        for raw, actions in changed[begin : begin + AT_ONCE]:
            transaction.update(Item(raw["PK"]["S"], raw["SK"]["S"]), actions, Path("st") == raw["st"]["S"])
            message_id, about = raw["SK"]["S"].partition("#")[2], raw.get("app", {}).get("S")
            transaction.tell(Change(raw["PK"]["S"].split("#")[1], "message", message_id, about, now))
        transaction.commit()
    return len(messages)


def _stripping(raw: Raw, now: datetime) -> list[Any]:
    """Removes attributes, and ends a message that is being sent: its sender then has nothing left to settle.

    It may have left already, so it ends as `unknown`.
    """
    actions: list[Any] = [Path(name).remove() for name in sorted(raw.keys() - MESSAGE_KEEPS)]
    ends = {"sending": "unknown", "retrying": "cancelled"}.get(raw["st"]["S"])
    if ends:
        actions += [Path("st").set(ends), Path("settled").set(stored_instant(now))]
    return actions
