"""Bugs of HTTP requests: repeated ones, double presses, requests of several steps that were cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.storage.table import Item, Transaction
from tests.simulation.planted.bug import Bug, always_return, wrap

IDEMPOTENCY = "chalicelib.api.idempotency"
RECORD = "chalicelib.api.idempotency_record"
ASKING = "chalicelib.messaging.notices.request"


def committed_apart(commit: Callable[..., None]) -> Callable[..., None]:
    """The effect is committed before the record of its key, which follows with the answer."""

    def commit_at_once(self: Any, transaction: Transaction) -> None:
        transaction.commit()

    return commit_at_once


def by_page_alone(form_slot: Callable[..., Any]) -> Callable[..., Any]:
    def slot(request: Any, employer_id: str, session_id: str, fields: Any, *state: str) -> Any:
        return form_slot(request, employer_id, session_id, {"form_token": fields["form_token"]}, *state)

    return slot


def taken_by_anybody(_: Any) -> Callable[..., Any]:
    return lambda self: Item.PK.does_not_exist() | Item.PK.exists()


BUGS: tuple[Bug, ...] = (
    Bug(
        "the key's record apart from its effect",
        "A request that is cut off between the two is carried out once more: one call counts twice.",
        [wrap(IDEMPOTENCY, "HoldingCommitter.commit", committed_apart)],
    ),
    Bug(
        "a key that somebody has is taken again",
        "A button that is pressed twice logs two calls.",
        [wrap(RECORD, "IdempotencyItem.is_free", taken_by_anybody)],
    ),
    Bug(
        "a press known by its page alone",
        "A second, different call that is logged from the same page is dropped.",
        [wrap(RECORD, "form_slot", by_page_alone)],
    ),
    Bug(
        "a request that died is never resumed",
        "Of a hundred notices sixty go out, and the rest cannot be asked for under the same key.",
        [always_return(RECORD, "Slot.can_resume", False)],
    ),
    Bug(
        "a promise of the same day counts for nothing",
        "Everybody gets the same words again when the notices are asked for under a new key.",
        [always_return(ASKING, "_already_told", None)],
    ),
    Bug(
        "a resumed request asks for what is left only",
        "Its answer names some of the notices, and nobody knows of the others.",
        [
            wrap(
                ASKING,
                "ask_many",
                lambda ask_many: (
                    lambda employer, wanted, *args, **more: [
                        row for row in ask_many(employer, wanted, *args, **more) if row.status != "accepted_before"
                    ]
                ),
            )
        ],
    ),
)
