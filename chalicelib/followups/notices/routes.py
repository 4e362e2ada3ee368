"""`/v1/applications/{id}/holding_notice` and `/v1/holding_notices`."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.access.call import Call, Reply
from chalicelib.access.routes import route
from chalicelib.followups.messages import message_json
from chalicelib.followups.notices import asking

notices = Blueprint(__name__)


@route(notices, "POST", "/v1/applications/{application_id}/holding_notice", scope="write")
def post_notice(call: Call, application_id: str) -> Reply:
    """202: it is on its way. The application changes when it was sent."""
    from chalicelib.followups.notices.schema import HoldingNoticeIn  # late: pydantic

    message, is_new = asking.ask(call.employer, application_id, call.body(HoldingNoticeIn).next_word_by, call.now)
    return Reply(202 if is_new else 200, message_json(message))


@route(notices, "POST", "/v1/holding_notices", scope="write")
def post_notices(call: Call) -> dict[str, Any]:
    from chalicelib.followups.notices.schema import HoldingNoticesIn

    given = call.body(HoldingNoticesIn)
    wanted, more = list(dict.fromkeys(given.application_ids or [])), None
    if given.call_list:
        wanted, more = asking.whom(call.employer_id, given.call_list.whom(), call.now)
    return {"data": asking.ask_many(call.employer, wanted, given.next_word_by, call.now), "next_after": more}
