"""Builds responses about erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.applications.privacy.items import ErasureItem
from chalicelib.applications.privacy.responses import Erasure, Hold, Kept


def serialize_erasure(item: ErasureItem) -> Erasure:
    """An erasure: what was erased and what is kept, with each legal hold and its end."""
    return Erasure(
        candidate_id=item.id,
        cause=item.cause,
        begun_at=item.begun_at,
        finished_at=item.finished_at,
        applications=len(item.erased) + len(item.applications),
        kept=Kept(
            waits=sum(one["waits"] for one in item.erased),
            messages=sum(one["messages"] for one in item.erased),
            opt_outs="as they are: keyed hashes, so that nobody who said stop is written to again",
        ),
        legal_hold=[_hold(one["application_id"], one["held"]) for one in item.erased if one["held"]],
    )


def _hold(application_id: str, held: dict[str, Any]) -> Hold:
    until = held["kept_until"]
    return Hold(**{**held, "application_id": application_id, "kept_until": datetime.fromisoformat(until) if until else None})
