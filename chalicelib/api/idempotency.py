"""`Idempotency-Key`: a POST that is sent again is answered as it was the first time, and done once.

The record of a key is in the same transaction as the effect, so neither exists without the other. It costs no round trip:
it is read with the caller's API key. To put the response into it, the view runs with its transaction held back
(`HoldingCommitter`), and both are committed once there is a response. Two requests with one key that run at once meet
at the record: one transaction succeeds, and the other request finds the response there.

A view of several steps records its plan first, so that a repeat goes on where a crash ended the first request.
A view that reads after its write flushes first, one that sends a mail begins first, and a second commit flushes the first.
Then the effect is committed with a record that has no response yet, and the response follows. A refusal (4xx) changed nothing
and is not recorded.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from pynamodb.attributes import BinaryAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.api.json_text import dump
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.strict_json import parse_json
from chalicelib.config import settings
from chalicelib.encryption import decrypt, encrypt
from chalicelib.errors import ApiError, BadRequest, ConditionFailed, Conflict, HeardbackError, Unprocessable, WriteUnknown
from chalicelib.signing import keyed_hash
from chalicelib.storage import table
from chalicelib.storage.ids import is_id
from chalicelib.storage.keys import candidate_pk, case_pk, employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction
from chalicelib.storage.transaction import Committer

LIFETIME = timedelta(hours=24)
IN_FLIGHT = timedelta(minutes=1)
"""A request lasts 20 seconds at most: a record without a response for longer is of one that died."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_TRIES = 8


class _Twin(HeardbackError):
    """Another request with the same key was first."""


class Slot:
    """Where the record of one request is stored, and what the request asks for.

    `purpose` separates the records of one partition and binds the encrypted response. `meaning` is equal for requests that ask
    for the same; `exact` is the hash that versions before 0.2 compare.
    """

    def __init__(self, request: Request, *, partition: str, purpose: str, meaning: str, exact: str) -> None:
        self.request = request
        self._purpose = f"idempotency:{purpose}"
        digest = keyed_hash(settings().hash_secret, "idempotency", self._purpose)
        self.key: Key = (f"{partition}#IDEM#{digest}", "IDEM")
        self.attempt = str(uuid4())
        self._meaning, self._exact = meaning, exact

    def record(self, response: Response | None, *, plan: Any = None, created: list[str] | None = None) -> IdempotencyItem:
        """Makes the record, with the response where there is one."""
        now = self.request.now
        return IdempotencyItem(
            *self.key,
            request_sha256=self._exact,
            meaning_sha256=self._meaning,
            plan=plan,
            created=created or None,
            attempt=self.attempt,
            begun_at=now,
            expires_at=int((now + LIFETIME).timestamp()),
            answer=self._encrypted(response) if response else None,
        )

    def _encrypted(self, response: Response) -> bytes:
        text = json.dumps([response.status, response.headers, response.body], separators=(",", ":"))
        return encrypt(settings().lock, self._purpose, zlib.compress(text.encode()))

    def read(self) -> IdempotencyItem | None:
        """Reads the record as it is now, unless it has expired."""
        return self.live(table.get(*self.key))

    def live(self, item: Item | None) -> IdempotencyItem | None:
        """Returns the record unless it has expired: DynamoDB deletes late."""
        known = isinstance(item, IdempotencyItem) and int(item.expires_at or 0) > self.request.now.timestamp()
        return item if known and isinstance(item, IdempotencyItem) else None

    def replay(self, item: IdempotencyItem) -> Response:
        """Returns the first response again. Raises Unprocessable for another request, Conflict for a record without response."""
        if not self._asks_the_same(item):
            raise Unprocessable(
                "This Idempotency-Key was used for another request; use a fresh one.", code="idempotency_key_reused"
            )
        if item.answer is None:
            if self.request.now - item.begun_at < IN_FLIGHT:
                detail = "The first request with this Idempotency-Key is still being worked on."
                raise Conflict(detail, code="idempotency_in_flight", headers={"Retry-After": "1"})
            raise Conflict(_lost_detail(item), code="idempotency_answer_lost")
        status, headers, body = json.loads(zlib.decompress(decrypt(settings().lock, self._purpose, item.answer)))
        subjects = _subjects(self.request.claimed_employer_id, body)
        if len(table.get_many(subjects)) < len(subjects):
            raise Conflict(
                "The change was made. The person that it was about has been erased since.", code="idempotency_answer_erased"
            )
        return Response(status, body, {**headers, "Idempotency-Replayed": "true"})

    def _asks_the_same(self, item: IdempotencyItem) -> bool:
        return item.request_sha256 == self._exact if item.meaning_sha256 is None else item.meaning_sha256 == self._meaning

    def can_resume(self, item: IdempotencyItem) -> bool:
        """Whether the first request died between the steps of its plan, so that this one goes on with it."""
        died = item.answer is None and self.request.now - item.begun_at >= IN_FLIGHT
        return died and item.plan is not None and self._asks_the_same(item)


