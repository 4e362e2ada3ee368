"""Opens a candidate's link. It is the proof of identity: it is sent to the candidate alone."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import links
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.mappers import call_back_for
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.rules.copy.email import asks_to_call
from chalicelib.rules.copy.language import Catalogue, catalogue, language_accepted, language_of
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack
from chalicelib.signing import BadToken, Expired
from chalicelib.storage import keys, table
from chalicelib.web import candidate_words, page_support


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a candidate's link opens."""

    token: str
    employer: Employer
    case: ApplicationCase
    interview: InterviewItem
    zone: str
    is_ahead: bool = False
    """The interview was moved after its message: it has not ended yet."""

    @property
    def call_back(self) -> CallBack:
        return call_back_for(self.case.application, self.employer)

    @property
    def calls(self) -> bool:
        """Whether the page asks to call, as the message with this link did."""
        return asks_to_call(self.call_back, self.employer.policy.candidate_nudge)

    @property
    def said(self) -> Catalogue:
        """The words of the candidate's language."""
        return catalogue(language_of(self.case.application.locale, self.employer.policy.language))

    @property
    def path(self) -> str:
        return f"/f/{self.token}"


def open_link(request: Request, token: str) -> OpenedLink | Response:
    """Return what the link opens, or a page that says why it opens nothing, in a language that the browser asks for."""
    said = catalogue(language_accepted(request.headers.get("accept-language", "")))
    support = said.say("Or write to $address.", address=settings().support_email) if settings().support_email else ""

    def closed(status: int, title: str, why: str) -> Response:
        return page_support.message(request, None, status, said.text(title), f"{said.text(why)} {support}".strip(), in_words=said)

    try:
        employer_id, case = links.read(token, request.now)
    except Expired:
        return closed(410, candidate_words.EXPIRED, candidate_words.TO_NEWER)
    except BadToken:
        return closed(404, candidate_words.NO_LINK, candidate_words.CUT_IN_TWO)
    item = table.get(keys.employer_pk(employer_id), "EMP")
    interview = links.asked_about(case, request.now)
    if not isinstance(item, EmployerItem) or interview is None:
        return closed(410, candidate_words.NOTHING_TO_ASK, candidate_words.NOT_ON_LIST)
    employer = employer_of(item)
    zone, is_ahead = case.application.timezone or employer.timezone, interview.end_at > request.now
    return OpenedLink(token, employer, case, interview, zone, is_ahead=is_ahead)
