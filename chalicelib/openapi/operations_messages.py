"""Operations of messages, replies, holding notices, letters and the timeline."""

from __future__ import annotations

from chalicelib.messaging.letters.responses import Letter
from chalicelib.messaging.letters.schema import LettersIn
from chalicelib.messaging.notices.schema import HoldingNoticeIn, HoldingNoticesIn
from chalicelib.messaging.responses import Message, NoticeRows, Reply
from chalicelib.messaging.schema import ResolutionIn
from chalicelib.messaging.timeline.responses import TimelineEntry
from chalicelib.openapi.operation import Operation, one_of
from chalicelib.rules.model import AUDIENCES, MESSAGE_CHANNELS, MESSAGE_STATUSES

_MESSAGES = {
    "status": one_of(*MESSAGE_STATUSES, example="sent", says="Its fate."),
    "channel": one_of(*MESSAGE_CHANNELS, says="How it went."),
    "audience": one_of(*AUDIENCES, says="Who got it."),
}

OPERATIONS = {
    "GET /v1/messages": Operation("list_messages", "List messages and their fates", Message, page=True, query=_MESSAGES),
    "GET /v1/messages/{message_id}": Operation("get_message", "Get a message", Message, faults=(422,)),
    "POST /v1/messages/{message_id}/resolve": Operation(
        "resolve_message",
        "Say what became of an unknown message",
        Message,
        takes=ResolutionIn,
        example={"status": "failed"},
        faults=(404, 409),
        says="Somebody has looked in the provider's log. With the operator's key name the `employer_id`.",
    ),
    "POST /v1/applications/{application_id}/holding_notice": Operation(
        "send_holding_notice",
        "Tell a candidate: no decision yet, you will hear by a day",
        Message,
        202,
        takes=HoldingNoticeIn,
        example={"next_word_by": "2026-06-12T17:00:00Z"},
        also={200: "It was asked for before"},
        faults=(404, 409),
        says="The promise begins when the notice was sent.",
    ),
    "POST /v1/holding_notices": Operation(
        "send_holding_notices",
        "Tell many candidates the same",
        NoticeRows,
        takes=HoldingNoticesIn,
        example={"next_word_by": "2026-06-12T17:00:00Z", "call_list": {"stage": "final"}},
        says="To at most 100, by their ids or by a part of the call list; one row for each.",
    ),
    "POST /v1/letters": Operation(
        "send_letters",
        "Tell a rejection in writing, to at most 100",
        Letter,
        202,
        takes=LettersIn,
        example={
            "application_ids": ["app_01KT4A4MR0S1K0FS1KR9M52VB2"],
            "decision": "rejected",
            "feedback": {"reasons": ["experience"]},
        },
        says="One row for each: accepted, accepted before, or refused with why (`already_told`, `withdrawn`, `closed`, "
        "`no_email`, `not_waiting`, `decided_otherwise`, `letter_pending`, `not_found`). Sent in the candidate's hours from "
        "`send_at` on. Reasons are criteria from a list; or `feedback.promised_by` names a day. A letter that was sent is logged "
        "as a contact. One that bounces is not word, and its wait is open again.",
    ),
    "GET /v1/letters/{letter_id}": Operation("get_letter", "What became of letters", Letter),
    "DELETE /v1/letters/{letter_id}": Operation(
        "cancel_letters", "Cancel what is not sent", Letter, says="The answer says what had gone already. Twice is once."
    ),
    "GET /v1/applications/{application_id}/timeline": Operation(
        "get_timeline",
        "Everything that happened to an application",
        TimelineEntry,
        page=True,
        says="Interviews and how they changed, contacts, messages with their words and fates, replies, holding notices, letters, "
        "decisions and disputes. `payload` is by `type`.",
    ),
    "GET /v1/applications/{application_id}/messages": Operation(
        "list_messages_of_application", "List messages about an application", Message, page=True
    ),
    "GET /v1/replies": Operation("list_replies", "List what candidates said", Reply, page=True),
    "GET /v1/applications/{application_id}/replies": Operation(
        "list_replies_of_application", "List what this candidate answered by text", Reply, page=True
    ),
    "GET /v1/replies/{reply_id}": Operation("get_reply", "Get what a candidate said", Reply, faults=(422,)),
    "POST /v1/replies/{reply_id}/seen": Operation("mark_reply_seen", "Mark what a candidate said as read", Reply),
}
