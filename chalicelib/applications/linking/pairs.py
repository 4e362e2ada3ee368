"""Reads both sides of a link, ties and unties them, and takes words in: changes in memory, which the caller saves.

One side is an employer's application, the other a job seeker's. While they are linked the employer's reminds nobody: the seeker's
own list does, so that nobody gets two reminders about one wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem, LinkItem
from chalicelib.applications.linking.words import make_due, nudges_of, words_of
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.actors import CANDIDATE, SYSTEM
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.rules.employer import Employer
from chalicelib.rules.linked_words import Word
from chalicelib.storage import ids, keys, table
from chalicelib.storage.transaction import AT_ONCE, Committer

_ALWAYS = datetime.min.replace(tzinfo=UTC)
TAKEN_AT_ONCE = 25
"""Words that one transaction takes in at most. The rest follows in the next."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two linked applications, and the unit of work that writes it."""

    unit: UnitOfWork
    case: ApplicationCase

    @property
    def employer(self) -> Employer:
        return self.unit.employer


def side_of(employer: Employer, case: ApplicationCase, now: datetime, committer: Committer = AT_ONCE) -> Side:
    """Makes a side. What comes to an employer's was said by the candidate."""
    return Side(UnitOfWork(employer, now, committer, by=SYSTEM if employer.seeker else CANDIDATE), case)


def other_side(link: LinkItem, now: datetime) -> Side | None:
    """Reads the application that a link leads to. None where it was erased, or leads back to nothing."""
    if link.other_employer_id is None or link.other_application_id is None:
        return None
    item = table.get(keys.employer_pk(link.other_employer_id), "EMP")
    case = ApplicationCase.read(link.other_employer_id, link.other_application_id)
    if not isinstance(item, EmployerItem) or case is None or case.link is None or case.link.link_id != link.link_id:
        return None
    return side_of(employer_of(item), case, now)


def is_allowed(one: Side, other: Side) -> bool:
    """Tells whether the employer offers links, and both are the same person: one of the candidate's addresses is the seeker's."""
    seeker, employer = (one, other) if one.employer.seeker else (other, one)
    if not employer.employer.policy.link_seekers:
        return False
    return is_same_person(seeker.employer, employer.case.application)


def is_same_person(seeker: Employer, application: ApplicationItem) -> bool:
    """Tells whether a seeker has shown that one of a candidate's addresses is theirs."""
    return any(seeker.may_write_to(address) for address in (application.email, application.phone) if address)


def tie(seeker: Side, employer: Side, since: datetime, now: datetime) -> None:
    """Links two applications that have no link. Each takes in what was said on the other since an instant.

    The seeker's list goes on from the nudges that the employer's had sent for its open wait.
    """
    link_id = ids.new_id("lnk", now)
    for side, other in ((seeker, employer), (employer, seeker)):
        application, there = side.case.application, other.case.application
        link = LinkItem(application.PK, LinkItem.kind, employer_id=application.employer_id, application_id=application.id)
        link.link_id, link.since, link.revision = link_id, since, 0
        link.other_employer_id, link.other_application_id = there.employer_id, there.id
        if not side.employer.seeker:
            link.list_key, link.list_at = keys.list_key(application.employer_id, LinkItem.kind), application.id
        make_due(link, now)
        side.case.link = link
    seeker.case.application.linked, employer.case.application.linked = "employer", "seeker"
    said = [words_of(side.case, since, now) for side in (employer, seeker)]
    for side, from_side, words in ((seeker, employer, said[0]), (employer, seeker, said[1])):
        _void_earlier(side.case, from_side.case, words, now)
        take_in(side, link_id, words)
    for side in (seeker, employer):
        side.case.recompute(now)  # only then both wait for the same word: a count belongs to its wait
    _carry_nudges(seeker.case, nudges_of(employer.case) if employer.case.application.wait_state == "open" else 0)


def _void_earlier(case: ApplicationCase, there: ApplicationCase, said: Sequence[Word], now: datetime) -> None:
    """Voids the words that came by an earlier link with the same application and have been taken back there since.

    Also those that the new link brings again. One from before the new link's instant stays while it stands there.
    """
    facts = (*there.interviews, *there.contacts, *there.statements)
    standing = {word.key for word in words_of(there, _ALWAYS, now)} - {word.key for word in said}
    over = {key for fact in facts for key in (fact, f"invited {fact}")} - standing
    for link_id in {item.link for item in case.statements.values() if item.link}:
        for key in over:
            if known := case.statements.get(_id_here(case, link_id, key)):
                known.voided = True


def untie(one: Side, other: Side) -> None:
    """Ends a link. Words that were passed on stay; nudges that the seeker's list has sent count for the employer's wait."""
    seeker, employer = (one, other) if one.employer.seeker else (other, one)
    if seeker.case.application.wait_state == "open":
        _carry_nudges(employer.case, nudges_of(seeker.case))
    for side in (one, other):
        forget(side.case)


def forget(case: ApplicationCase) -> None:
    """Ends the link of one application."""
    if case.link is not None and case.link.nudges_there and case.application.linked == "seeker":
        _carry_nudges(case, int(case.link.nudges_there))
    case.link, case.application.linked = None, None


def _carry_nudges(case: ApplicationCase, sent: int) -> None:
    application = case.application
    if application.wait_state == "open" and sent > nudges_of(case):
        application.nudges = {**application.nudges, application.wait_cause: sent}


def take_in(side: Side, link_id: str, said: Sequence[Word]) -> bool:
    """Brings the words that came by a link in line with those of the other side. False where some are left for later."""
    case = side.case
    wanted = {_id_here(case, link_id, word.key): word for word in said}
    for item in case.statements.values():
        if item.link == link_id and item.id not in wanted:
            item.voided = True
    missing = [word for key, word in wanted.items() if key not in case.statements]
    for key, word in wanted.items():
        if known := case.statements.get(key):
            known.voided, known.at, known.promised_by = False, word.at, word.promised_by
    for word in missing[:TAKEN_AT_ONCE]:
        fields = {"heard": True, "at": word.at, "promised_by": word.promised_by, "link": link_id}
        contacts.add_statement(side.unit, case, fields, known_as=f"{link_id}|{word.key}")
    return len(missing) <= TAKEN_AT_ONCE


def _id_here(case: ApplicationCase, link_id: str, key: str) -> str:
    """Returns the id of the statement that a word of the other side is in this one."""
    return contacts.statement_id(case, f"{link_id}|{key}")