def _lost_detail(item: IdempotencyItem) -> str:
    made = f"It created {', '.join(item.created)}. " if item.created else ""
    return f"The change was made and its answer was lost. {made}Read the records to see it."


def _subjects(employer_id: str | None, body: Any) -> set[Key]:
    """Returns the items of the candidate and application in a response: an erased one must not be shown again."""
    if not employer_id or not isinstance(body, dict):
        return set()
    whole = {**body, **(body.get("application") or {})}
    named = [str(whole.get(name) or "") for name in ("candidate_id", "application_id", "id")]
    people = {(candidate_pk(employer_id, one), "CAND") for one in named if is_id(one, "cand")}
    return people | {(case_pk(employer_id, one), "APP") for one in named if is_id(one, "app")}


class HoldingCommitter(Committer):
    """Holds the view's transaction back until there is a response, and commits it with the key's record.

    `failure` is what the last attempt's commit met. The view meets it at its first commit, as if that commit had met it, and
    reads anew or refuses as it always does.
    """

    def __init__(self, slot: Slot, failure: ConditionFailed | None = None, plan: Any = None) -> None:
        """`plan`: that of a first request that died. Its record is this request's now."""
        self._slot = slot
        self._failure = failure
        self._held: Transaction | None = None
        self._plan = plan
        self._begun = plan is not None
        self.refused: ConditionFailed | None = None

    def commit(self, transaction: Transaction) -> None:
        """Holds the first transaction back. A second one commits both: the first with the record, the second at once."""
        if not len(transaction):
            return
        failure, self._failure = self._failure, None
        if failure:
            raise failure
        self.flush()
        if self._begun:
            transaction.commit()
        else:
            self._held = transaction

    def flush(self) -> None:
        """Commits what is held back, with a record that has no response yet."""
        held, self._held = self._held, None
        if held:
            self._commit_with_record(held, None)
            self._begun = True

    def begin(self) -> None:
        """Commits the record without a response, also where nothing is held back: a twin must not repeat the effect."""
        self.flush()
        if not self._begun:
            self._commit_with_record(Transaction(), None)
            self._begun = True

    def begin_steps(self, make_plan: Callable[[], Any]) -> Any:
        """Commits the record with a plan. A repeat of the request after a crash gets the same plan and goes on with it."""
        if self._plan is None:
            self._plan = make_plan()
            self.begin()
        return self._plan

    def finish(self, response: Response) -> None:
        """Records the response: with the effect, after an effect that was flushed, or alone where nothing changed."""
        if self._begun:
            record = self._slot.record(response)
            answer = Transaction()
            answer.update(record, [IdempotencyItem.answer.set(record.answer)], IdempotencyItem.attempt == record.attempt)
            answer.commit()
        elif self._held or response.status < 400:
            self._commit_with_record(self._held or Transaction(), response)

    def _commit_with_record(self, transaction: Transaction, response: Response | None) -> None:
        """Raises _Twin, ConditionFailed, WriteUnknown, Unavailable. After a lost response the record tells what happened."""
        record = self._slot.record(response, plan=self._plan, created=transaction.created_ids if response is None else None)
        transaction.put(record, record.is_free)
        for _ in range(3):
            try:
                transaction.commit()
                return
            except WriteUnknown as error:
                unknown = error
            except ConditionFailed as error:
                if record.key not in error.failed:
                    self.refused = error
                    raise
            found = self._slot.read()
            if found and found.attempt == record.attempt:
                return
            if found:
                raise _Twin
        raise unknown


def key_of(request: Request) -> str | None:
    """Returns the Idempotency-Key of a POST. Raises BadRequest for a malformed one."""
    given = request.headers.get("idempotency-key") if request.method == "POST" else None
    if given is not None and not _KEY.fullmatch(given.strip()):
        raise BadRequest("Idempotency-Key takes 1 to 255 visible ASCII characters.", code="bad_idempotency_key")
    return given.strip() if given is not None else None


