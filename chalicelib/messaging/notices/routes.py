"""`/v1/applications/{id}/holding_notice` and `/v1/holding_notices`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route

if TYPE_CHECKING:
    from chalicelib.messaging.responses import NoticeRows

notices = Blueprint(__name__)


@route(notices, "POST", "/v1/applications/{application_id}/holding_notice", scope="write")
def post_notice(request: Request, application_id: str) -> Response:
    """Answers 202: the notice is due. The application changes when it was sent."""
    from chalicelib.messaging.message_list import serialize_message
    from chalicelib.messaging.notices import request as notice_request
    from chalicelib.messaging.notices.schema import HoldingNoticeIn  # late: pydantic

    day, by = request.body(HoldingNoticeIn).next_word_by, request.caller.actor
    message, is_new = notice_request.ask(request.employer, application_id, day, request.now, committer=request.committer, by=by)
    return Response(202 if is_new else 200, serialize_message(message), {"Location": f"/v1/messages/{message.id}"})


@route(notices, "POST", "/v1/holding_notices", scope="write")
def post_notices(request: Request) -> NoticeRows:
    from chalicelib.messaging.notices import request as notice_request
    from chalicelib.messaging.notices.schema import HoldingNoticesIn
    from chalicelib.messaging.responses import NoticeRows

    given = request.body(HoldingNoticesIn)

    def plan() -> tuple[list[str], str | None]:
        if given.call_list:
            return notice_request.recipients(request.employer_id, given.call_list.recipients(), request.now)
        return list(dict.fromkeys(given.application_ids or [])), None

    wanted, more = request.committer.begin_steps(plan)
    day, by = given.next_word_by, request.caller.actor
    rows = notice_request.ask_many(request.employer, wanted, day, request.now, committer=request.committer, by=by)
    return NoticeRows(rows, more)
