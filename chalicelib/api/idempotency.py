"""`Idempotency-Key`: a POST that is sent again is answered as it was the first time, and done once.

The record of a key is a member of the very transaction that is the effect, so there is no moment at which one is without the
other, and no round trip of its own: it is looked for in the read that authenticates. To put the answer into it, the view runs
with its transaction kept back (`table.kept_by`); when the view has its reply, both go out together. Twins that run at once
meet on the record: one transaction wins, the other finds the answer there.

A view that reads after its write, or writes twice, can't be kept back: then its first transaction goes out with a record that
has no answer yet, and the answer follows. A refusal (4xx) changed nothing and is not kept.
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

LASTS = timedelta(hours=24)
IN_FLIGHT = timedelta(minutes=1)
"""A request lives 20 seconds: a record without an answer for longer belongs to one that died."""
_SHAPE = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_TRIES = 8


class _Twin(HeardbackError):
    """Another request with the same key was first."""


class Slot:
    """Where one request's key is kept. Raises BadRequest for a key that is none."""

    def __init__(self, request: Request, text: str) -> None:
        if not _SHAPE.fullmatch(text):
            raise BadRequest("Idempotency-Key takes 1 to 255 visible ASCII characters.", code="bad_idempotency_key")
        self.call = request
        owner = request.token.key_id if request.token else "operator"
        self._purpose = f"idempotency:{owner}:{text}"
        digest = keyed_hash(settings().secret, "idempotency", self._purpose)
        prefix = employer_pk(request.token.employer_id) if request.token else "OPERATOR"
        self.key: Key = (f"{prefix}#IDEM#{digest}", "IDEM")
        self.attempt = str(uuid4())
        query = sorted((name, values) for name, values in request.query.items())
        asked = dump([request.method, request.path, query]).encode("utf-8", "replace")
        self._request_sha256 = sha256(asked + b"\n" + request.raw_body).hexdigest()

    def record(self, reply: Response | None) -> IdempotencyItem:
        now = self.call.now
        return IdempotencyItem(
            *self.key,
            request_sha256=self._request_sha256,
            attempt=self.attempt,
            begun_at=now,
            expires_at=int((now + LASTS).timestamp()),
            answer=self._locked(reply) if reply else None,
        )

    def _locked(self, reply: Response) -> bytes:
        text = json.dumps([reply.status, reply.headers, reply.body], separators=(",", ":"))
        return encrypt(settings().secret, self._purpose, zlib.compress(text.encode()))

    def read(self) -> IdempotencyItem | None:
        """The record as it is now, where its day is not over."""
        return self.live(table.get(*self.key))

    def live(self, item: Item | None) -> IdempotencyItem | None:
        known = isinstance(item, IdempotencyItem) and int(item.expires_at or 0) > self.call.now.timestamp()
        return item if known and isinstance(item, IdempotencyItem) else None

    def replay(self, item: IdempotencyItem) -> Response:
        """The first answer again. Raises Unprocessable for another request, Conflict where there is no answer (yet)."""
        if item.request_sha256 != self._request_sha256:
            raise Unprocessable(
                "This Idempotency-Key was used for another request; use a fresh one.", code="idempotency_key_reused"
            )
        if item.answer is None:
            if self.call.now - item.begun_at < IN_FLIGHT:
                detail = "The first request with this Idempotency-Key is still being worked on."
                raise Conflict(detail, code="idempotency_in_flight", headers={"Retry-After": "1"})
            raise Conflict("The change was made and its answer was lost: read the records.", code="idempotency_answer_lost")
        status, headers, body = json.loads(zlib.decompress(decrypt(settings().secret, self._purpose, item.answer)))
        about = _about(self.call.claimed_employer_id, body)
        if len(table.get_many(about)) < len(about):
            raise Conflict("The change was made; whom it was about has been erased since.", code="idempotency_answer_erased")
        return Response(status, body, {**headers, "Idempotency-Replayed": "true"})


