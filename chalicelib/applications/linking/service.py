"""Links a job seeker's interview with an employer's application, and ends links. Each is one transaction of both tenants.

The employer agrees by its policy, the seeker by doing it. The candidate's link proves that the employer wrote to its holder. One
of the candidate's addresses must be confirmed as the seeker's: it is the same person, and a forwarded link opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import links
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.changes import Check
from chalicelib.applications.interviews.service import Booking
from chalicelib.applications.items import InterviewItem, LinkItem
from chalicelib.applications.linking import pairs
from chalicelib.applications.linking.pairs import Side
from chalicelib.applications.mappers import call_back_for
from chalicelib.applications.seekers import interviews as own
from chalicelib.applications.seekers import tenant
from chalicelib.applications.unit_of_work import read_case, retry_on_conflict
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import PersonItem
from chalicelib.errors import ConditionFailed, Conflict, FieldError, NotFound, Unprocessable
from chalicelib.rules.employer import Employer
from chalicelib.signing import BadToken, Expired
from chalicelib.storage import keys, table
from chalicelib.storage.transaction import AT_ONCE, Committer

Linked = tuple[ApplicationCase, InterviewItem]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a candidate's link offers to a seeker: an employer's application, and the interview that it is about."""

    employer: Employer
    case: ApplicationCase
    interview: InterviewItem


def read_offer(seeker: Employer, token: str, now: datetime) -> Offer:
    """Reads what a candidate's link offers to this seeker.

    Raises Unprocessable for a token that leads nowhere; Conflict where the employer does not offer it, and where the link was
    sent to somebody else. Nothing of the application is in an error.
    """
    try:
        employer_id, case = links.read(token, now)
    except Expired:
        raise Unprocessable(errors=[FieldError("/token", "has expired, or what it led to was erased")]) from None
    except BadToken:
        raise Unprocessable(errors=[FieldError("/token", "must be the last part of the link to a candidate's page")]) from None
    item = table.get(keys.employer_pk(employer_id), "EMP")
    interview = links.asked_about(case, now)
    if not isinstance(item, EmployerItem) or item.seeker is not None or interview is None:
        raise Unprocessable(errors=[FieldError("/token", "leads to no interview at an employer")])
    employer = employer_of(item)
    if not pairs.is_same_person(seeker, case.application):
        raise Conflict(
            "This link was sent to another address than yours. Sign in with the address that got it, or confirm that number.",
            code="link_of_another",
        )
    if not employer.policy.link_seekers:
        raise Conflict("This employer does not offer to link its records with a list of your own.", code="link_not_offered")
    return Offer(employer, case, interview)


def link(
    item: EmployerItem, interview_id: str, token: str, now: datetime, check: Check, *, committer: Committer = AT_ONCE
) -> Linked:
    """Links an interview of the seeker. The same again changes nothing. Raises NotFound, Unprocessable, Conflict."""

    def write_once() -> Linked:
        seeker = employer_of(item)
        case = read_case(item.id, interview_id)
        interview = own.find(case, interview_id)
        check(case, interview)
        _tie(pairs.side_of(seeker, case, now, committer), read_offer(seeker, token, now), now)
        return case, interview

    return retry_on_conflict(write_once)


def link_new(item: EmployerItem, person: PersonItem, token: str, now: datetime, *, committer: Committer = AT_ONCE) -> Linked:
    """Adds the interview of a link to the seeker's list, and links it, at once. Raises Unprocessable, Conflict."""
    own.check_number(item.id)

    def write_once() -> Linked:
        seeker = employer_of(item)
        offer = read_offer(seeker, token, now)
        job = offer.case.application.job_title
        booking = Booking(
            stage=offer.interview.stage,
            start_at=offer.interview.start_at,
            end_at=offer.interview.end_at,
            call_back=call_back_for(offer.case.application, offer.employer),
            application=ApplicationInput(job, company=offer.employer.name, candidate=tenant.as_candidate(item, person)),
        )
        side = pairs.side_of(seeker, offer.case, now, committer)
        booked = interviews.find_or_add(side.unit, booking, table.get_many(booking.keys(item.id)))
        _tie(Side(side.unit, booked.case), offer, now)
        return booked.case, booked.interview

    return retry_on_conflict(write_once)


def _tie(seeker: Side, offer: Offer, now: datetime) -> None:
    """Ties and commits both sides. Raises Conflict where one of them has another link."""
    employer = pairs.side_of(offer.employer, offer.case, now)
    mine, theirs = seeker.case.link, offer.case.link
    if mine is not None and theirs is not None and mine.link_id == theirs.link_id:
        return
    if _leads_to(mine, offer.case) or _leads_to(theirs, seeker.case):  # linked between the two reads: both are read again
        raise ConditionFailed([seeker.case.application.key])
    if any(one is not None and one.other_application_id is not None for one in (mine, theirs)):
        raise Conflict("One of the two is linked already. End that link first.", code="already_linked")
    pairs.tie(seeker, employer, offer.interview.start_at, now)
    _commit(seeker, employer)


def _leads_to(link: LinkItem | None, case: ApplicationCase) -> bool:
    return link is not None and link.other_application_id == case.application.id


def _commit(one: Side, other: Side) -> None:
    for side in (one, other):
        side.unit.save(side.case)
    one.unit.commit_with(other.unit)


def unlink(employer: Employer, interview_id: str, now: datetime, check: Check) -> None:
    """Ends the link of a seeker's interview. Raises NotFound, also where it has none."""

    def write_once() -> None:
        case = read_case(employer.id, interview_id)
        check(case, own.find(case, interview_id))
        if case.link is None:
            raise NotFound
        end(pairs.side_of(employer, case, now), now)

    retry_on_conflict(write_once)


def end(side: Side, now: datetime) -> None:
    """Ends the link of one side, and with it the other's. Raises ConditionFailed where another write came first."""
    link = side.case.link
    if link is None:
        return
    other = pairs.other_side(link, now)
    if other is None:
        pairs.forget(side.case)
        side.unit.save(side.case)
        side.unit.commit()
        return
    pairs.untie(side, other)
    _commit(side, other)
