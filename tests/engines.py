"""Parts of the fixtures in conftest.py: a clock, an in-process HTTP client, and faults injected below botocore.

Real engines on loopback, a moved clock, faults on the wire. No module of ours is mocked.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from infra.local.server import gateway, handle
from tests.wire import Body, Wire

START = datetime(2026, 6, 2, 14, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in New York: 48 hours later is inside the send window there."""
OPERATOR_KEY = "hb_operator_" + "t" * 40
SECRET = "a secret of the tests, longer than thirty-two characters"
BASE_URL = "http://heardback.example"


class StandingClock:
    """Stands still unless a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> datetime:
        self.now = now.astimezone(UTC)
        return self.now

    def advance(self, **by: float) -> datetime:
        """advance(hours=48), advance(days=5, minutes=1)"""
        return self.set(self.now + timedelta(**by))

    def text(self, **by: float) -> str:
        """Now, or now moved by so much, as the API writes it."""
        return (self.now + timedelta(**by)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Answer(NamedTuple):
    """`json` is the parsed body, or its text where it is not JSON."""

    status: int
    json: Any
    headers: dict[str, str]


class Api:
    """HTTP in process: Chalice's local gateway in front of app.py. Thread-safe."""

    def __init__(self, app: Any, key: str | None = None) -> None:
        self.app = app
        self.key = key
        self._gateway = gateway(app)

    def using(self, key: str | None) -> Api:
        """The same API under another key."""
        return Api(self.app, key)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Answer:
        """`body`: anything but bytes and str goes as JSON. `query` values may be lists."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        sent = {"Content-Type": kind} if body is not None else {}
        if key or self.key:
            sent["Authorization"] = f"Bearer {key or self.key}"
        if query:
            path += "?" + urlencode(query, doseq=True)
        raw = body.encode() if isinstance(body, str) else body if isinstance(body, bytes | None) else json.dumps(body).encode()
        answer = handle(self._gateway, method, path, {**sent, **(headers or {})}, raw)
        return Answer(answer["statusCode"], _parsed(answer["body"]), {**answer["headers"], **_flat(answer["multiValueHeaders"])})

    def get(self, path: str, **kwargs: Any) -> Answer:
        return self("GET", path, **kwargs)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> Answer:
        return self("POST", path, body, **kwargs)

    def patch(self, path: str, body: Any = None, **kwargs: Any) -> Answer:
        return self("PATCH", path, body, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Answer:
        return self("DELETE", path, **kwargs)

    def new_employer(self, scopes: tuple[str, ...] = ("read", "write", "manage"), **fields: Any) -> Api:
        """A new employer (not in trial mode, with a call-back number) and the API under its key. `.employer_id` names it."""
        operator = self.using(OPERATOR_KEY)
        body = {
            "name": "Acme Robotics",
            "timezone": "America/New_York",
            "call_back_name": "Dana",
            "trial": False,
            "call_back_phone": "+12025550100",
            "call_back_email": "dana@example.com",
            "digest_to": [],
            **fields,
        }
        made = operator.post("/v1/employers", body)
        assert made.status == 201, made
        key = operator.post("/v1/keys", {"employer_id": made.json["id"], "scopes": list(scopes)})
        assert key.status == 201, key
        tenant = self.using(key.json["secret"])
        tenant.employer_id = made.json["id"]
        tenant.get("/v1/risk")  # the first request of a day notes the key's use: tests that count writes begin after it
        return tenant

    employer_id: str = ""


def _parsed(body: Any) -> Any:
    if body is None:
        return None
    if isinstance(body, bytes):
        return body  # a file
    text = body
    try:
        return json.loads(text)
    except ValueError:
        return text


def _flat(headers: dict[str, list[str]]) -> dict[str, str]:
    return {name: ", ".join(values) for name, values in headers.items()}


class Outbox(list[dict[str, Any]]):
    """What SNS and SES accepted, oldest first: {channel, to, from, subject?, body, html?, headers?, at}."""

    @property
    def sms(self) -> list[dict[str, Any]]:
        return [entry for entry in self if entry["channel"] == "sms"]

    @property
    def email(self) -> list[dict[str, Any]]:
        return [entry for entry in self if entry["channel"] == "email"]

    def to(self, address: str) -> list[dict[str, Any]]:
        return [entry for entry in self if entry["to"] == address]


class Crash(BaseException):
    """The process died here. A BaseException, so that no error handler catches it."""


class Faults:
    """Injects faults on the wire, below the SDK's retries. `operation` is AWS's name: "TransactWriteItems", "Publish".

    Every fault may be confined: `times` (default once; None: always), `after` (let so many pass first),
    `where` (a text in the request's body).
    """

    def __init__(self) -> None:
        self._armed: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._wire = Wire()
        self.seen: Counter[str] = Counter()

    def install(self, client: Any) -> None:
        client.meta.events.register("before-send.*.*", self._before_send, unique_id=f"faults-{id(self)}")
        # the name of an operation is not in the request: it is kept while the client calls
        client.meta.events.register_first("before-call.*.*", self._before_call, unique_id=f"faults-name-{id(self)}")

    @property
    def armed(self) -> bool:
        return bool(self._armed)

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()
            self.seen.clear()

    def lose_response(self, operation: str, **confined: Any) -> None:
        """The engine does it, and the response is lost."""
        self._arm(operation, self._lose, confined)

    def refuse_connection(self, operation: str, **confined: Any) -> None:
        """Nothing was written to the wire: provably not done."""
        self._arm(operation, lambda request: _raise(ConnectTimeoutError(endpoint_url=request.url)), confined)

    def throttle(self, operation: str, code: str = "ThrottlingException", status: int = 400, **confined: Any) -> None:
        self.answer(operation, status, code, **confined)

    def conflict(self, operation: str = "TransactWriteItems", reasons: int = 1, **confined: Any) -> None:
        """Another transaction holds an item. The engines here serialise and never answer so."""
        said = [{"Code": "TransactionConflict", "Message": "injected"}, *[{"Code": "None"}] * (reasons - 1)]
        self.answer(operation, 400, "TransactionCanceledException", {"CancellationReasons": said}, **confined)

    def answer(self, operation: str, status: int, code: str, body: dict[str, Any] | None = None, **confined: Any) -> None:
        """Any error that AWS could answer; nothing is done."""
        self._arm(operation, lambda request: _error(request, status, code, body or {}), confined)

    def refuse_entries(self, statuses: dict[int, str], **confined: Any) -> None:
        """SES takes a bulk send but for the entries at these places, which get these statuses."""

        def act(request: Any) -> AWSResponse:
            asked = json.loads(_text(request.body))
            taken = [entry for place, entry in enumerate(asked["BulkEmailEntries"]) if place not in statuses]
            request.body = json.dumps({**asked, "BulkEmailEntries": taken}).encode()
            request.headers["Content-Length"] = str(len(request.body))
            answer = self._wire.send(request)
            results = iter(json.loads(answer.content)["BulkEmailEntryResults"])
            merged = [
                {"Status": statuses[place], "Error": "injected"} if place in statuses else next(results)
                for place in range(len(asked["BulkEmailEntries"]))
            ]
            content = json.dumps({"BulkEmailEntryResults": merged}).encode()
            return AWSResponse(request.url, 200, {"Content-Type": "application/json"}, Body(content))

        self._arm("SendBulkEmail", act, confined)

    def crash_before(self, operation: str, **confined: Any) -> None:
        self._arm(operation, lambda request: _raise(Crash(operation)), confined)

    def crash_after(self, operation: str, **confined: Any) -> None:
        """The engine does it, and the process dies before the response."""

        def act(request: Any) -> None:
            self._wire.send(request)
            raise Crash(operation)

        self._arm(operation, act, confined)

    def before(self, operation: str, act: Callable[[], Any], **confined: Any) -> None:
        """Run something just before, to make a race happen every time."""
        self._arm(operation, lambda request: act() and None, confined)

    def _arm(self, operation: str, act: Callable[[Any], Any], confined: dict[str, Any]) -> None:
        armed = {"operation": operation, "act": act, "times": 1, "after": 0, "where": "", **confined}
        with self._lock:
            self._armed.append(armed)

    def _lose(self, request: Any) -> None:
        response = self._wire.send(request)
        error = ReadTimeoutError(endpoint_url=request.url)
        error.taken_by_provider = response.status_code < 300
        raise error

    def _before_call(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        _CALLING.operation = model.name

    def _before_send(self, request: Any, **_: Any) -> Any:
        operation = _CALLING.operation
        fault = self._take(operation, request.body)
        answer = fault["act"](request) if fault else None
        if answer is not None:
            request.is_answered = True  # botocore asks every handler: the wire must not send it as well
        return answer

    def _take(self, operation: str, body: Any) -> dict[str, Any] | None:
        with self._lock:
            self.seen[operation] += 1
            for fault in self._armed:
                if fault["operation"] != operation or fault["where"] not in _text(body) or fault["times"] == 0:
                    continue
                if fault["after"]:
                    fault["after"] -= 1
                    continue
                if fault["times"] is not None:
                    fault["times"] -= 1
                return fault
        return None


_CALLING = threading.local()


def _raise(error: BaseException) -> None:
    raise error


def _text(body: Any) -> str:
    return body.decode(errors="replace") if isinstance(body, bytes) else str(body or "")


def _error(request: Any, status: int, code: str, fields: dict[str, Any]) -> AWSResponse:
    """The JSON protocols' error; the query protocol (SNS) wants XML."""
    if "Action=" in _text(request.body):
        content = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>injected</Message></Error>"
            "<RequestId>injected</RequestId></ErrorResponse>"
        ).encode()
    else:
        content = json.dumps({"__type": code, "message": "injected", "Message": "injected", **fields}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), "x-amzn-ErrorType": code}
    return AWSResponse(request.url, status, headers, Body(content))


