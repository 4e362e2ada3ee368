"""`/v1/seekers` and `/v1/my/…`: for job seekers, about their own interviews."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.caching import require_match
from chalicelib.api.query_params import PAGING
from chalicelib.api.request import Request
from chalicelib.api.response import Response, created
from chalicelib.api.route import route
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.users import PersonItem
from chalicelib.config import settings
from chalicelib.errors import Forbidden, NotFound, UnsupportedMediaType
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key

if TYPE_CHECKING:
    from chalicelib.accounts.seekers.responses import SeekerExport
    from chalicelib.applications.interviews.changes import Check

seekers = Blueprint(__name__)
Json = dict[str, Any]


def person_of(request: Request) -> PersonItem:
    """Returns the seeker who asks. Raises Forbidden for any other caller."""
    person = request.caller.person
    if person is None or not request.caller.may("my"):
        raise Forbidden("This is for job seekers.", code="missing_scope")
    return person


@route(seekers, "POST", "/v1/seekers", public=True)
def post_seeker(request: Request) -> Response:
    """Signs up. The same answer after the same time for every address. Not found where the deployment is not open."""
    if not settings().seekers_open:
        raise NotFound("There is nothing at this path.")
    from chalicelib.accounts.seekers import sign_up
    from chalicelib.accounts.seekers.responses import SignUpAccepted
    from chalicelib.accounts.seekers.schema import SeekerNew
    from chalicelib.accounts.sessions import sign_in
    from chalicelib.auth.sign_in_links import LINK_LIFETIME

    began, body = time.monotonic(), request.body(SeekerNew)
    sign_up.ask(sign_up.SignUp(body.email, body.name, body.timezone, body.locale), request.origin, request.now)
    sign_in.wait(began, sign_in.RESPONSE_SECONDS)
    return Response(202, SignUpAccepted(int(LINK_LIFETIME.total_seconds())), {"Location": "/v1/sessions"})


@route(seekers, "PATCH", "/v1/my", scope="my", shows_people=False)
def patch_own(request: Request) -> Response:
    """Changes the language of pages, mails and texts, also of what is due already."""
    from chalicelib.accounts.seekers import languages
    from chalicelib.accounts.seekers.schema import SeekerPatch
    from chalicelib.accounts.seekers.serializers import seeker_etag

    item, person = _as_read(request)
    changes = request.body(SeekerPatch).changes()
    if "locale" in changes:
        item = languages.set_locale(
            item.id, changes["locale"], request.now, lambda found: require_match(request.if_match, seeker_etag(found, person))
        )
    return _seeker(item, person)


def _as_read(request: Request) -> tuple[EmployerItem, PersonItem]:
    """Returns the seeker's records. Raises PreconditionFailed for a stale If-Match."""
    from chalicelib.accounts.seekers.serializers import seeker_etag

    person, item = person_of(request), request.employer_item
    require_match(request.if_match, seeker_etag(item, person))
    return item, person


def _seeker(item: EmployerItem, person: PersonItem) -> Response:
    from chalicelib.accounts.seekers.serializers import seeker_etag, serialize_seeker

    return Response(200, serialize_seeker(item, person), {"ETag": seeker_etag(item, person)})


@route(seekers, "POST", "/v1/my/phone", scope="my", shows_people=False)
def post_phone(request: Request) -> Response:
    """Texts a code to a number, which is texted nothing else before it is confirmed."""
    from chalicelib.accounts.seekers import phone
    from chalicelib.accounts.seekers.responses import PhoneCodeSent
    from chalicelib.accounts.seekers.schema import PhoneIn

    number = request.body(PhoneIn).phone
    request.committer.begin()  # the same request again must not count, nor text, again
    phone.send_code(request.employer_item, number, request.network, request.now)
    return Response(202, PhoneCodeSent(int(phone.LASTS.total_seconds())), {"Location": "/v1/me"})


@route(seekers, "POST", "/v1/my/phone/confirm", scope="my", shows_people=False)
def confirm_phone(request: Request) -> Response:
    """Confirms the number by its code."""
    from chalicelib.accounts.seekers import phone
    from chalicelib.accounts.seekers.schema import PhoneCode

    item, person = _as_read(request)
    code = request.body(PhoneCode).code
    request.committer.begin()  # the same request again is no other try
    return _seeker(phone.confirm(item, person, code, request.now), person)


@route(seekers, "POST", "/v1/my/invitation_address", scope="my", shows_people=False)
def post_invitation_address(request: Request) -> Response:
    """Gives the seeker another address for forwarded invitations."""
    from chalicelib.accounts.seekers import invitations

    item, person = _as_read(request)
    return _seeker(invitations.change_address(item, request.now, committer=request.committer), person)


def _one(request: Request, item: InterviewItem, application: ApplicationItem, *, is_new: bool = False) -> Response:
    from chalicelib.applications.seekers.serializers import interview_etag, serialize_own

    body = serialize_own(item, application, request.now)
    return created(body, f"/v1/my/interviews/{item.id}", interview_etag(item, application), is_new=is_new)


@route(seekers, "POST", "/v1/my/interviews", scope="my", shows_people=False)
def post_own_interview(request: Request) -> Response:
    """Adds an interview. The same company, job and start is the same interview."""
    from chalicelib.applications.seekers import interviews
    from chalicelib.applications.seekers.schema import OwnInterviewIn

    own = request.body(OwnInterviewIn).to_interview()
    booked = interviews.book(request.employer_item, person_of(request), own, request.now, committer=request.committer)
    return _one(request, booked.interview, booked.case.application, is_new=booked.created)


