"""What must hold at every commit and every provider call, whatever happens: checked in the world, where the truth is.

at most once    a reminder (wait, step; digest, address) reaches a provider again only if every earlier call was provably refused
claimed         only a message that is being sent, by its own claim, is handed over; the facts at its claim still owe word
asked           STOP at any address of the person, committed before the check, keeps it back; so does an earlier end of the wait
honest          sent, failed, retrying, suppressed, unknown say what the provider said; a terminal fate never changes
explained       an unknown has an injected cause
moderate        texts cost no more than was reserved, and no more is reserved than the cap; three messages a week to a person
not dropped     a due step leaves the index only with its message, or because it is not owed any more
"""

from __future__ import annotations

from tests.simulation import truth
from tests.simulation.calls import Calls
from tests.simulation.caps import Caps
from tests.simulation.ledger import SLACK, Holding, Ledger, befallen, crashed, text
from tests.simulation.notices import Notices, is_notice
from tests.simulation.world.providers import Call
from tests.simulation.world.service import World
from tests.simulation.world.table import Item, Key, Write

MOVES = {
    None: {"sending", "expired", "suppressed", "retrying"},
    "sending": {"sent", "retrying", "failed", "unknown", "suppressed"},
    "retrying": {"sending", "cancelled", "expired", "suppressed", "failed"},
    "unknown": {"sent", "failed"},
}
"""Born `retrying` is a holding notice; what was unknown somebody has found out."""

FINAL = {"sent", "failed", "expired", "cancelled", "suppressed", "unknown"}
SKEW = 300.0