@contextlib.contextmanager
def counted_calls() -> Iterator[dict[int, int]]:
    """Counts function calls by thread, in this thread and those that begin meanwhile. They are steady where times are not."""
    found: dict[int, int] = {}

    def seen(_frame: Any, event: str, _of: Any) -> None:
        if event in ("call", "c_call"):
            me = threading.get_ident()
            found[me] = found.get(me, 0) + 1

    threading.setprofile(seen)
    sys.setprofile(seen)
    try:
        yield found
    finally:
        sys.setprofile(None)
        nothing: Any = None  # which typeshed knows only of newer versions of Python
        threading.setprofile(nothing)


@contextlib.contextmanager
def calls_outside_the_sdk() -> Iterator[Counter[str]]:
    """Counts this thread's function calls, as `calls`, without those below a call of botocore's."""
    found, inside = Counter[str](), 0

    def seen(frame: Any, event: str, _of: Any) -> None:
        nonlocal inside
        if event == "return":
            inside = max(inside - 1, 0)
        elif event == "call" and (inside or f"{os.sep}botocore{os.sep}" in frame.f_code.co_filename):
            inside += 1
        elif event in ("call", "c_call") and not inside:
            found["calls"] += 1

    sys.setprofile(seen)
    try:
        yield found
    finally:
        sys.setprofile(None)


