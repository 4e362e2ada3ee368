"""Statutes, postings, and an application's statutory duties and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING, one_of, text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.api.serialize import to_json
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.items import PostingItem
from chalicelib.errors import NotFound
from chalicelib.storage import keys, table
from chalicelib.storage.recipients import addresses_of, opted_out

if TYPE_CHECKING:
    from chalicelib.applications.law.responses import Duties

law = Blueprint(__name__)
Json = dict[str, Any]


@route(law, "GET", "/v1/statutes", scope="read")
def list_statutes(request: Request) -> Json:
    """Lists every known statute, watched bills included."""
    from chalicelib.applications.law.serializers import serialize_statute
    from chalicelib.rules.statutes.data import STATUTES

    return pagination.paginate_few(request, [serialize_statute(one, request.now.date()) for one in STATUTES])


@route(law, "PUT", "/v1/postings", scope="write")
def put_posting(request: Request) -> Response:
    from chalicelib.applications.law import postings
    from chalicelib.applications.law.schema import PostingIn
    from chalicelib.applications.law.serializers import serialize_posting

    item, is_new = postings.put(request.employer, request.body(PostingIn).model_dump(), request.now)
    return Response(201 if is_new else 200, serialize_posting(item, request.now))


@route(law, "GET", "/v1/postings", scope="read")
def list_postings(request: Request) -> Json:
    from chalicelib.applications.law.duties import posting_key
    from chalicelib.applications.law.serializers import serialize_posting

    query = request.read_query({**PAGING, "job_title": text})

    if "job_title" in query:
        item = table.get(*posting_key(request.employer_id, query["job_title"]))
        known = {item.id: item.PK} if isinstance(item, PostingItem) else {}
    else:
        known = pagination.partitions(request.employer_id, "POSTING")

    def read(some: Sequence[str]) -> list[Any]:
        items = pagination.items_of([(known[one], "POSTING") for one in some])
        return [serialize_posting(item, request.now) if isinstance(item, PostingItem) else None for item in items]

    return pagination.paginate(request, query, pagination.ids_in(known), read)


@route(law, "GET", "/v1/applications/{application_id}/duties", scope="read")
def get_duties(request: Request, application_id: str) -> Duties:
    """Lists the deadlines, and the channels by which this person may be told: after STOP never by text."""
    from chalicelib.applications.law.responses import Duties
    from chalicelib.applications.law.serializers import serialize_duties
    from chalicelib.applications.unit_of_work import read_application

    request.read_query({})
    item = read_application(request.employer_id, application_id).application
    return Duties(item.id, serialize_duties(item, request.now), _channels(item))


def _channels(item: ApplicationItem) -> list[str]:
    from chalicelib.rules.statutes.deadlines import notice_channels

    out = bool(opted_out(addresses_of(None, item.phone)))
    takes_texts = bool(item.phone_takes_texts and item.sms_consent_at)
    return notice_channels(email=item.email, phone=item.phone, takes_texts=takes_texts, opted_out=out)


@route(law, "GET", "/v1/applications/{application_id}/evidence", scope="read")
def get_evidence(request: Request, application_id: str) -> Response:
    """Shows the evidence as it was recorded; `format=html` is a page to print."""
    from chalicelib.applications.law import evidence, evidence_page
    from chalicelib.applications.law.serializers import serialize_evidence

    query = request.read_query({"format": one_of("json", "html")})
    items = evidence.read(request.employer_id, application_id)
    item = table.get(keys.case_pk(request.employer_id, application_id), "APP")
    application = item if isinstance(item, ApplicationItem) and item.id == application_id else None
    if application is None and not any(entry.application_id == application_id for entry in items):
        raise NotFound
    pack = serialize_evidence(application_id, items, application, request.now)
    if query.get("format") == "html":
        return Response(200, evidence_page.page(request.employer, to_json(pack), request.now), dict(evidence_page.HEADERS))
    return Response(200, pack)