@route(seekers, "GET", "/v1/my/interviews", scope="my")
def list_own_interviews(request: Request) -> Json:
    """Lists the interviews, newest entry first."""
    from chalicelib.applications.seekers.serializers import serialize_own

    query, owner = request.read_query(PAGING), request.employer_id

    def read(some: Sequence[str]) -> list[Any]:
        places = [(keys.case_pk(owner, one), f"INT#{one}") for one in some]
        found = table.get_many([*places, *((pk, "APP") for pk, _ in places)])
        pairs = [(found.get(place), found.get((place[0], "APP"))) for place in places]
        return [
            serialize_own(item, application, request.now)
            if isinstance(item, InterviewItem) and isinstance(application, ApplicationItem) and item.status == "scheduled"
            else None
            for item, application in pairs
        ]

    return pagination.paginate(request, query, pagination.ids_of_kind(owner, "INT"), read)


def _keys_of_one(request: Request) -> list[Key]:
    pk = keys.case_pk(request.claimed_employer_id or "", request.params["interview_id"])
    return [(pk, f"INT#{request.params['interview_id']}"), (pk, "APP")]


@route(seekers, "GET", "/v1/my/interviews/{interview_id}", scope="my", reads=_keys_of_one)
def get_own_interview(request: Request, interview_id: str) -> Response:  # noqa: ARG001 - `reads` uses the id
    item, application = (request.items.get(key) for key in _keys_of_one(request))
    if not isinstance(item, InterviewItem) or not isinstance(application, ApplicationItem) or item.status != "scheduled":
        raise NotFound
    return _one(request, item, application)


def _is_as_read(request: Request) -> Check:
    from chalicelib.applications.seekers.serializers import interview_etag

    return lambda found, item: require_match(request.if_match, interview_etag(item, found.application))


@route(seekers, "PATCH", "/v1/my/interviews/{interview_id}", scope="my", shows_people=False)
def patch_own_interview(request: Request, interview_id: str) -> Response:
    from chalicelib.applications.seekers import interviews
    from chalicelib.applications.seekers.schema import OwnInterviewPatch

    fields = request.body(OwnInterviewPatch).changes()
    case, item = interviews.change(request.employer, interview_id, fields, request.now, _is_as_read(request))
    return _one(request, item, case.application)


@route(seekers, "DELETE", "/v1/my/interviews/{interview_id}", scope="my", shows_people=False)
def delete_own_interview(request: Request, interview_id: str) -> Response:
    from chalicelib.applications.seekers import interviews

    interviews.delete(request.employer, interview_id, request.now, _is_as_read(request))
    return Response(204)


@route(seekers, "POST", "/v1/my/interviews/{interview_id}/outcomes", scope="my", shows_people=False)
def post_outcome(request: Request, interview_id: str) -> Response:
    """Records what came of an interview: called, heard, no answer, closed."""
    from chalicelib.applications.seekers import outcomes
    from chalicelib.applications.seekers.schema import OutcomeIn

    outcome = request.body(OutcomeIn).to_outcome()
    check = _is_as_read(request)
    case, item = outcomes.record(request.employer, interview_id, outcome, request.now, check, committer=request.committer)
    return _one(request, item, case.application, is_new=True)


@route(seekers, "POST", "/v1/my/interviews/{interview_id}/link", scope="my", shows_people=False)
def post_link(request: Request, interview_id: str) -> Response:
    """Links an interview with the employer's record of it, to which a candidate's link leads."""
    from chalicelib.applications.linking import service
    from chalicelib.applications.seekers.schema import LinkIn

    token, check = request.body(LinkIn).token, _is_as_read(request)
    case, item = service.link(request.employer_item, interview_id, token, request.now, check, committer=request.committer)
    return _one(request, item, case.application)


@route(seekers, "DELETE", "/v1/my/interviews/{interview_id}/link", scope="my", shows_people=False)
def delete_link(request: Request, interview_id: str) -> Response:
    """Ends the link of an interview, for both sides."""
    from chalicelib.applications.linking import service

    service.unlink(request.employer, interview_id, request.now, _is_as_read(request))
    return Response(204)


@route(seekers, "POST", "/v1/my/interviews/ics", scope="my", shows_people=False)
def post_calendar(request: Request) -> Response:
    """Adds the interviews of a calendar file, which is the body itself."""
    from chalicelib.accounts.seekers import calendar

    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/calendar":
        raise UnsupportedMediaType("Send the calendar file itself, as text/calendar.")
    found = calendar.add_all(request.employer_item, person_of(request), request.raw_body, request.now)
    return Response(200, found)


@route(seekers, "GET", "/v1/my/export", scope="my")
def export_own(request: Request) -> Response:
    """Exports all that is kept of the seeker who asks."""
    from chalicelib.accounts.seekers import privacy

    request.read_query({})
    body: SeekerExport = privacy.export_all(request.employer_item, person_of(request), request.now)
    return Response(200, body, {"Content-Disposition": 'attachment; filename="my-interviews.json"'})


@route(seekers, "DELETE", "/v1/my", scope="my", shows_people=False)
def erase_own(request: Request) -> Response:
    """Erases the seeker who asks, and ends their sessions."""
    from chalicelib.accounts.seekers import privacy

    privacy.erase(*_as_read(request), request.origin, request.now)
    return Response(204)
