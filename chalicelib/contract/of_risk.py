"""Risk and call list, the law's clock, and the few doors that ask for no key."""

from __future__ import annotations

from chalicelib.applications.law.schema import PostingIn
from chalicelib.contract import answers
from chalicelib.contract.operation import TRUE_OR_FALSE, Operation, Query, one_of, text
from chalicelib.reputation.schema import ReviewIn

_ROWS = {
    "reachable": Query(TRUE_OR_FALSE, "false: those with neither phone nor address.", "true"),
    "decided": one_of("rejected", "advancing", "offer", says="Only those decided so and not told."),
    "stage": one_of("screen", "interview", "final", says="Only this stage."),
}
_DATE = {"format": "date", "minLength": 10, "maxLength": 10}
_HTML = "text/html"

OPERATIONS = {
    "GET /v1/risk": Operation("get_risk", "What the silence costs", answers.Risk, faults=(422,)),
    "GET /v1/risk/history": Operation(
        "list_risk_history", "How the score went, a snapshot a day", answers.RiskSnapshot, page=True,
        query={"from": text("First UTC date.", "2026-05-01", **_DATE), "to": text("Last UTC date.", "2026-06-30", **_DATE)}),
    "GET /v1/risk/learned": Operation(
        "get_learned", "What observed reviews have taught", answers.Learned, faults=(422,)),
    "POST /v1/observed_reviews": Operation(
        "add_observed_review", "Tell of a review that was seen", answers.ObservedReview, 201,
        also={200: "The same review was there already"}, takes=ReviewIn,
        example={"posted_at": "2026-05-20T00:00:00Z", "rating": 2, "mentions_silence": True, "source": "glassdoor"}),
    "GET /v1/observed_reviews": Operation("list_observed_reviews", "List observed reviews", answers.ObservedReview, page=True),
    "GET /v1/observed_reviews/{review_id}": Operation("get_observed_review", "Get an observed review", answers.ObservedReview),
    "DELETE /v1/observed_reviews/{review_id}": Operation("delete_observed_review", "Forget an observed review", None, 204),
    "GET /v1/call_list": Operation(
        "get_call_list", "Whom to call first", answers.CallListRow, page=True, query=_ROWS,
        says="In the order in which a week's delay costs most. A cursor keeps the instant of the first page."),
    "GET /v1/call_list.csv": Operation("get_call_list_csv", "The same as a spreadsheet", "text/csv", query=_ROWS),
    "POST /v1/report_links": Operation(
        "create_report_link", "Make a link to the report page", answers.ReportLink, 201, faults=(400, 413, 415),
        says="Read-only, for fifteen minutes. No body."),
    "GET /v1/statutes": Operation("list_statutes", "Every statute that is known here", answers.Statutes, faults=(422,)),
    "PUT /v1/postings": Operation(
        "put_posting", "Say what the law asks about a job", answers.Posting, also={201: "Made"}, takes=PostingIn,
        example={"job_title": "Welder", "jurisdiction": "CA-ON", "headcount": 40, "advertised": "public"},
        says="Made or replaced whole, by job title."),
    "GET /v1/postings": Operation(
        "list_postings", "List postings", answers.Posting, page=True, query={"job_title": text("This job.", "Welder")}),
    "GET /v1/applications/{application_id}/duties": Operation(
        "list_duties", "Statutory deadlines of an application", answers.Duties, faults=(422,),
        says="And by which ways this person may be told."),
    "GET /v1/applications/{application_id}/evidence": Operation(
        "get_evidence", "What happened and what was told", answers.Evidence,
        query={"format": one_of("json", "html", says="`html` is a page to print.")}),
    "GET /healthz": Operation("get_health", "Whether sending keeps up", answers.Health),
    "GET /u/{token}": Operation("show_unsubscribe", "The page behind an unsubscribe link", _HTML, faults=(404, 410)),
    "POST /u/{token}": Operation(
        "unsubscribe", "Stop all messages to this person (RFC 8058)", _HTML, takes_form=True, faults=(400, 404, 410, 413)),
    "GET /reports/risk": Operation(
        "show_report", "The report page for people", _HTML, query={"token": text("From a report link; else send a key.")},
        faults=(401, 403, 410, 422)),
    "GET /openapi.json": Operation("get_openapi", "This document", "application/json", tagged=True),
    "GET /docs": Operation("show_docs", "This document for people", _HTML),
}  # fmt: skip
