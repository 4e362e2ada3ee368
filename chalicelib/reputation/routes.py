"""The risk wing's doors: the score, its history, the call list, and the page for people."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.access.routes import Call, Reply, route
from chalicelib.applications import lists
from chalicelib.http import PAGING
from chalicelib.reputation import (
    answers,
    table,  # noqa: F401 - its kinds are known from the start
)

reputation = Blueprint(__name__)


@route(reputation, "GET", "/v1/risk", scope="read", reads=answers.tally_ahead)
def get_risk(call: Call) -> Reply:
    return answers.risk(call)


@route(reputation, "GET", "/v1/risk/history", scope="read")
def get_risk_history(call: Call) -> Reply:
    from chalicelib.reputation import history

    return history.snapshots(call)


@route(reputation, "GET", "/v1/call_list", scope="read", reads=answers.tally_ahead)
def get_call_list(call: Call) -> Reply:
    return answers.call_list(call)


@route(reputation, "GET", "/v1/call_list.csv", scope="read", reads=answers.tally_ahead)
def get_call_list_csv(call: Call) -> Reply:
    return answers.call_list_csv(call)


@route(reputation, "POST", "/v1/report_links", scope="read")
def post_report_link(call: Call) -> Reply:
    from chalicelib.reputation import pages

    return pages.new_link(call)


@route(reputation, "GET", "/reports/risk", public=True)
def get_report(call: Call) -> Reply:
    from chalicelib.reputation import pages

    return pages.report(call)


@route(reputation, "GET", "/reports/risk.csv", public=True)
def get_report_csv(call: Call) -> Reply:
    from chalicelib.reputation import pages

    return pages.spreadsheet(call)


@route(reputation, "GET", "/v1/risk/learned", scope="read", reads=answers.tally_ahead)
def get_learned(call: Call) -> Reply:
    from chalicelib.reputation import reviews

    call.read_query({})
    return Reply(body=reviews.learned_json(call.employer_id, answers.tally_of(call), call.now))


@route(reputation, "POST", "/v1/observed_reviews", scope="write")
def post_review(call: Call) -> Reply:
    from chalicelib.reputation import reviews
    from chalicelib.reputation.schema import ReviewIn

    item, is_new = reviews.add(call.employer_id, call.body(ReviewIn).model_dump(), call.now)
    return Reply(201 if is_new else 200, reviews.review_json(item), {"Location": f"/v1/observed_reviews/{item.id}"})


@route(reputation, "GET", "/v1/observed_reviews", scope="read")
def list_reviews(call: Call) -> Reply:
    from chalicelib.reputation import reviews

    query, by_key = call.read_query(PAGING), {item.SK: item for item in reviews.read(call.employer_id)}
    page = lists.page(call, query, lists.of(by_key), lambda some: [reviews.review_json(by_key[key]) for key in some])
    return Reply(body=page)


@route(reputation, "GET", "/v1/observed_reviews/{review_id}", scope="read")
def get_review(call: Call, review_id: str) -> Reply:
    from chalicelib.reputation import reviews

    return Reply(body=reviews.review_json(reviews.one(call.employer_id, review_id)))


@route(reputation, "DELETE", "/v1/observed_reviews/{review_id}", scope="write")
def delete_review(call: Call, review_id: str) -> Reply:
    from chalicelib.reputation import reviews

    reviews.remove(call.employer_id, review_id)
    return Reply(204)
