"""Routes of risk and call list: the score, its history, the call list, links to the report,
observed reviews, and the public heard-back rate."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.reputation.tally_of_request import GROUP, tally_ahead, tally_of

reputation = Blueprint(__name__)


@route(reputation, "GET", "/v1/risk", scope="report", reads=tally_ahead)
def get_risk(request: Request) -> Response:
    from chalicelib.reputation import endpoints

    return endpoints.risk(request)


@route(reputation, "GET", "/v1/risk/history", scope="report")
def get_risk_history(request: Request) -> Response:
    from chalicelib.reputation import history

    return history.snapshots(request)


@route(reputation, "GET", "/v1/experience", scope="report")
def get_experience(request: Request) -> Response:
    from chalicelib.reputation import experience

    return experience.show(request)


@route(reputation, "GET", "/v1/call_list", scope="read", reads=tally_ahead)
def get_call_list(request: Request) -> Response:
    from chalicelib.reputation import endpoints

    return endpoints.call_list(request)


@route(reputation, "GET", "/v1/call_list.csv", scope="read", reads=tally_ahead)
def get_call_list_csv(request: Request) -> Response:
    from chalicelib.reputation import endpoints

    return endpoints.call_list_csv(request)


@route(reputation, "POST", "/v1/report_links", scope="report")
def post_report_link(request: Request) -> Response:
    from chalicelib.reputation import report_links

    return report_links.create(request)


@route(reputation, "GET", "/v1/risk/learned", scope="report", reads=tally_ahead)
def get_learned(request: Request) -> Response:
    from chalicelib.reputation import reviews
    from chalicelib.reputation.serializers import serialize_learned
    from chalicelib.rules.risk.report import assess

    request.read_query(GROUP)
    tally = tally_of(request)
    learned, scale = reviews.learn(request.employer_id, tally, request.now)
    return Response(body=serialize_learned(learned, scale, assess(tally, request.now, request.employer.review_days), request.now))


@route(reputation, "POST", "/v1/observed_reviews", scope="write")
def post_review(request: Request) -> Response:
    from chalicelib.reputation import reviews
    from chalicelib.reputation.schema import ReviewIn
    from chalicelib.reputation.serializers import serialize_review

    item, is_new = reviews.add(request.employer_id, request.body(ReviewIn).model_dump(), request.now, committer=request.committer)
    return Response(201 if is_new else 200, serialize_review(item), {"Location": f"/v1/observed_reviews/{item.id}"})


@route(reputation, "GET", "/v1/observed_reviews", scope="read")
def list_reviews(request: Request) -> Response:
    from chalicelib.reputation import reviews
    from chalicelib.reputation.serializers import serialize_review

    query, by_key = request.read_query(PAGING), {item.SK: item for item in reviews.read(request.employer_id)}
    page = pagination.paginate(
        request, query, pagination.ids_in(by_key), lambda some: [serialize_review(by_key[key]) for key in some]
    )
    return Response(body=page)


@route(reputation, "GET", "/v1/observed_reviews/{review_id}", scope="read")
def get_review(request: Request, review_id: str) -> Response:
    from chalicelib.reputation import reviews
    from chalicelib.reputation.serializers import serialize_review

    return Response(body=serialize_review(reviews.one(request.employer_id, review_id)))


@route(reputation, "DELETE", "/v1/observed_reviews/{review_id}", scope="write")
def delete_review(request: Request, review_id: str) -> Response:
    from chalicelib.reputation import reviews

    reviews.remove(request.employer_id, review_id)
    return Response(204)


@route(reputation, "POST", "/v1/report_shares", scope="manage")
def post_report_share(request: Request) -> Response:
    from chalicelib.api.serialize import extend
    from chalicelib.applications import groups
    from chalicelib.config import settings
    from chalicelib.reputation import report_shares, responses
    from chalicelib.reputation.schema import ReportShareIn
    from chalicelib.reputation.serializers import serialize_share

    body, by = request.body(ReportShareIn), request.caller.actor.name or request.caller.actor.type
    group = groups.demand(request.employer_id, body.group) if body.group else None
    given = (request.employer_id, body.days, group, by, request.now, settings().sign)
    item, token = report_shares.create(*given, committer=request.committer)
    told = extend(responses.NewReportShare, serialize_share(item), url=report_shares.url_of(token))
    return Response(201, told, {"Location": "/v1/report_shares"})


@route(reputation, "GET", "/v1/report_shares", scope="manage")
def list_report_shares(request: Request) -> Response:
    from chalicelib.reputation import report_shares
    from chalicelib.reputation.serializers import serialize_share

    query, by_key = request.read_query(PAGING), {item.SK: item for item in report_shares.listed(request.employer_id, request.now)}
    page = pagination.paginate(
        request, query, pagination.ids_in(by_key), lambda some: [serialize_share(by_key[key]) for key in some]
    )
    return Response(body=page)


@route(reputation, "DELETE", "/v1/report_shares/{id}", scope="manage")
def delete_report_share(request: Request, id: str) -> Response:
    from chalicelib.errors import NotFound
    from chalicelib.reputation import report_shares

    if all(item.id != id for item in report_shares.listed(request.employer_id, request.now)):
        raise NotFound
    report_shares.end(request.employer_id, id)
    return Response(204)


@route(reputation, "GET", "/v1/heard_back_rate", scope="report")
def get_heard_back_rate(request: Request) -> Response:
    request.read_query({})
    return _rate(request)


@route(reputation, "PUT", "/v1/heard_back_rate", scope="manage")
def put_heard_back_rate(request: Request) -> Response:
    from chalicelib.reputation import heard_back
    from chalicelib.reputation.schema import HeardBackIn

    if request.body(HeardBackIn).taking_part:
        heard_back.join(request.employer, request.now)
    else:
        heard_back.leave(request.employer_id, request.now)
    return _rate(request)


def _rate(request: Request) -> Response:
    from chalicelib.config import settings
    from chalicelib.reputation import heard_back
    from chalicelib.reputation.serializers import serialize_rate

    page_url = f"{settings().base_url}/heard-back/{request.employer_id}"
    return Response(body=serialize_rate(heard_back.find(request.employer_id), page_url))
