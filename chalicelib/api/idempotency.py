"""`Idempotency-Key`: a POST that is sent again is answered as it was the first time, and done once.

The record of a key is in the same transaction as the effect, so neither exists without the other. It costs no round trip:
it is read with the caller's API key. To put the response into it, the view runs with its transaction held back
(`HoldingCommitter`), and both are committed once there is a response. Two requests with one key that run at once meet
at the record: one transaction succeeds, and the other request finds the response there.

A view that reads after its write flushes first, one that sends a mail begins first, and a second commit flushes the first.
Then the effect is committed with a record that has no response yet, and the response follows. A refusal (4xx) changed nothing
and is not recorded.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.api.json_text import dump
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.config import settings
from chalicelib.encryption import decrypt, encrypt
from chalicelib.errors import BadRequest, ConditionFailed, Conflict, HeardbackError, Unprocessable, WriteUnknown
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
    """Where the record of one request's key is stored. Raises BadRequest for a malformed key."""

    def __init__(self, request: Request, text: str) -> None:
        if not _KEY.fullmatch(text):
            raise BadRequest("Idempotency-Key takes 1 to 255 visible ASCII characters.", code="bad_idempotency_key")
        self.request = request
        owner = request.token.key_id if request.token else "operator"
        self._purpose = f"idempotency:{owner}:{text}"
        digest = keyed_hash(settings().secret, "idempotency", self._purpose)
        prefix = employer_pk(request.token.employer_id) if request.token else "OPERATOR"
        self.key: Key = (f"{prefix}#IDEM#{digest}", "IDEM")
        self.attempt = str(uuid4())
        query = sorted((name, values) for name, values in request.query.items())
        line = dump([request.method, request.path, query]).encode("utf-8", "replace")
        self._request_sha256 = sha256(line + b"\n" + request.raw_body).hexdigest()

    def record(self, response: Response | None) -> IdempotencyItem:
        """Makes the record, with the response where there is one."""
        now = self.request.now
        return IdempotencyItem(
            *self.key,
            request_sha256=self._request_sha256,
            attempt=self.attempt,
            begun_at=now,
            expires_at=int((now + LIFETIME).timestamp()),
            answer=self._encrypted(response) if response else None,
        )

    def _encrypted(self, response: Response) -> bytes:
        text = json.dumps([response.status, response.headers, response.body], separators=(",", ":"))
        return encrypt(settings().secret, self._purpose, zlib.compress(text.encode()))

    def read(self) -> IdempotencyItem | None:
        """Reads the record as it is now, unless it has expired."""
        return self.live(table.get(*self.key))

    def live(self, item: Item | None) -> IdempotencyItem | None:
        """Returns the record unless it has expired: DynamoDB deletes late."""
        known = isinstance(item, IdempotencyItem) and int(item.expires_at or 0) > self.request.now.timestamp()
        return item if known and isinstance(item, IdempotencyItem) else None

    def replay(self, item: IdempotencyItem) -> Response:
        """Returns the first response again. Raises Unprocessable for another request, Conflict for a record without response."""
        if item.request_sha256 != self._request_sha256:
            raise Unprocessable(
                "This Idempotency-Key was used for another request; use a fresh one.", code="idempotency_key_reused"
            )
        if item.answer is None:
            if self.request.now - item.begun_at < IN_FLIGHT:
                detail = "The first request with this Idempotency-Key is still being worked on."
                raise Conflict(detail, code="idempotency_in_flight", headers={"Retry-After": "1"})
            raise Conflict("The change was made and its answer was lost: read the records.", code="idempotency_answer_lost")
        status, headers, body = json.loads(zlib.decompress(decrypt(settings().secret, self._purpose, item.answer)))
        subjects = _subjects(self.request.claimed_employer_id, body)
        if len(table.get_many(subjects)) < len(subjects):
            raise Conflict("The change was made; whom it was about has been erased since.", code="idempotency_answer_erased")
        return Response(status, body, {**headers, "Idempotency-Replayed": "true"})


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

    def __init__(self, slot: Slot, failure: ConditionFailed | None = None) -> None:
        self._slot = slot
        self._failure = failure
        self._held: Transaction | None = None
        self._begun = False
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
        record = self._slot.record(response)
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


def slot_of(request: Request) -> Slot | None:
    """Returns the slot of a POST that has a key. Raises BadRequest."""
    text = request.headers.get("idempotency-key") if request.method == "POST" else None
    return Slot(request, text.strip()) if text is not None else None


def once(slot: Slot, view: Callable[[], Response]) -> Response:
    """Runs the view, or returns the response given before. The view runs again where others changed what it read."""
    if known := slot.live(slot.request.items.get(slot.key)):
        return slot.replay(known)
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


class IdempotencyItem(Item):
    """PK EMP#<employer id>#IDEM#<keyed hash>, or OPERATOR#IDEM#<keyed hash>; SK IDEM. Vanishes by `expires_at`."""

    kind = "IDEM"
    request_sha256 = UnicodeAttribute()
    attempt = UnicodeAttribute()
    """Tells the attempt that wrote this from every other."""
    begun_at = InstantAttribute()
    answer = BinaryAttribute(null=True, legacy_encoding=False)
    """The encrypted response, readable with the client's own key only. Absent until the response is known."""

    @property
    def is_free(self) -> Any:
        """The condition under which a key may be taken: nobody has it, or its day is over."""
        return Item.PK.does_not_exist() | (IdempotencyItem.expires_at <= int(self.begun_at.timestamp()))