class Watch:
    """Listens to the world of one history. What it finds wrong is in `violations`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger()
        self.violations: list[str] = []
        self.dirty: set[str] = set()
        self._employers_changed: dict[str, float] = {}
        self.notices = Notices(world.table, self.ledger, self.wrong)
        self.caps = Caps(world.table, self.wrong, lambda: self.world.process)
        world.table.on_commit = self.committed
        self.calls = Calls(world, self.ledger, self.caps, self.wrong)
        world.on_call, world.on_read = self.calls.called, self.calls.asked

    def wrong(self, what: str) -> None:
        self.violations.append(what)

    # commits

    def committed(self, writes: list[Write]) -> None:
        for write in writes:
            self.caps.committed(write)
            kind = write.key[1].partition("#")[0]
            if kind == "CLAIM" and write.before is None:
                due = truth.instant(write.after["due_at"]) if write.after and "due_at" in write.after else None
                self.ledger.claims[write.key[0].partition("#")[2]] = due.timestamp() if due else self.world.now
            elif kind == "MSG":
                self._message(write)
            elif kind == "APP":
                self._application(write)
            elif kind == "EMP":
                self._employers_changed[write.key[0]] = self.world.now
            elif kind in ("INT", "CON", "STA", "REPLY") and write.before is None and write.after is not None:
                self._fact(write)
            if "#CASE#" in write.key[0]:
                self.dirty.add(write.key[0])

    def _fact(self, write: Write) -> None:
        """A request tells one fact: a second one is its own, told again after a lost answer. A worker tells of notices."""
        if self.world.process is None:
            return None
        if write.key[1].startswith("CON#") and self.world.process.kind == "deliver":
            return self.notices.told(write)
        told = self.ledger.facts.setdefault((self.world.process.request, write.key[1][:3]), set())
        told.add(write.key)
        if len(told) > 1:
            self.wrong("one request wrote two facts")
        return None

    def _message(self, write: Write) -> None:
        before, after = text(write.before, "st"), text(write.after, "st")
        self.notices.changed(write)
        if after is None:
            return self.wrong(f"{write.key[1]} is gone")
        if before != after or before is None:
            waits = before is None and after == "retrying"
            if after not in MOVES.get(before, set()) or (waits and not is_notice(write.after)):
                self.wrong(f"a message went from {before} to {after}")
            if before == "unknown" and (self.world.process is None or self.world.process.kind != "resolve"):
                self.wrong("what was unknown was settled by nobody who could know")
            self.ledger.fates[write.key] = after
            if before is None:
                self._only_one(write.key)
            if before == "sending":
                self._settled(write, after)
            if after == "sending":
                self._claimed(write)
        elif before == "sending" and text(write.before, "claim") != text(write.after, "claim"):
            self.wrong("a message changed its claim while it was being sent")
        return None

    def _only_one(self, key: Key) -> None:
        """A step of a wait, with its deadline, has one message; so has a digest of one instant to one address."""
        item = self.world.table.items[key]
        if is_notice(item):
            return self.notices.only_one(key)
        names = ("cause", "due", "step") + (("to",) if text(item, "aud") == "employer" else ())
        told = [text(item, name) for name in names]
        if any(
            other != key and other[1].startswith("MSG#") and [text(found, name) for name in names] == told
            for other, found in self.world.table.partitions[key[0]].items()
        ):
            self.wrong("one step of one wait has two messages")
        return None

    def _claimed(self, write: Write) -> None:
        item = write.after
        assert item is not None
        token = text(item, "claim") or ""
        if token not in self.ledger.claims and not self.world.table.partitions.get(f"CLAIM#{token}"):
            self.wrong("a message is being sent under no claim")
        self.ledger.claims.setdefault(token, self.world.now + 900)
        channel, to = text(item, "ch") or "", text(item, "to") or ""
        addresses = self._owed(write.key, item) if text(item, "aud") == "candidate" else (("email", to),)
        self.ledger.holdings[write.key] = holding = Holding(token, self.world.process, self.world.now, channel, to, addresses)
        self.caps.claimed(holding)
        if any(call.heard != "refused" or call.taken for call in self.ledger.reminder(write.key, item).calls):
            self.wrong("a reminder was claimed again though an earlier call may have reached somebody")

    def _owed(self, key: Key, item: Item) -> tuple[tuple[str, str], ...]:
        """The person's addresses; wrong where the facts, folded here anew, owe no such word at the moment of the claim."""
        case = truth.Case.read(self.world.table, key[0])
        wait = case.folded(self.world.now).open
        if wait is None or (wait.cause, wait.word_due_at) != (text(item, "cause"), truth.instant(item["due"])):
            self.wrong(f"{text(item, 'step')} was claimed though its word was given, moved or cancelled before")
        person = case.candidate(self.world.table) or self.world.table.items[key[0], "APP"]
        found = tuple((way, address) for way, name in (("email", "email"), ("sms", "phone")) if (address := text(person, name)))
        if (text(item, "ch"), text(item, "to")) not in found:
            self.wrong("a message goes to an address that the candidate no longer has")
        return found

    def _settled(self, write: Write, fate: str) -> None:
        holding = self.ledger.holdings.pop(write.key, None)
        if holding is None or text(write.before, "claim") != holding.token:
            return self.wrong("a message was settled under another claim")
        if "to" not in (write.after or {}):
            return self._erased(write.key, holding, fate)
        last = holding.calls[-1] if holding.calls else None
        own = self.world.process is holding.process
        if own:
            fits = {
                "sent": last is not None and last.heard == "taken",
                "unknown": last is not None and last.heard == "nothing",
                "retrying": last is None or last.heard == "refused",
                "failed": last is None or last.heard == "refused",
                "suppressed": last is None,
            }[fate]
            if not fits:
                self.wrong(f"a message ended {fate}, and its provider call {last.heard if last else 'was not made'}")
            if fate == "sent" and last and text(write.after, "pid") != last.message_id:
                self.wrong("a message carries another message's provider id")
        elif fate != "unknown":
            self.wrong(f"a message was made {fate} by a process that does not hold its claim")
        elif self.world.now < self.ledger.claims[holding.token] - SKEW:
            self.wrong("a claim was buried while it stood")
        if fate == "unknown":
            self._explain(write.key, holding, last)
        return None

    def _erased(self, key: Key, holding: Holding, fate: str) -> None:
        """Its person was erased meanwhile: it may be on its way, and its sender has nothing left to write down."""
        if fate != "unknown":
            self.wrong(f"a message that was being sent when its person was erased ended {fate}")
        self.ledger.erased[key] = holding
        self.ledger.unknowns[key] = "its person was erased while it was being sent"

    def _explain(self, key: Key, holding: Holding, last: Call | None) -> None:
        faults = befallen(holding.process, "TransactWriteItems", holding.at if holding.calls else 0)
        ambiguous = {"lose", "drop", "late", "internal", "internal_done", "freeze", "freeze_after"}
        if last is not None and last.heard == "nothing" and not crashed(holding.process):
            why = "no answer from the provider"
        elif crashed(holding.process):
            why = "the worker crashed"
        elif last is None and ambiguous.intersection(faults):
            why = "the claim's answer was lost"
        elif len(faults) >= 4:
            why = "the settling was refused to the end"
        else:
            why = ""
            self.wrong("an unknown message has no injected cause")
        self.ledger.unknowns[key] = why

    def _application(self, write: Write) -> None:
        before, after = write.before, write.after
        if before is None or after is None or text(before, "w") != "open" or text(after, "w") != "open":
            return
        same = all(text(before, name) == text(after, name) for name in ("w_id", "w_due"))
        step = text(before, "step") or ""
        if not same or not step.startswith("nudge_") or step == text(after, "step"):
            return
        due = (text(before, "due_at") or "9999") <= truth.stored(self.world.now - SLACK)
        if due and not self._born(write.key[0], text(before, "w_id"), step) and self._still_wanted(after, step):
            self.wrong(f"{step} was due and was dropped without a word")

    def _born(self, pk: str, cause: str | None, step: str) -> bool:
        return any(
            key[1].startswith("MSG#") and text(item, "cause") == cause and text(item, "step") == step
            for key, item in self.world.table.partitions[pk].items()
        )

    def _still_wanted(self, application: Item, step: str) -> bool:
        """By the policy that the process may have read: one that an employer changed under its hands is not yet its own."""
        began = self.world.process.began_at if self.world.process else 0.0
        if self._employers_changed.get(f"EMP#{text(application, 'e')}", -1.0) >= began:
            return False
        return truth.wants_nudge(self.world.table, application, int(step.removeprefix("nudge_")))

    def claims_that_hold_nothing(self) -> None:
        """A claim is made with its messages and goes with them: one that none is being sent under is a burial to come."""
        held = {f"CLAIM#{holding.token}" for holding in (*self.ledger.holdings.values(), *self.ledger.erased.values())}
        if any(sk == "CLAIM" and pk not in held for pk, sk in self.world.table.items):
            self.wrong("a claim stands though nothing is being sent under it")
