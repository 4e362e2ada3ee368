"""Lines of SNS's delivery log, and the checks of what follows from them: what became of a text after SNS had taken it."""

from __future__ import annotations

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.simulation import truth
from tests.simulation.ledger import text
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Item, Table, Write

LINE = "log_line"
"""The kind of step in which such a line comes."""
ARRIVED, REFUSED, OPTED_OUT = "arrived", "refused", "opted out"
_RESPONSES = {
    ARRIVED: "Message has been accepted by phone",
    REFUSED: "Phone carrier has blocked this message",
    OPTED_OUT: "Phone number is opted out",
}
IN_PLACE = "_by_mail"
"""What the step of a mail in place of a failed text ends with."""
_SURELY_IN_TIME = 24 * 3600.0
"""So long before it would be too late, a mail in place of a text has an hour in which it may go."""


def line_about(call: Call, outcome: str, at: float) -> dict[str, Any]:
    """The event of a log subscription that hands over one line."""
    line = {
        "notification": {"messageId": call.message_id, "timestamp": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S.%f}"},
        "delivery": {"destination": call.to, "providerResponse": _RESPONSES[outcome]},
        "status": "SUCCESS" if outcome == ARRIVED else "FAILURE",
    }
    packed = {"messageType": "DATA_MESSAGE", "logEvents": [{"message": json.dumps(line)}]}
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(packed).encode())).decode()}}


@dataclass
class DeliveryLog:
    """The checks of one history."""

    table: Table
    wrong: Callable[[str], None]
    told: dict[object, tuple[str, str]] = field(default_factory=dict)
    """(provider's id, outcome) of each line, by request."""
    handled: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The outcomes that were handled to the end, by the provider's id."""

    def begin(self, process: Process, call: Call, outcome: str) -> None:
        """Notes what a line says before it is handled."""
        self.told[process.request] = (call.message_id, outcome)

    def allows(self, process: Process | None, write: Write) -> bool:
        """Whether a line makes this text a failed one: it is about it, and nothing said before that the text arrived."""
        provider_id, outcome = self._line(process)
        return outcome in (REFUSED, OPTED_OUT) and text(write.before, "pid") == provider_id and not has_arrived(write.before)

    def changed(self, process: Process | None, write: Write, now: float) -> None:
        """Checks a message that a line changed or made."""
        provider_id, outcome = self._line(process)
        if write.before is None:
            return self._check_mail(write.after or {}, provider_id)
        arrives = has_arrived(write.after) and not has_arrived(write.before) and text(write.after, "ch") == "sms"
        fits = (text(write.after, "pid"), outcome, text(write.after, "st")) == (provider_id, ARRIVED, "sent")
        if arrives and not fits:
            self.wrong("a text was said to have arrived that did not")
        if (text(write.before, "st"), text(write.after, "st")) == ("sent", "failed"):
            self._check_replaced(write, now)
        return None

    def _check_mail(self, mail: Item, provider_id: str) -> None:
        """Checks a mail in place of a text: the text is the one that failed."""
        if not is_in_place(mail):
            return
        partition = self.table.partitions[truth.model(mail).PK]
        texts = [item for item in partition.values() if text(item, "pid") == provider_id and text(item, "ch") == "sms"]
        if text(mail, "ch") != "email" or not texts or any(text(item, "st") != "failed" for item in texts):
            self.wrong("a mail came in place of a text that had not failed")

    def _check_replaced(self, write: Write, now: float) -> None:
        """Checks that anyone who waits for what a failed text said gets a mail in its place, where there is an address."""
        assert write.after is not None
        pk, step = write.key[0], text(write.after, "step") or ""
        if not step.startswith("nudge_") or (pk, "APP") not in self.table.items:
            return
        case = truth.Case.read(self.table, pk)
        wait, person = case.folded(now).open, case.candidate(self.table)
        about = text(write.after, "cause"), truth.instant(write.after["since"]), truth.instant(write.after["due"])
        in_time = truth.instant(write.after["na"]).timestamp() - now > _SURELY_IN_TIME
        if not person or "email" not in person or not in_time:
            return
        waits = wait is not None and (wait.cause, wait.since, wait.word_due_at) == about
        if waits and not any(text(item, "step") == step + IN_PLACE for item in self.table.partitions[pk].values()):
            self.wrong("a text failed, and no mail came in its place")

    def ended(self, process: Process) -> None:
        """Notes a line that was handled to the end."""
        provider_id, outcome = self._line(process)
        if provider_id and not process.crashed and not isinstance(process.outcome, BaseException):
            self.handled[provider_id].add(outcome)

    def left(self) -> Iterable[str]:
        """Checks at the end that each text of which a line told says so."""
        for item in self.table.items.values():
            outcomes = self.handled.get(text(item, "pid") or "")
            if outcomes and text(item, "ch") == "sms" and text(item, "st") == "sent" and not has_arrived(item):
                yield f"a text is sent, and the log said: {', '.join(sorted(outcomes))}"

    def _line(self, process: Process | None) -> tuple[str, str]:
        return self.told.get(process.request, ("", "")) if process is not None and process.kind == LINE else ("", "")


def has_arrived(item: Item | None) -> bool:
    return "delivered_at" in (item or {})


def cause_of(message: Item) -> str:
    """The cause of the wait that a message is about. That of a mail in place of a notice's text names the text too."""
    cause = text(message, "cause") or ""
    return cause.split(":", 2)[2] if cause.startswith("by_mail:") else cause


def is_in_place(item: Item | None) -> bool:
    """Whether it is a mail in place of a text that failed."""
    return (text(item, "step") or "").endswith(IN_PLACE) or (text(item, "cause") or "").startswith("by_mail:")
