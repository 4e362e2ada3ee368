"""Holding notices: an honest "not yet", written by us, to one or to many."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from chalicelib.contract import answers
from chalicelib.contract.operation import Operation
from chalicelib.followups.notices.schema import HoldingNoticeIn, HoldingNoticesIn

_BY = "2026-06-12T17:00:00-04:00"


class HoldingNotice(BaseModel):
    """What became of one of them."""

    application_id: str
    status: Literal["accepted", "accepted_before", "refused"]
    message_id: str | None
    code: str | None
    detail: str | None


class HoldingNotices(BaseModel):
    """`next_after` goes into `call_list.after` for the next part."""

    data: list[HoldingNotice]
    next_after: str | None


OPERATIONS = {
    "POST /v1/applications/{application_id}/holding_notice": Operation(
        "send_holding_notice", "Tell a candidate by when they will hear", answers.Message, 202,
        also={200: "The same notice was asked for before"}, takes=HoldingNoticeIn, example={"next_word_by": _BY},
        says="On its way; the application changes when it was sent."),
    "POST /v1/holding_notices": Operation(
        "send_holding_notices", "Tell many candidates by when they will hear", HoldingNotices, takes=HoldingNoticesIn,
        example={"next_word_by": _BY, "call_list": {"overdue": True, "limit": 50}}),
}  # fmt: skip
