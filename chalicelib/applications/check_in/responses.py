"""Responses about check-in cards."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.auth.actors import Actor
from chalicelib.rules.model import Stage


class CheckInCard(ResponseBody):
    """A card. `url` is what its QR code holds: anyone who has it can check in until the card ends."""

    id: str
    url: str
    job_title: str
    stage: Stage
    group: str | None
    owner_id: str | None
    minutes: int
    created_at: datetime
    recorded_by: Actor | None
    expires_at: datetime
    revoked_at: datetime | None