class Meter:
    """Counts DynamoDB requests, each attempt of the SDK, and the capacity that they consumed, per operation."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.read_units: Counter[str] = Counter()
        self.write_units: Counter[str] = Counter()
        self._lock = threading.Lock()

    def install(self, client: Any) -> None:
        client.meta.events.register("response-received.dynamodb.*", self._received, unique_id=f"meter-{id(self)}")
        client.meta.events.register_first("before-call.dynamodb.*", self._before_call, unique_id=f"meter-name-{id(self)}")

    def remove(self, client: Any) -> None:
        client.meta.events.unregister("response-received.dynamodb.*", self._received, unique_id=f"meter-{id(self)}")
        client.meta.events.unregister("before-call.dynamodb.*", self._before_call, unique_id=f"meter-name-{id(self)}")

    def reset(self) -> None:
        for counts in (self.requests, self.read_units, self.write_units):
            counts.clear()

    @property
    def total(self) -> int:
        return sum(self.requests.values())

    def _before_call(self, model: Any, **_: Any) -> None:
        _CALLING.operation = model.name

    def _received(self, parsed_response: dict[str, Any] | None, **_: Any) -> None:
        operation = _CALLING.operation
        with self._lock:
            self.requests[operation] += 1
            consumed = (parsed_response or {}).get("ConsumedCapacity") or []
            for one in consumed if isinstance(consumed, list) else [consumed]:
                units = one.get("CapacityUnits", 0)
                write = one.get("WriteCapacityUnits", units if operation in _WRITES else 0)
                self.write_units[operation] += write
                self.read_units[operation] += one.get("ReadCapacityUnits", 0 if operation in _WRITES else units)


_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


def code_for(outbox: Outbox, email: str) -> str:
    """The code of the last invitation to an address."""
    return re.findall(r": ([0-9]{6})$", outbox.to(email)[-1]["body"], re.MULTILINE)[-1]


def join(employer: Api, outbox: Outbox, email: str, name: str = "Robin", role: str = "recruiter") -> Answer:
    """Invites somebody who accepts by the code. The invitation is taken out of the outbox. A person who is known stays so."""
    made = employer.post("/v1/people", {"name": name, "email": email, "role": role})
    if made.status == 201:
        accepted = employer.using(None).post("/v1/invitations/accept", {"email": email, "code": code_for(outbox, email)})
        assert accepted.status == 200, accepted
        outbox.remove(outbox.to(email)[-1])
    return made


def seek(api: Api, outbox: Outbox, email: str = "jo@example.com", **fields: Any) -> Api:
    """Signs a job seeker up, or in again, by the mailed code; requests are then sent with their access token, for an hour."""
    given = {"email": email, "name": "Jo Sample", "timezone": "America/New_York", **fields}
    asked = api.using(None).post("/v1/seekers", given)
    assert asked.status == 202, asked
    entered = api.using(None).post("/v1/sessions", {"email": email, "code": code_for(outbox, email)})
    assert entered.status == 201, entered
    return api.using(entered.json["access_token"])
