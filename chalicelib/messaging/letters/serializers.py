"""Builds responses about letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.auth.actors import stored_actor
from chalicelib.messaging.letters.items import LetterItem
from chalicelib.messaging.letters.responses import Letter, LetterCounts, LetterFeedback, LetterRow
from chalicelib.messaging.message_list import shown_status
from chalicelib.messaging.messages import MessageItem

_ON_ITS_WAY = ("queued", "retrying", "sending")
_WENT_OUT = ("sent", "delivered", "unknown")


def serialize_letter(item: LetterItem, messages: Mapping[str, MessageItem]) -> Letter:
    rows = [_row(row, messages.get(row["message_id"] or "")) for row in item.rows]
    given = LetterFeedback(list(item.reasons or []), item.feedback_by) if item.reasons or item.feedback_by else None
    return Letter(
        id=item.id,
        decision=item.decision,
        feedback=given,
        send_at=item.send_at,
        created_at=item.created_at,
        recorded_by=stored_actor(item.created_by),
        cancelled_at=item.cancelled_at,
        counts=_counts(rows),
        data=rows,
    )


def _row(row: dict[str, str | None], message: MessageItem | None) -> LetterRow:
    return LetterRow(
        application_id=row["application_id"] or "",
        status=row["status"],  # type: ignore[arg-type]
        message_id=row["message_id"],
        message_status=shown_status(message) if message else None,
        bounced_at=message.bounced_at if message else None,
        lacks=list(message.lacks or ()) if message else [],
        code=row["code"],  # type: ignore[arg-type]
        detail=row["detail"],
    )


def _counts(rows: Sequence[LetterRow]) -> LetterCounts:
    statuses = [row.message_status for row in rows if row.message_status]
    queued, sent = (sum(status in some for status in statuses) for some in (_ON_ITS_WAY, _WENT_OUT))
    refused = sum(row.status == "refused" for row in rows)
    bounced = sum(row.bounced_at is not None for row in rows)
    return LetterCounts(queued, sent, bounced, len(statuses) - queued - sent, refused)
