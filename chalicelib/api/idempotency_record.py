"""The record of an `Idempotency-Key`: where it is stored, what its request asks for, and the response that it keeps."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
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
from chalicelib.errors import ApiError, BadRequest, Conflict, Unprocessable
from chalicelib.signing import keyed_hash
from chalicelib.storage import table
from chalicelib.storage.ids import is_id
from chalicelib.storage.keys import candidate_pk, case_pk, employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key

LIFETIME = timedelta(hours=24)
IN_FLIGHT = timedelta(minutes=1)
"""A request lasts 20 seconds at most: a record without a response for longer is of one that died."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


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
