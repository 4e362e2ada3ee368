"""The page that a candidate's own page leads to: keep the interview in one's own list, linked with the employer's record; end it.

It shows what the candidate's link shows, and only to the person that the link was sent to. A GET changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.linking import service
from chalicelib.applications.linking.service import Offer
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import mark
from chalicelib.web import own_list, own_words, page_support

NEAR = timedelta(days=3)
"""Interviews of the list that begin this near to the employer's may be the same one."""
_TITLE = mark("This interview cannot be linked")
_OPEN_AGAIN = mark("The link has expired, or part of it is missing. Open the link in the newest message again.")


def show(request: Request, visitor: Visitor, token: str) -> Response:
    """GET /my/link/{token}"""
    try:
        offer = service.read_offer(visitor.employer, token, request.now)
    except (Unprocessable, Conflict) as error:
        return _refused(request, visitor, error)
    if linked := _linked_interview(visitor, offer):
        return page_support.see_other(request, f"/my/interviews/{linked}")
    return _page(request, visitor, token, offer)


def _page(request: Request, visitor: Visitor, token: str, offer: Offer) -> Response:
    rows, _ = own_list.rows_of(visitor, None, request.now)
    start = offer.interview.start_at
    near = [row for row in rows if abs(row.item.start_at - start) <= NEAR and row.application.linked is None]
    said = own_words.of(visitor)
    return own_words.page(
        "own_linking.html",
        request,
        visitor,
        said,
        company=clean(offer.employer.name, said.text(own_words.COMPANY)),
        job_title=clean(offer.case.application.job_title, said.text(own_words.JOB)),
        stage=said.text(own_words.STAGES[offer.interview.stage]),
        item=offer.interview,
        near=near,
        path=f"/my/link/{token}",
    )


def link(request: Request, visitor: Visitor, token: str) -> Response:
    """POST /my/link/{token}: links the interview that was chosen, or a new one. Twice is one link."""
    chosen = page_support.form(request, visitor).one("interview")
    try:
        if chosen == "new":
            _, item = service.link_new(visitor.employer_item, visitor.person, token, request.now)
        else:
            known = page_support.demand_id(chosen, "int")
            _, item = service.link(visitor.employer_item, known, token, request.now, lambda _case, _item: None)
    except (Unprocessable, Conflict) as error:
        return _refused(request, visitor, error)
    return page_support.see_other(request, f"/my/interviews/{item.id}?done=linked")


def unlink(request: Request, visitor: Visitor, interview: str) -> Response:
    """POST /my/interviews/{interview}/unlink"""
    page_support.form(request, visitor)
    known = page_support.demand_id(interview, "int")
    service.unlink(visitor.employer, known, request.now, lambda _case, _item: None)
    return page_support.see_other(request, f"/my/interviews/{known}?done=unlinked")


def _linked_interview(visitor: Visitor, offer: Offer) -> str | None:
    """Returns the seeker's interview with which the employer's record is linked already."""
    there = offer.case.link
    if there is None or there.other_employer_id != visitor.employer.id or there.other_application_id is None:
        return None
    case = ApplicationCase.read(visitor.employer.id, there.other_application_id)
    scheduled = [one for one in case.interviews.values() if one.status == "scheduled"] if case else []
    return max(scheduled, key=lambda one: one.start_at).id if scheduled else None


def _refused(request: Request, visitor: Visitor, error: Unprocessable | Conflict) -> Response:
    said = own_words.of(visitor)
    title, words = said.text(_TITLE), said.text(_OPEN_AGAIN) if error.errors else error.detail
    status = 404 if error.errors else error.status
    return page_support.message(request, visitor, status, title, words, in_words=said)
