"""The records wing's doors: candidates, applications, interviews, contacts, statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from chalice import Blueprint

from chalicelib import ids, table
from chalicelib.access.routes import Call, Reply, route
from chalicelib.applications import calendar_file, candidates, keeping, lists, matching, service, views
from chalicelib.applications.table import ApplicationItem, CandidateItem, InterviewItem
from chalicelib.errors import NotFound
from chalicelib.http import PAGING, instant, one_of, require_match, text, true_or_false
from chalicelib.rules.records import STAGES
from chalicelib.table import Key
from chalicelib.values import instant_near, read_email, read_phone

records = Blueprint(__name__)
Json = dict[str, Any]


def _created(body: Json, path: str, etag: str | None = None, *, is_new: bool = True) -> Reply:
    """201 with where the record is; 200 for one that was there already."""
    headers = {"Location": path} | ({"ETag": etag} if etag else {})
    return Reply(201 if is_new else 200, body, headers)


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
    return _created(views.candidate_json(item), f"/v1/candidates/{item.id}", views.candidate_etag(item), is_new=is_new)


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
    return _created(
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
        item = service.read_application(call.employer_id, application_id).application
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


# --- interviews ------------------------------------------------------------------------------------------------------


def _keys_behind_interview(call: Call) -> list[Key]:
    from chalicelib.applications.schema import InterviewIn

    body = call.body_or_none(InterviewIn)
    opening = body.booking().opening if body else None
    return opening.keys(call.claimed_employer_id or "") if opening else []


@route(records, "POST", "/v1/interviews", scope="write", reads=_keys_behind_interview)
def post_interview(call: Call) -> Reply:
    """One call does the main job: candidate, application and interview, found or made; the clock starts."""

    from chalicelib.applications.schema import InterviewIn

    booking = call.body(InterviewIn).booking()
    case, interview, is_new = service.book(call.employer, booking, call.now, call.items if booking.opening else None)
    return _interview(call, interview, case.application, is_new=is_new)


def _interview(call: Call, item: InterviewItem, application: ApplicationItem, *, is_new: bool = False) -> Reply:
    return _created(
        views.interview_json(item, application, call.now),
        f"/v1/interviews/{item.id}",
        views.interview_etag(item, application),
        is_new=is_new,
    )


@route(records, "GET", "/v1/interviews", scope="read")
def list_interviews(call: Call) -> Json:
    query = call.read_query({**PAGING, "application_id": text})
    employer_id = call.employer_id

    def read(some: Sequence[str]) -> list[Json | None]:
        found = table.get_many([(ids.case_pk(employer_id, one), sk) for one in some for sk in ("APP", f"INT#{one}")])
        pairs = [
            (found.get((ids.case_pk(employer_id, one), f"INT#{one}")), found.get((ids.case_pk(employer_id, one), "APP")))
            for one in some
        ]
        return [
            views.interview_json(i, a, call.now) if isinstance(i, InterviewItem) and isinstance(a, ApplicationItem) else None
            for i, a in pairs
        ]

    if "application_id" in query:
        return lists.page(call, query, lists.of(service.read_application(employer_id, query["application_id"]).interviews), read)
    return lists.page(call, query, lists.of_kind(employer_id, "INT"), read)


def _interview_keys(call: Call) -> list[Key]:
    pk = ids.case_pk(call.claimed_employer_id or "", call.params["interview_id"])
    return [(pk, f"INT#{call.params['interview_id']}"), (pk, "APP")]


@route(records, "GET", "/v1/interviews/{interview_id}", scope="read", reads=_interview_keys)
def get_interview(call: Call, interview_id: str) -> Reply:
    item, application = (call.items.get(key) for key in _interview_keys(call))
    if not isinstance(item, InterviewItem) or not isinstance(application, ApplicationItem):
        case = service.read_case(call.employer_id, interview_id)
        item, application = service.interview_in(case, interview_id), case.application
    return Reply(200, views.interview_json(item, application, call.now), {"ETag": views.interview_etag(item, application)})


@route(records, "GET", "/v1/interviews/{interview_id}/calendar.ics", scope="read", reads=_interview_keys)
def get_interview_calendar(call: Call, interview_id: str) -> Reply:  # noqa: ARG001 - `reads` has read it
    """The follow-up day, with whom to call and what to ask, for a calendar."""
    item, application = (call.items.get(key) for key in _interview_keys(call))
    if not isinstance(item, InterviewItem) or not isinstance(application, ApplicationItem):
        raise NotFound
    text = calendar_file.follow_up(call.employer, item, application, call.now)
    kept = {"Content-Disposition": 'attachment; filename="follow-up.ics"'}
    return Reply(200, text, {"Content-Type": calendar_file.MEDIA_TYPE, **kept})


@route(records, "PATCH", "/v1/interviews/{interview_id}", scope="write")
def patch_interview(call: Call, interview_id: str) -> Reply:
    from chalicelib.applications.schema import InterviewPatch

    given = call.body(InterviewPatch).changes()
    case, item = service.change_interview(
        call.employer,
        interview_id,
        given,
        call.now,
        lambda found, interview: require_match(call.if_match, views.interview_etag(interview, found.application)),
    )
    return _interview(call, item, case.application)


@route(records, "POST", "/v1/interviews/{interview_id}/cancel", scope="write")
def cancel_interview(call: Call, interview_id: str) -> Reply:
    case, item = service.cancel_interview(call.employer, interview_id, call.now)
    return _interview(call, item, case.application)


@route(records, "POST", "/v1/interviews/{interview_id}/no_show", scope="write")
def mark_no_show(call: Call, interview_id: str) -> Reply:
    case, item = service.mark_no_show(call.employer, interview_id, call.now)
    return _interview(call, item, case.application)


# --- contacts and statements -----------------------------------------------------------------------------------------


@route(records, "POST", "/v1/applications/{application_id}/contacts", scope="write")
def post_contact(call: Call, application_id: str) -> Reply:
    from chalicelib.applications.schema import ContactIn

    case, item = service.log_contact(call.employer, application_id, call.body(ContactIn).fields(), call.now)
    return _created(
        views.with_application(views.contact_json(item), case, call.now), f"/v1/applications/{application_id}/contacts/{item.id}"
    )


@route(records, "GET", "/v1/applications/{application_id}/contacts", scope="read")
def list_contacts(call: Call, application_id: str) -> Json:
    query = call.read_query(PAGING)
    found = service.read_application(call.employer_id, application_id).contacts
    return lists.page(call, query, lists.of(found), lambda some: [views.contact_json(found[one]) for one in some])


@route(records, "GET", "/v1/applications/{application_id}/contacts/{contact_id}", scope="read")
def get_contact(call: Call, application_id: str, contact_id: str) -> Json:
    case = service.read_application(call.employer_id, application_id)
    if contact_id not in case.contacts:
        raise NotFound
    return views.with_application(views.contact_json(case.contacts[contact_id]), case, call.now)


@route(records, "POST", "/v1/applications/{application_id}/contacts/{contact_id}/void", scope="write")
def void_contact(call: Call, application_id: str, contact_id: str) -> Reply:
    case, item = service.void_contact(call.employer, application_id, contact_id, call.now)
    return Reply(200, views.with_application(views.contact_json(item), case, call.now))


@route(records, "POST", "/v1/applications/{application_id}/statements", scope="write")
def post_statement(call: Call, application_id: str) -> Reply:
    from chalicelib.applications.schema import StatementIn

    case, item = service.state(call.employer, application_id, call.body(StatementIn).fields(), call.now)
    return Reply(201, views.with_application(views.statement_json(item), case, call.now))


# --- kept in mind ----------------------------------------------------------------------------------------------------


@route(records, "GET", "/v1/keep_in_mind", scope="read")
def list_kept_in_mind(call: Call) -> Json:
    """Whom somebody promised to keep in mind, by job title; `job_title` asks for those of similar work."""
    query = call.read_query({**PAGING, "job_title": text})
    by_key = {f"{keep.job_title.casefold()}#{item.id}": (keep, item)
              for keep, item in keeping.listed(call.employer_id, call.now, query.get("job_title"))}  # fmt: skip
    return lists.page(call, query, lists.of(by_key), lambda some: [keeping.keep_json(*by_key[one]) for one in some])


@route(records, "GET", "/v1/applications/{application_id}/shared_feedback", scope="read")
def get_shared_feedback(call: Call, application_id: str) -> Json:
    """What the candidate may read on their own page."""
    call.read_query({})
    shared = keeping.shared_feedback(service.read_application(call.employer_id, application_id))
    return {"data": [{"at": instant(at), "feedback": words} for at, words in shared]}
