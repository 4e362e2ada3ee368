"""Serves every call of every process, and injects faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation.faults import Fault, kinds_of
from tests.simulation.processes import Process, Schedule
from tests.simulation.transport import NoResponse
from tests.simulation.world.providers import Call, Providers, alone
from tests.simulation.world.queue import Queue
from tests.simulation.world.table import Refused, Table, cancelled

REMINDERS = "heardback-reminders"
READ_TIMEOUT = {"dynamodb": 3.0, "sqs": 10.0, "sns": 5.0, "sesv2": 5.0, "s3": 10.0}
CONNECT_TIMEOUT = 1.0
FREEZE_MOST = 150.0
BULK = "SendBulkEmail"
ENTRY_ANSWERS = (
    ("SUCCESS", True, "taken"),
    ("ACCOUNT_THROTTLED", False, "refused"),
    ("MESSAGE_REJECTED", False, "refused"),
    ("FAILED", True, "nothing"),
    ("TRANSIENT_FAILURE", False, "refused"),
    ("FAILED", False, "nothing"),
)
"""An entry's status, whether the mail goes out, and what the caller learns. A doubtful last entry is left out of the answer."""


@dataclass
class World:
    """Everything below botocore in one history."""

    schedule: Schedule
    table: Table
    queue: Queue
    providers: Providers
    chance: Random
    background: dict[str, Queue] = field(default_factory=dict)
    """Queues with workers of their own, by name: what may be slow."""
    faults_met: Counter[str] = field(default_factory=Counter)
    bucket: dict[str, bytes] = field(default_factory=dict)
    """The mails that arrived, by key."""
    on_call: Callable[[Call], None] = lambda call: None
    on_read: Callable[[dict[str, Any]], None] = lambda request: None
    calls: int = 0
    trace: list[str] | None = None

    @property
    def process(self) -> Process | None:
        """The process that runs now, or None."""
        return self.schedule.current

    def queue_of(self, url: str) -> Queue:
        """The queue of a URL. Any other than that of reminders is made when it is first used."""
        name = url.rpartition("/")[2]
        if name == REMINDERS:
            return self.queue
        if name not in self.background:
            self.background[name] = Queue(self.chance, self.queue.duplicates, self.queue.vague)
        return self.background[name]

    @property
    def now(self) -> float:
        return self.schedule.now

    def serve(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Serves one call of the running process."""
        self.calls += 1
        process = self.schedule.current
        if process is None:
            return self._do(service, operation, request)
        if process.crashed:
            self.schedule.crash(process)
        number, process.calls = process.calls, process.calls + 1
        fault = self._fault(process, number, operation, request)
        if self.trace is not None:
            self.trace.append(f"{self.schedule.now:.4f} {process.name} #{number} {operation} {fault.kind if fault else ''}")
        self.schedule.wait(process.chance.uniform(0.0005, 0.01))
        if fault is None:
            response = self._do(service, operation, request)
        else:
            response = self._inject(fault, process, service, operation, request)
        self.schedule.wait(process.chance.uniform(0.0005, 0.01))
        return response

    def _fault(self, process: Process, number: int, operation: str, request: dict[str, Any]) -> Fault | None:
        met: Counter[str] = process.notes.setdefault("calls", Counter())
        places = {kind: met[kind] for kind in kinds_of(operation, request)}
        met.update(places.keys())
        return next((fault for fault in process.notes.get("faults", ()) if fault.applies_to(number, places)), None)

    def _do(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        now = self.schedule.now
        match service:
            case "dynamodb":
                if operation == "BatchGetItem":
                    self.on_read(request)
                return self.table.serve(operation, request, now)
            case "sqs":
                return self.queue_of(request["QueueUrl"]).serve(operation, request, now)
            case "s3":
                return self._serve_mail(operation, request["Key"])
        calls = self._call(operation, request, taken=True, heard="taken")
        if operation == BULK:
            return {"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": call.message_id} for call in calls]}
        return {"MessageId": calls[0].message_id}

    def _serve_mail(self, operation: str, key: str) -> dict[str, Any]:
        if operation == "DeleteObject":
            self.bucket.pop(key, None)
            return {"Raw": b""}
        if key not in self.bucket:
            raise Refused("NoSuchKey", "it was worked off", 404)
        return {"Raw": self.bucket[key]}

    def _call(self, operation: str, request: dict[str, Any], *, taken: bool, heard: str) -> list[Call]:
        """Records the message of a call, or each message of a bulk send."""
        each = [alone(request, entry) for entry in request["BulkEmailEntries"]] if operation == BULK else [request]
        return [self._call_one(operation, one, taken=taken, heard=heard) for one in each]

    def _call_one(self, operation: str, request: dict[str, Any], *, taken: bool, heard: str) -> Call:
        process = self.schedule.current
        call = self.providers.call(
            operation, request, self.schedule.now, process.name if process else "", taken=taken, heard=heard
        )
        self.on_call(call)
        return call

    def _inject(self, fault: Fault, process: Process, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.faults_met[fault.kind] += 1
        process.notes.setdefault("faults_met", []).append((self.schedule.now, fault.kind, operation))
        sends = service in ("sns", "sesv2")

        def done() -> dict[str, Any]:
            """The service does it, and its response is lost."""
            if sends:
                self._call(operation, request, taken=True, heard="nothing")
                return {}
            try:
                return self._do(service, operation, request)
            except Refused:
                return {}

        def refused(code: str, status: int = 400) -> Refused:
            if sends:
                self._call(operation, request, taken=False, heard="refused")
            return Refused(code, "injected", status)

        def silent(seconds: float) -> NoResponse:
            self.schedule.wait(seconds)
            return NoResponse(written=True)

        match fault.kind:
            case "crash_before":
                self.schedule.crash(process)
            case "crash_after":
                done()
                self.schedule.crash(process)
            case "lose":
                done()
                raise silent(READ_TIMEOUT[service])
            case "drop":
                if sends:
                    self._call(operation, request, taken=False, heard="nothing")
                raise silent(READ_TIMEOUT[service])
            case "late":
                self._later(fault, service, operation, request, done)
                raise silent(READ_TIMEOUT[service])
            case "refuse":
                self.schedule.wait(CONNECT_TIMEOUT)
                if sends:
                    self._call(operation, request, taken=False, heard="refused")
                raise NoResponse(written=False)
            case "internal":
                if sends:
                    self._call(operation, request, taken=False, heard="nothing")
                raise Refused("InternalServerError", "injected", 500)
            case "internal_done":
                done()
                raise Refused("InternalServerError", "injected", 500)
            case "unavailable":
                raise refused("ServiceUnavailable", 503)
            case "reject" if sends:
                raise refused("InvalidParameter" if service == "sns" else "MessageRejected")
            case "conflict" if operation == "TransactWriteItems":
                raise self._conflict(request, process)
            case "freeze":
                self.schedule.wait(fault.size * FREEZE_MOST)
            case "freeze_after":
                response = self._do(service, operation, request)
                self.schedule.wait(fault.size * FREEZE_MOST)
                return response
            case "partial":
                return self._partly(fault, service, operation, request)
            case _:
                raise refused("Throttling" if sends else "ThrottlingException")
        return self._do(service, operation, request)

    def _later(self, fault: Fault, service: str, operation: str, request: dict[str, Any], done: Callable[[], Any]) -> None:
        if service in ("sns", "sesv2"):
            done()
            return
        process = self.schedule.current

        def arrive() -> None:
            self.schedule.current = process  # the sender of the request
            done()
            self.schedule.current = None

        self.schedule.at(self.schedule.now + READ_TIMEOUT[service] + _late(fault.size), arrive)

    def _conflict(self, request: dict[str, Any], process: Process) -> Refused:
        reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in request["TransactItems"]]
        place = process.chance.randrange(len(reasons))
        reasons[place] = {"Code": "TransactionConflict", "Message": "injected"}
        return cancelled(reasons)

    def _partly(self, fault: Fault, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Serves a part: leaves some of a batch unprocessed, or returns a short page of a query."""
        if operation == "BatchGetItem":
            self.table.leave_unprocessed = lambda count: int(count * fault.size)
        elif operation == "Query":
            self.table.page_most = 1
        elif operation == BULK:
            return self._send_some(fault, request)
        elif operation == "SendMessageBatch":
            entries = request["Entries"]
            kept = entries[: 1 + int((len(entries) - 1) * fault.size)]
            failed = [{"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"} for entry in entries[len(kept) :]]
            return {**self._do(service, operation, {**request, "Entries": kept}), "Failed": failed}
        try:
            return self._do(service, operation, request)
        finally:
            self.table.leave_unprocessed, self.table.page_most = (lambda count: 0), 1000

    def _send_some(self, fault: Fault, request: dict[str, Any]) -> dict[str, Any]:
        """Takes some entries of a bulk send, and answers for each of the others in one of the ways that SES has."""
        entries, results = request["BulkEmailEntries"], []
        first = int(fault.size * len(entries))
        for place, entry in enumerate(entries):
            kind = 0 if place < first else (place + int(fault.size * 1000)) % len(ENTRY_ANSWERS)
            status, taken, heard = ENTRY_ANSWERS[kind]
            call = self._call_one(BULK, alone(request, entry), taken=taken, heard=heard)
            results.append({"Status": status, **({"MessageId": call.message_id} if heard == "taken" else {})})
        return {"BulkEmailEntryResults": results[: -1 if heard == "nothing" else None]}


def _late(size: float) -> float:
    """How late a request arrives, in seconds: soon after its time-out, when its claim comes due, or any time."""
    if size < 0.3:
        return size * 10
    return 890 + (size - 0.3) * 40 if size < 0.6 else 900 + (size - 0.6) * 1500