def slot_of(request: Request) -> Slot | None:
    """Returns the slot of a POST with an Idempotency-Key. Raises BadRequest for a malformed key."""
    text = key_of(request)
    if text is None:
        return None
    owner = request.token.owner_id if request.token else "operator"
    query = sorted((name, values) for name, values in request.query.items())
    line = dump([request.method, request.path, query]).encode("utf-8", "replace") + b"\n"
    return Slot(
        request,
        partition=employer_pk(request.token.employer_id) if request.token else "OPERATOR",
        purpose=f"{owner}:{text}",
        meaning=sha256(line + canonical_body(request.raw_body)).hexdigest(),
        exact=sha256(line + request.raw_body).hexdigest(),
    )


def form_slot(request: Request, employer_id: str, session_id: str, fields: Mapping[str, list[str]], *state: str) -> Slot:
    """Returns the slot of one press of a page's button: the page's token, the address and all fields.

    `state` lists what must not have changed since, for a press to be a repeat.
    """
    pressed = sha256(dump([request.path, sorted(fields.items()), list(state)]).encode("utf-8", "replace")).hexdigest()
    return Slot(
        request, partition=employer_pk(employer_id), purpose=f"form:{session_id}:{pressed}", meaning=pressed, exact=pressed
    )


def canonical_body(raw: bytes) -> bytes:
    """Returns JSON that means the same as the same bytes: order of names, white space and 1.0 for 1 do not count."""
    try:
        parsed = parse_json(raw)
    except ApiError:
        return raw
    return json.dumps(_canonical(parsed), sort_keys=True, separators=(",", ":")).encode()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _canonical(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_canonical(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def once(slot: Slot, view: Callable[[], Response]) -> Response:
    """Runs the view, or returns the response given before. The view runs again where others changed what it read."""
    if known := slot.live(slot.request.items.get(slot.key)):
        return _resume(slot, known, view) if slot.can_resume(known) else slot.replay(known)
    failure: ConditionFailed | None = None
    for _ in range(_TRIES):
        committer = slot.request.committer = HoldingCommitter(slot, failure)
        try:
            response = view()
            committer.finish(response)
            return response
        except ConditionFailed as error:
            if committer.refused is not error:
                raise
            failure = error
        except _Twin:
            if known := slot.read():
                return slot.replay(known)
    raise failure or Conflict


def _resume(slot: Slot, dead: IdempotencyItem, view: Callable[[], Response]) -> Response:
    """Takes the record of a request that died over, and runs the view with its plan."""
    mine = slot.record(None)
    takeover = Transaction()
    takeover.update(
        mine,
        [IdempotencyItem.attempt.set(mine.attempt), IdempotencyItem.begun_at.set(mine.begun_at)],
        (IdempotencyItem.attempt == dead.attempt) & IdempotencyItem.answer.does_not_exist(),
    )
    try:
        takeover.commit()
    except ConditionFailed:  # another repeat was faster
        return slot.replay(slot.read() or dead)
    committer = slot.request.committer = HoldingCommitter(slot, plan=dead.plan)
    response = view()
    committer.finish(response)
    return response


class IdempotencyItem(Item):
    """PK EMP#<employer id>#IDEM#<keyed hash>, or OPERATOR#IDEM#<keyed hash>; SK IDEM. Vanishes by `expires_at`."""

    kind = "IDEM"
    request_sha256 = UnicodeAttribute()
    """Of the bytes. Versions before 0.2 compare it."""
    meaning_sha256 = UnicodeAttribute(null=True)
    """Of the canonical JSON."""
    plan = JSONAttribute(null=True)
    """The steps of an effect that a repeat can go on with."""
    created = JSONAttribute(null=True)
    """Ids of records that were created before the response was known."""
    attempt = UnicodeAttribute()
    """Tells the attempt that wrote this from every other."""
    begun_at = InstantAttribute()
    answer = BinaryAttribute(null=True, legacy_encoding=False)
    """The encrypted response, readable with the client's own key only. Absent until the response is known."""

    @property
    def is_free(self) -> Any:
        """The condition under which a key may be taken: nobody has it, or its day is over."""
        return Item.PK.does_not_exist() | (IdempotencyItem.expires_at <= int(self.begun_at.timestamp()))
