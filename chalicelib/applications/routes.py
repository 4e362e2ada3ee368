"""The records wing's doors: candidates and applications. Interviews and contacts have rooms of their own beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from chalice import Blueprint

from chalicelib import ids, table
from chalicelib.access.call import created
from chalicelib.access.routes import Call, Reply, route
from chalicelib.applications import amending, candidates, keeping, lists, matching, service, views
from chalicelib.applications.table import ApplicationItem, CandidateItem
from chalicelib.http import PAGING, instant, one_of, require_match, text, true_or_false
from chalicelib.rules.records import STAGES
from chalicelib.rules.similar import alike
from chalicelib.table import Key
from chalicelib.values import instant_near, read_email, read_phone

records = Blueprint(__name__)
Json = dict[str, Any]


def _external_id(value: str) -> tuple[str, str]:
    system, colon, record = value.partition(":")
    if not (system and colon and record):
        raise ValueError("must be system:id, like greenhouse:265277")
    return system, record


def _phone(value: str) -> str:
    """A "+" that was not encoded arrives as a space."""
    return read_phone("+" + value[1:] if value.startswith(" ") else value)


# --- candidates ------------------------------------------------------------------------------------------------------


@route(records, "POST", "/v1/candidates", scope="write")
def post_candidate(call: Call) -> Reply:
    from chalicelib.applications.schema import (
        CandidateIn,  # late: schemas bring pydantic, 96 ms that most cold starts need not pay
    )

    item, is_new = candidates.create(call.employer, call.body(CandidateIn).person(), call.now)
    return created(views.candidate_json(item), f"/v1/candidates/{item.id}", views.candidate_etag(item), is_new=is_new)


@route(records, "GET", "/v1/candidates", scope="read")
def list_candidates(call: Call) -> Json:
    query = call.read_query({**PAGING, "email": read_email, "phone": _phone, "external_id": _external_id})
    employer_id = call.employer_id

    def passes(item: CandidateItem) -> bool:
        same_email = "email" not in query or (item.email or "").casefold() == query["email"].casefold()
        known = {(e["system"], e["id"]) for e in item.external_ids}
        return (
            same_email
            and query.get("phone", item.phone) == item.phone
            and ("external_id" not in query or query["external_id"] in known)
        )

    def read(some: Sequence[str]) -> list[Json | None]:
        items = lists.items_of([(ids.candidate_pk(employer_id, one), "CAND") for one in some])
        return [views.candidate_json(i) if isinstance(i, CandidateItem) and passes(i) else None for i in items]

    return lists.page(call, query, _candidates_for(employer_id, query), read)


def _candidates_for(employer_id: str, query: Json) -> Callable[[str | None], Iterator[str]]:
    if "email" in query:
        return lists.of(
            _matched(matching.candidate_keys(employer_id, name="", email=query["email"], phone=None, external_ids=()))
        )
    if "external_id" in query:
        system, record = query["external_id"]
        return lists.of(
            _matched(
                matching.candidate_keys(
                    employer_id, name="", email=None, phone=None, external_ids=({"system": system, "id": record},)
                )
            )
        )
    return lists.of_kind(employer_id, "CAND")


def _matched(keys: list[Key]) -> list[str]:
    known = matching.first_match(keys, table.get_many(keys))
    return [known] if known else []


def _candidate_key(call: Call) -> list[Key]:
    return [(ids.candidate_pk(call.claimed_employer_id or "", call.params["candidate_id"]), "CAND")]


@route(records, "GET", "/v1/candidates/{candidate_id}", scope="read", reads=_candidate_key)
def get_candidate(call: Call, candidate_id: str) -> Reply:
    item = call.items.get(_candidate_key(call)[0])
    if not isinstance(item, CandidateItem):
        item = candidates.read(call.employer_id, candidate_id)
    return Reply(200, views.candidate_json(item), {"ETag": views.candidate_etag(item)})


@route(records, "PATCH", "/v1/candidates/{candidate_id}", scope="write")
def patch_candidate(call: Call, candidate_id: str) -> Reply:
    from chalicelib.applications.schema import CandidatePatch

    given = call.body(CandidatePatch).changes()
    item = candidates.change(
        call.employer, candidate_id, given, call.now, lambda found: require_match(call.if_match, views.candidate_etag(found))
    )
    return Reply(200, views.candidate_json(item), {"ETag": views.candidate_etag(item)})


# --- applications ----------------------------------------------------------------------------------------------------


@route(records, "POST", "/v1/applications", scope="write")
def post_application(call: Call) -> Reply:
    from chalicelib.applications.schema import ApplicationIn

    case, is_new = service.open_application(call.employer, call.body(ApplicationIn).opening(), call.now)
    return _application(call, case.application, is_new=is_new)


def _application(call: Call, item: ApplicationItem, *, is_new: bool = False) -> Reply:
    return created(
        views.application_json(item, call.now), f"/v1/applications/{item.id}", views.application_etag(item), is_new=is_new
    )


@route(records, "GET", "/v1/applications", scope="read")
def list_applications(call: Call) -> Json:
    query = call.read_query(
        {
            **PAGING,
            "loop": one_of("idle", "booked", "waiting", "answered", "closed"),
            "overdue": true_or_false,
            "stage": one_of(*STAGES),
            "decided": one_of("advancing", "offer", "rejected"),
            "candidate_id": text,
            "external_id": _external_id,
            "updated_after": lambda value: instant_near(value.replace(" ", "+"), call.now),
        }
    )
    employer_id = call.employer_id

    def read(some: Sequence[str]) -> list[Json | None]:
        items = lists.items_of([(ids.case_pk(employer_id, one), "APP") for one in some])
        return [_filtered(i, query, call.now) if isinstance(i, ApplicationItem) else None for i in items]

    return lists.page(call, query, _applications_for(employer_id, query), read)


def _filtered(item: ApplicationItem, query: Json, now: datetime) -> Json | None:
    shown = views.application_json(item, now)
    same = all(query.get(name, shown[name]) == shown[name] for name in ("loop", "overdue", "stage", "decided", "candidate_id"))
    known = {(e["system"], e["id"]) for e in item.external_ids}
    fresh = "updated_after" not in query or item.updated_at > query["updated_after"]
    return shown if same and fresh and ("external_id" not in query or query["external_id"] in known) else None


def _applications_for(employer_id: str, query: Json) -> Callable[[str | None], Iterator[str]]:
    if "external_id" in query:
        system, record = query["external_id"]
        return lists.of(_matched(matching.application_keys(employer_id, ({"system": system, "id": record},))))
    if "candidate_id" in query:
        item = table.get(ids.candidate_pk(employer_id, query["candidate_id"]), "CAND")
        return lists.of(item.applications if isinstance(item, CandidateItem) else [])
    return lists.of_kind(employer_id, "APP")


def _application_key(call: Call) -> list[Key]:
    return [(ids.case_pk(call.claimed_employer_id or "", call.params["application_id"]), "APP")]


@route(records, "GET", "/v1/applications/{application_id}", scope="read", reads=_application_key)
def get_application(call: Call, application_id: str) -> Reply:
    item = call.items.get(_application_key(call)[0])
    if not isinstance(item, ApplicationItem) or item.id != application_id:
        item = amending.read_application(call.employer_id, application_id).application
    return Reply(200, views.application_json(item, call.now), {"ETag": views.application_etag(item)})


@route(records, "PATCH", "/v1/applications/{application_id}", scope="write")
def patch_application(call: Call, application_id: str) -> Reply:
    from chalicelib.applications.schema import ApplicationPatch

    given = call.body(ApplicationPatch).changes()
    case = service.change_application(
        call.employer,
        application_id,
        given,
        call.now,
        lambda found: require_match(call.if_match, views.application_etag(found.application)),
    )
    return Reply(200, views.application_json(case.application, call.now), {"ETag": views.application_etag(case.application)})


# --- kept in mind ----------------------------------------------------------------------------------------------------


@route(records, "GET", "/v1/keep_in_mind", scope="read")
def list_kept_in_mind(call: Call) -> Json:
    """Whom somebody promised to keep in mind, by job title; `job_title` asks for those of similar work."""
    query = call.read_query({**PAGING, "job_title": text})
    like = query.get("job_title")

    def read(some: Sequence[str]) -> list[Json | None]:
        similar = [place for place in some if like is None or alike(like, keeping.title_of(place))]
        found = dict(zip(similar, keeping.still_kept(call.employer_id, similar, call.now), strict=True))
        return [keeping.keep_json(*kept) if (kept := found.get(place)) else None for place in some]

    return lists.page(call, query, lists.of_kind(call.employer_id, "KEEP"), read)


@route(records, "GET", "/v1/applications/{application_id}/shared_feedback", scope="read")
def get_shared_feedback(call: Call, application_id: str) -> Json:
    """What the candidate may read on their own page."""
    call.read_query({})
    shared = keeping.shared_feedback(amending.read_application(call.employer_id, application_id))
    return {"data": [{"at": instant(at), "feedback": words} for at, words in shared]}
