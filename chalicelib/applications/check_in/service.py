"""A candidate checks in: books the interview that they state, by the same services as the API.

A stranger may hold the card. So a check-in never changes a known person's record and tells nothing about one. An application
that it makes is `unconfirmed`: one reminder, when word is due, to addresses that nobody confirmed. It is limited by network,
card, employer and address. Past the limit of an address nothing is booked, and the page says the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.applications.candidates import identity
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.candidates.items import CardItem, CheckInItem
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.applications.interviews import service
from chalicelib.applications.interviews.service import Booked, Booking
from chalicelib.applications.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.auth import rate_limit
from chalicelib.auth.actors import CANDIDATE
from chalicelib.auth.rate_limit import ASKED_FROM_ONE_PLACE, allow_within_day, allow_within_hour
from chalicelib.errors import Conflict, TooManyRequests, Unprocessable
from chalicelib.rules.canonical import canonical_phone, mailbox
from chalicelib.rules.employer import Employer
from chalicelib.storage import ids, table
from chalicelib.storage.transaction import AT_ONCE, Committer

OF_CARD, OF_EMPLOYER, OF_TRIAL = 100, 300, 20
"""Check-ins a UTC day: by one card, and by all cards of an employer, or of one on trial."""
OF_ADDRESS = 2
"""Check-ins a UTC day that name one number or mailbox, at all employers together."""
_log = logging.getLogger("heardback")


class AddressLimit(TooManyRequests):
    """An address was named too often today. The candidate is not told: a stranger would learn of it.

    An error, and not a silent success: a second press at the same moment must not be recorded as the answer of the first.
    """


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What a candidate leaves: who they are, when the interview ended, and the words that they agreed to."""

    person: CandidateInput
    ended_at: datetime
    wording: str
    language: str


def check_in(
    employer: Employer, card: CardItem, given: CheckIn, network: str, now: datetime, *, committer: Committer = AT_ONCE
) -> None:
    """Books the interview and keeps the consent.

    Raises TooManyRequests where the card, employer or network is at its limit, AddressLimit where an address is.
    """
    _demand_room(employer, card, network, now)
    if not all(allow_within_day("check-in address", who, OF_ADDRESS, now) for who in _addresses(given.person)):
        raise AddressLimit("A check-in names an address too often today.")
    person = given.person
    booking = Booking(
        stage=card.stage,
        start_at=given.ended_at - timedelta(minutes=int(card.minutes)),
        end_at=given.ended_at,
        application=ApplicationInput(card.job_title, candidate=person, group=card.group, owner_id=card.owner_id),
    )
    try:
        _book(employer, card, given, booking, now, committer)
    except Unprocessable:  # the owner has left the team since, or the group is no more
        bare = replace(booking, application=ApplicationInput(card.job_title, candidate=person))
        _book(employer, card, given, bare, now, committer)
    except Conflict:  # known already, as another stage: the candidate need not know
        _log.info("a check-in names an interview that is known otherwise")


def _demand_room(employer: Employer, card: CardItem, network: str, now: datetime) -> None:
    detail = "Too many people have used this card just now."
    if network and not allow_within_hour("check-in network", network, ASKED_FROM_ONE_PLACE, now):
        raise rate_limit.hour_is_full("check-ins", ASKED_FROM_ONE_PLACE, now, detail)
    most = OF_TRIAL if employer.trial else OF_EMPLOYER
    for what, who, limit in (("check-in card", card.id, OF_CARD), ("check-in employer", employer.id, most)):
        if not allow_within_day(what, who, limit, now):
            raise rate_limit.hour_is_full("check-ins", limit, now, detail)


def _addresses(person: CandidateInput) -> Iterator[str]:
    if person.phone:
        yield canonical_phone(person.phone)
    if person.email:
        yield mailbox(person.email)


def _book(employer: Employer, card: CardItem, given: CheckIn, booking: Booking, now: datetime, committer: Committer) -> Booked:
    def write_once() -> Booked:
        unit = UnitOfWork(employer, now, committer, by=CANDIDATE)
        found = table.get_many(booking.keys(employer.id))
        known = identity.identify(employer.id, given.person, found).candidate
        wanted = booking
        if known and booking.application:  # by id, so that nothing of the record is filled in
            wanted = replace(booking, application=replace(booking.application, candidate_id=known.id, candidate=None))
        booked = service.find_or_add(unit, wanted, found)
        if booked.case.is_new:
            booked.case.application.unconfirmed = True
        unit.save(booked.case)
        unit.transaction.create(_evidence(card, given, booked, now))
        unit.commit()
        return booked

    return retry_on_conflict(write_once)


def _evidence(card: CardItem, given: CheckIn, booked: Booked, now: datetime) -> CheckInItem:
    application = booked.case.application
    check_in_id = ids.case_id("chk", application.id, now, set())
    return CheckInItem(
        application.PK,
        f"CHECKIN#{check_in_id}",
        id=check_in_id,
        card_id=card.id,
        at=now,
        language=given.language,
        wording=given.wording,
        email=given.person.email,
        phone=given.person.phone,
        shared=list(booked.shared) or None,
    )


def of_application(pk: str) -> list[CheckInItem]:
    """Returns what a candidate left by themselves about an application, in order of time."""
    return [item for item in table.query(pk, "CHECKIN#") if isinstance(item, CheckInItem)]
