"""Operations of risk, call list and observed reviews, and the public ones."""

from __future__ import annotations

from typing import Any

from chalicelib.api.response import XLSX
from chalicelib.api.spreadsheet import FORMATS
from chalicelib.messaging.responses import Health
from chalicelib.openapi.operation import OWNER, TRUE_OR_FALSE, Operation, Query, one_of, text
from chalicelib.reputation.responses import (
    CallListRow,
    Experience,
    HeardBackRate,
    Learned,
    NewReportShare,
    ObservedReview,
    ReportLink,
    ReportShare,
    Risk,
    RiskSnapshot,
)
from chalicelib.reputation.schema import HeardBackIn, ReportShareIn, ReviewIn
from chalicelib.rules.model import DECIDED, STAGES

_GROUP = {"group": text("Only applications of this group: a location, department or brand.", "Boston", is_made_up=True)}
_ROWS = {
    **_GROUP,
    "reachable": Query(TRUE_OR_FALSE, "false: those with neither phone nor address.", "true"),
    "decided": one_of(*DECIDED, example="rejected", says="Only those decided so and not told."),
    "stage": one_of(*STAGES, says="Only this stage."),
    "owner": OWNER,
    "snoozed": Query(TRUE_OR_FALSE, "true: those that are snoozed, which are left out otherwise.", "false"),
}
_FORMAT = {"format": one_of(*FORMATS, example="xlsx", says="A file for spreadsheets: CSV, or a workbook (XLSX).")}
_FILE = {
    **_ROWS,
    **_FORMAT,
    "limit": Query({"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}, "The most rows of the file.", "1000"),
    "cursor": text("From the `Link` header of the file before.", "eyJhIjoxfQ", is_made_up=True, pattern="^[ -~]+$"),
}
_DATE: dict[str, Any] = {"format": "date", "minLength": 10, "maxLength": 10}
_HTML = "text/html"

OPERATIONS = {
    "GET /v1/risk": Operation("get_risk", "What the silence costs", Risk, query=_GROUP, faults=(422,)),
    "GET /v1/risk/history": Operation(
        "list_risk_history",
        "How the score went, a snapshot a day",
        RiskSnapshot,
        page=True,
        query={
            "from": text("First UTC date.", "2026-05-01", **_DATE),
            "to": text("Last UTC date.", "2026-06-30", **_DATE),
            **_GROUP,
        },
    ),
    "GET /v1/risk/learned": Operation("get_learned", "What observed reviews have taught", Learned, query=_GROUP, faults=(422,)),
    "GET /v1/experience": Operation(
        "get_experience",
        "How candidates found it",
        Experience,
        query=_GROUP,
        faults=(422,),
        says="Asked once on the candidate's page, after they said that they heard. Shown in whole fives, under no name.",
    ),
    "POST /v1/observed_reviews": Operation(
        "add_observed_review",
        "Tell of a review that was seen",
        ObservedReview,
        201,
        also={200: "The same review was there already"},
        takes=ReviewIn,
        example={"posted_at": "2026-05-20T00:00:00Z", "rating": 2, "mentions_silence": True, "source": "glassdoor"},
    ),
    "GET /v1/observed_reviews": Operation("list_observed_reviews", "List observed reviews", ObservedReview, page=True),
    "GET /v1/observed_reviews/{review_id}": Operation("get_observed_review", "Get an observed review", ObservedReview),
    "DELETE /v1/observed_reviews/{review_id}": Operation("delete_observed_review", "Forget an observed review", None, 204),
    "GET /v1/call_list": Operation(
        "get_call_list",
        "Who to call first",
        CallListRow,
        page=True,
        page_also={
            "horizon_days": {
                "type": "integer",
                "minimum": 7,
                "maximum": 90,
                "description": "After how many days the desk comes round again: rows are ranked by what waiting so long costs.",
            }
        },
        query={**_ROWS, **_FORMAT},
        gives_files=("text/csv", XLSX),
        headers=("Content-Disposition", "X-Has-More"),
        says="Ordered by what waiting costs until the desk comes round again. A cursor keeps instant and horizon.",
    ),
    "GET /v1/call_list.csv": Operation(
        "get_call_list_csv",
        "The same as a spreadsheet",
        "text/csv",
        query=_FILE,
        gives_files=(XLSX,),
        headers=("Content-Disposition", "Link", "X-Has-More"),
        says="Up to a thousand rows. Where there are more, the last line says so, and `X-Has-More` and `Link`.",
    ),
    "POST /v1/report_links": Operation(
        "create_report_link",
        "Make a link to the report page",
        ReportLink,
        201,
        faults=(400, 413, 415),
        says="Read-only, for fifteen minutes. No body.",
    ),
    "POST /v1/report_shares": Operation(
        "create_report_share",
        "Share the report by a link for days",
        NewReportShare,
        201,
        takes=ReportShareIn,
        headers=("Location",),
        example={"days": 30},
        says="Anyone with the link reads the report, or that of one group, without names. `url` is told once; at most 20 links.",
    ),
    "GET /v1/report_shares": Operation("list_report_shares", "List links to the report", ReportShare, page=True),
    "DELETE /v1/report_shares/{id}": Operation("end_report_share", "End a link to the report at once", None, 204),
    "GET /v1/heard_back_rate": Operation(
        "get_heard_back_rate", "Whether the heard-back rate is published", HeardBackRate, faults=(422,)
    ),
    "PUT /v1/heard_back_rate": Operation(
        "put_heard_back_rate",
        "Publish the heard-back rate, or leave",
        HeardBackRate,
        takes=HeardBackIn,
        example={"taking_part": True},
        says="The public page shows how many candidates heard on time, renewed each night; not for employers on trial. "
        "After leaving it says that the employer left, and when. Idempotent.",
    ),
    "GET /healthz": Operation("get_health", "Whether sending keeps up", Health),
    "GET /u/{token}": Operation("show_unsubscribe", "The page behind an unsubscribe link", _HTML, faults=(404, 410)),
    "POST /u/{token}": Operation(
        "unsubscribe", "Stop mail to this address, or one digest (RFC 8058)", _HTML, takes_form=True, faults=(400, 404, 410, 413)
    ),
    "GET /reports/risk": Operation(
        "show_report",
        "The report page for people",
        _HTML,
        query={"token": text("From a report link; else send a key.", "c2FtcGxl", is_made_up=True)},
        faults=(401, 403, 410, 422),
    ),
    "GET /openapi.json": Operation("get_openapi", "This document", "application/json", tagged=True),
    "GET /docs": Operation("show_docs", "This document for people", _HTML),
}
