"""The risk wing's doors: the score, its history, the call list, and the page for people."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.access.routes import Call, Reply, route
from chalicelib.reputation import answers, history, pages

reputation = Blueprint(__name__)


@route(reputation, "GET", "/v1/risk", scope="read", reads=answers.tally_ahead)
def get_risk(call: Call) -> Reply:
    return answers.risk(call)


@route(reputation, "GET", "/v1/risk/history", scope="read")
def get_risk_history(call: Call) -> Reply:
    return history.snapshots(call)


@route(reputation, "GET", "/v1/call_list", scope="read", reads=answers.tally_ahead)
def get_call_list(call: Call) -> Reply:
    return answers.call_list(call)


@route(reputation, "GET", "/v1/call_list.csv", scope="read", reads=answers.tally_ahead)
def get_call_list_csv(call: Call) -> Reply:
    return answers.call_list_csv(call)


@route(reputation, "POST", "/v1/report_links", scope="read")
def post_report_link(call: Call) -> Reply:
    return pages.new_link(call)


@route(reputation, "GET", "/reports/risk", public=True)
def get_report(call: Call) -> Reply:
    return pages.report(call)


@route(reputation, "GET", "/reports/risk.csv", public=True)
def get_report_csv(call: Call) -> Reply:
    return pages.spreadsheet(call)