def _about(employer_id: str | None, body: Any) -> set[Key]:
    """The person and the application that an answer tells of, by their items: one who is erased must not come back out of it."""
    if not employer_id or not isinstance(body, dict):
        return set()
    whole = {**body, **(body.get("application") or {})}
    named = [str(whole.get(name) or "") for name in ("candidate_id", "application_id", "id")]
    people = {(candidate_pk(employer_id, one), "CAND") for one in named if is_id(one, "cand")}
    return people | {(case_pk(employer_id, one), "APP") for one in named if is_id(one, "app")}


class _Keeper:
    """Keeps the view's transaction back until there is a reply; `lost` is what the last sending met, told to the view as if
    its own commit had met it, so that it reads anew or refuses as it always does."""

    def __init__(self, slot: Slot, lost: ConditionFailed | None) -> None:
        self._slot = slot
        self._lost = lost
        self._kept: Transaction | None = None
        self.begun = False
        self.refused: ConditionFailed | None = None

    def take(self, transaction: Transaction) -> bool:
        lost, self._lost = self._lost, None
        if lost:
            raise lost
        self.before_read()
        if self.begun:
            return False
        self._kept = transaction
        return True

    def before_read(self) -> None:
        """What was kept goes out without an answer: the view wants to see it, or to write more."""
        kept, self._kept = self._kept, None
        if kept:
            self._send(kept, None)
            self.begun = True

    def finish(self, reply: Response) -> None:
        """The answer goes out: with the effect, after it where it could not be kept back, or alone where nothing changed."""
        if self.begun:
            record = self._slot.record(reply)
            answer = Transaction()
            answer.update(record, [IdempotencyItem.answer.set(record.answer)], IdempotencyItem.attempt == record.attempt)
            answer.send()
        elif self._kept or reply.status < 400:
            self._send(self._kept or Transaction(), reply)

    def _send(self, transaction: Transaction, reply: Response | None) -> None:
        """Raises _Twin, ConditionLost, WriteUnknown, Unavailable. A lost response is looked up: the record tells."""
        record = self._slot.record(reply)
        transaction.put(record, record.free_at)
        for _ in range(3):
            try:
                transaction.send()
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
    """The slot of a POST that names a key. Raises BadRequest."""
    text = request.headers.get("idempotency-key") if request.method == "POST" else None
    return Slot(request, text.strip()) if text is not None else None


def once(slot: Slot, view: Callable[[], Response]) -> Response:
    """The view's reply, or the one that was given before. The view may run again where others changed what it read."""
    if known := slot.live(slot.call.items.get(slot.key)):
        return slot.replay(known)
    lost: ConditionFailed | None = None
    for _ in range(_TRIES):
        keeper = _Keeper(slot, lost)
        try:
            with table.kept_by(keeper):
                reply = view()
            keeper.finish(reply)
            return reply
        except ConditionFailed as error:
            if keeper.refused is not error:
                raise
            lost = error
        except _Twin:
            if known := slot.read():
                return slot.replay(known)
    raise lost or Conflict


class IdempotencyItem(Item):
    """PK EMP#<employer id>#IDEM#<keyed hash>, or OPERATOR#IDEM#<keyed hash>; SK IDEM. Vanishes by `expires_at`."""

    kind = "IDEM"
    request_sha256 = UnicodeAttribute()
    attempt = UnicodeAttribute()
    """Tells the attempt that wrote this from every other."""
    begun_at = InstantAttribute()
    answer = BinaryAttribute(null=True, legacy_encoding=False)
    """Locked: it opens with the client's own key only. Absent while the change is made and its answer is not yet known."""

    @property
    def free_at(self) -> Any:
        """The condition under which a key may be taken: nobody has it, or its day is over."""
        return Item.PK.does_not_exist() | (IdempotencyItem.expires_at <= int(self.begun_at.timestamp()))
