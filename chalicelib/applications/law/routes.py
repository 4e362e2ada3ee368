"""The doors of the law's clock: statutes, postings, an application's duties and its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib import ids, table
from chalicelib.access.call import Call, Reply
from chalicelib.access.optouts import addresses_of, opted_out
from chalicelib.access.routes import route
from chalicelib.applications import lists
from chalicelib.applications.amending import read_application
from chalicelib.applications.law import duties, evidence, evidence_page, postings
from chalicelib.applications.law.duties import posting_key
from chalicelib.applications.law.table import PostingItem
from chalicelib.applications.table import ApplicationItem
from chalicelib.errors import NotFound
from chalicelib.http import PAGING, one_of, text
from chalicelib.rules.deadlines import ways_to_tell

law = Blueprint(__name__)
Json = dict[str, Any]


@route(law, "GET", "/v1/statutes", scope="read")
def list_statutes(call: Call) -> Json:
    """Every statute that is known here, bills to watch included."""
    call.read_query({})
    return {"data": postings.every_statute(call.now.date())}


@route(law, "PUT", "/v1/postings", scope="write")
def put_posting(call: Call) -> Reply:
    from chalicelib.applications.law.schema import PostingIn

    item, is_new = postings.put(call.employer, call.body(PostingIn).model_dump(), call.now)
    return Reply(201 if is_new else 200, postings.posting_json(item, call.now))


@route(law, "GET", "/v1/postings", scope="read")
def list_postings(call: Call) -> Json:
    query = call.read_query({**PAGING, "job_title": text})

    if "job_title" in query:
        item = table.get(*posting_key(call.employer_id, query["job_title"]))
        known = {item.id: item.PK} if isinstance(item, PostingItem) else {}
    else:
        known = lists.partitions(call.employer_id, "POSTING")

    def read(some: Sequence[str]) -> list[Json | None]:
        items = lists.items_of([(known[one], "POSTING") for one in some])
        return [postings.posting_json(item, call.now) if isinstance(item, PostingItem) else None for item in items]

    return lists.page(call, query, lists.of(known), read)


@route(law, "GET", "/v1/applications/{application_id}/duties", scope="read")
def get_duties(call: Call, application_id: str) -> Json:
    """The deadlines, and by which ways this person may be told: after STOP never by text."""
    call.read_query({})
    item = read_application(call.employer_id, application_id).application
    return {"application_id": item.id, "data": duties.duties_json(item, call.now), "ways_to_tell": _ways(item)}


def _ways(item: ApplicationItem) -> list[str]:
    out = bool(opted_out(addresses_of(item.email, item.phone)))
    takes_texts = bool(item.phone_takes_texts and item.sms_consent_at)
    return ways_to_tell(email=item.email, phone=item.phone, takes_texts=takes_texts, opted_out=out)


@route(law, "GET", "/v1/applications/{application_id}/evidence", scope="read")
def get_evidence(call: Call, application_id: str) -> Reply:
    """What happened and what was told, as it was written down; `format=html` is a page to print."""
    query = call.read_query({"format": one_of("json", "html")})
    items = evidence.read(call.employer_id, application_id)
    item = table.get(ids.case_pk(call.employer_id, application_id), "APP")
    application = item if isinstance(item, ApplicationItem) and item.id == application_id else None
    if application is None and not any(entry.application_id == application_id for entry in items):
        raise NotFound
    pack = evidence.pack(application_id, items, application, duties.duties_json(application, call.now) if application else [])
    if query.get("format") == "html":
        return Reply(200, evidence_page.page(call.employer, pack, call.now), dict(evidence_page.HEADERS))
    return Reply(200, pack)
