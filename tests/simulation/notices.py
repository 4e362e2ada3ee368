"""Checks holding notices: a promise counts once its notice was sent, not before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.storage import ids
from tests.simulation import truth
from tests.simulation.ledger import LETTER, NOTICE, Ledger, text
from tests.simulation.world.table import Item, Key, Table, Write

_NEVER_WENT = ("failed", "expired", "cancelled", "suppressed")


def is_notice(item: Item | None) -> bool:
    """Whether it is asked for, and logged as a contact once it was sent: a holding notice or a letter."""
    return text(item, "step") in (NOTICE, LETTER)


def is_letter(item: Item | None) -> bool:
    return text(item, "step") == LETTER


def came_back(item: Item | None) -> bool:
    return bool(item) and "bounced_at" in (item or {}) and not (text(item, "bounce") or "").startswith("transient")


@dataclass
class Notices:
    """The checks of one history."""

    table: Table
    ledger: Ledger
    wrong: Callable[[str], None]

    def changed(self, write: Write) -> None:
        """Notes a change of a notice. After a reported failure, a bounce or a logged contact, another notice may be sent.

        A wait that is open after the contact was logged is open because the promise was not kept.
        """
        if not is_notice(write.after):
            return
        assert write.after is not None
        failed = text(write.before, "st") == "unknown" and text(write.after, "st") == "failed"
        if failed or came_back(write.after) or _is_logged(write.after):
            self.ledger.reminder(write.key, write.after).calls.clear()

    def only_one(self, key: Key) -> None:
        """Checks that one wait has one notice: the others were never sent, came back, or were logged."""
        item = self.table.items[key]
        for other, found in self.table.partitions[key[0]].items():
            same = is_notice(found) and all(text(found, name) == text(item, name) for name in ("cause", "due", "step"))
            over = text(found, "st") in _NEVER_WENT or came_back(found) or _is_logged(found)
            if same and other != key and not over:
                self.wrong("one wait has two notices")

    def contact_logged(self, write: Write) -> None:
        """Checks a contact that a worker logged."""
        contact: Any = truth.model(write.after or {})
        for key, item in self.table.partitions[write.key[0]].items():
            if is_notice(item) and _contact_of(item) == contact.id:
                if text(item, "st") != "sent":
                    self.wrong("a promise began before its notice was sent")
                if contact.decision not in (None, "rejected" if is_letter(item) else "pending"):
                    self.wrong(f"{key[1]} told another decision than its contact")
                if contact.next_word_by and contact.next_word_by != truth.model(item).next_word_by:
                    self.wrong(f"{key[1]} promised another day than its contact")
                return
        self.wrong("a worker logged a contact without a notice")

    def left(self) -> Iterable[str]:
        """Checks at the end: sent notices are logged, returned ones are logged as bounced, others are not logged."""
        for (pk, sk), item in self.table.items.items():
            if not sk.startswith("MSG#") or not is_notice(item) or "to" not in item or (pk, "APP") not in self.table.items:
                continue
            logged = self.table.items.get((pk, f"CON#{_contact_of(item)}"))
            if text(item, "st") != "sent":
                if logged and not (came_back(item) and truth.model(logged).outcome == "bounced"):
                    yield f"a notice that is {text(item, 'st')} is logged as sent"
            elif logged is None:
                yield "a notice was sent, and nobody logged that it was"
            elif came_back(item) != (truth.model(logged).outcome == "bounced"):
                yield f"a notice is logged as {truth.model(logged).outcome}; came back: {came_back(item)}"


def _is_logged(item: Item) -> bool:
    return text(item, "st") == "sent" and "due_at" not in item


def _contact_of(item: Item) -> str:
    """The id of the contact that a notice becomes: it derives from the message's id."""
    message_id = text(item, "id") or ""
    return ids.derived_id("con", message_id, message_id)
