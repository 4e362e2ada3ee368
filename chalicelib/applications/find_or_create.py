"""Finds the application that a request names (candidate and job title, or an external id), or creates it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.applications import groups, team, unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import copies, correct, fill, identity, service
from chalicelib.applications.candidates.identity import CandidateInput, Filled, Match
from chalicelib.applications.candidates.items import CandidateItem, JobItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.unique_keys import AddressField
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.users import person_key
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.rules.model import MatchedBy
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Key


@dataclass(frozen=True, slots=True)
class ApplicationInput:
    """One candidate for one job, as a client gives it: the candidate by id or whole."""

    job_title: str
    candidate_id: str | None = None
    candidate: CandidateInput | None = None
    external_ids: tuple[dict[str, str], ...] = ()
    owner_id: str | None = None
    decider_id: str | None = None
    group: str | None = None
    company: str | None = None
    """Of a job seeker's application: who interviews. The same job title at two companies is two applications."""
    may_be_finished: Callable[[ApplicationCase], bool] | None = None
    """Whether a finished application for the job may be the one that is meant. Where it is not, a new one is made."""

    @property
    def job(self) -> str:
        """What tells this job from the candidate's others."""
        return unique_keys.job_name(self.job_title, self.company)

    def keys(self, employer_id: str) -> list[Key]:
        """Lists every unique key that may lead to a known record, for one read."""
        of_person = self.candidate.keys(employer_id) if self.candidate else []
        team = [person_key(employer_id, one) for one in (self.owner_id, self.decider_id) if one]
        return [*of_person, *unique_keys.application_keys(employer_id, self.external_ids), *team]


@dataclass(frozen=True, slots=True)
class MatchedApplication:
    """The case of the application that a request means; the caller changes and saves it.

    `matched_by` tells how the candidate or the application was known. `ignored` are JSON pointers into the request's
    application to what is given and not taken. `shared` are addresses that other candidates have too.
    """

    case: ApplicationCase
    matched_by: MatchedBy | None = None
    ignored: tuple[str, ...] = ()
    shared: tuple[AddressField, ...] = ()
    filled: Filled = field(default_factory=Filled)
    """What became of the fields of a known candidate."""

    @property
    def created(self) -> bool:
        return self.case.is_new


def find_or_create(unit: UnitOfWork, wanted: ApplicationInput, found: Mapping[Key, Item], pointer: str = "") -> ApplicationCase:
    """Returns the case of an application: a known one, read, or a new one. See `match_or_create`."""
    return match_or_create(unit, wanted, found, pointer).case


def match_or_create(
    unit: UnitOfWork, wanted: ApplicationInput, found: Mapping[Key, Item], pointer: str = ""
) -> MatchedApplication:
    """Finds or creates an application, and tells how it was found and what was ignored.

    `found` is what `wanted.keys()` lead to. `pointer` is the application's place in the request's body.
    Raises Unprocessable for an unknown candidate id, Conflict for another candidate's application.
    """
    employer_id = unit.employer.id
    team.check(unit, {"owner_id": wanted.owner_id, "decider_id": wanted.decider_id}, found, pointer)
    if wanted.group:
        wanted = replace(wanted, group=groups.ensure(employer_id, wanted.group, unit.now, f"{pointer}/group"))
    known = unique_keys.first_match(unique_keys.application_keys(employer_id, wanted.external_ids), found)
    if known and (case := unit.read_case(employer_id, known)):
        return of_known_case(unit, case, wanted, found)
    if wanted.candidate_id or wanted.candidate is None:
        match = _by_id(employer_id, wanted.candidate_id or "", wanted)
    else:
        match = _by_person(employer_id, wanted.candidate, wanted.job, found)
        if match.candidate is None:
            return _with_new_candidate(unit, wanted, wanted.candidate, match, found)
    if match.candidate is None:
        raise Unprocessable(errors=[FieldError(f"{pointer}/candidate_id", "there is no such candidate")])
    return _for_known(unit, match, match.candidate, wanted, found)


def of_known_case(
    unit: UnitOfWork, case: ApplicationCase, wanted: ApplicationInput, found: Mapping[Key, Item]
) -> MatchedApplication:
    """Completes an application that an external id led to. Raises Conflict for another candidate's id."""
    if wanted.candidate_id not in (None, case.application.candidate_id):
        raise Conflict("Another candidate's application has this external id.", code="duplicate_application")
    filled, shared = _complete_candidate(unit, case, wanted.candidate, found) if wanted.candidate else (Filled(), ())
    _claim_external_ids(unit, case, wanted, found)
    _fill_group(unit, case, wanted)
    return MatchedApplication(case, "external_id", _all_ignored(filled, case, wanted), shared, filled)


def has_open_application(employer_id: str, wanted: ApplicationInput, found: Mapping[Key, Item]) -> bool:
    """Whether a known candidate has an open application for that job, from whatever source."""
    if wanted.candidate is None:
        return False
    match = _by_person(employer_id, wanted.candidate, wanted.job, found)
    former = _former(employer_id, match, match.candidate, wanted) if match.candidate else None
    case = ApplicationCase.read(employer_id, former.application_id) if former else None
    return case is not None and not case.finished


def _for_known(
    unit: UnitOfWork, match: Match, candidate: CandidateItem, wanted: ApplicationInput, found: Mapping[Key, Item]
) -> MatchedApplication:
    """The open application of a known candidate for the job, else a new one. Completes the candidate's empty fields."""
    before = table.snapshot(candidate)
    filled, shared = _fill(unit, match, wanted.candidate, found) if wanted.candidate else (Filled(), ())
    is_changed = correct.is_changed(candidate, before)
    former = _former(unit.employer.id, match, candidate, wanted)
    case = unit.read_case(unit.employer.id, former.application_id) if former else None
    if case is None or (case.finished and not (wanted.may_be_finished and wanted.may_be_finished(case))):
        application_id = ids.new_id("app", unit.now)
        copies.add(unit.transaction, unit.employer.id, candidate, application_id)
        case = _create(unit, candidate, application_id, wanted, found, former)
    else:
        copies.bring_back(candidate, case.application)
        _claim_external_ids(unit, case, wanted, found)
        _fill_group(unit, case, wanted)
    service.save(unit, candidate, before)
    if is_changed:
        service.copy_to_applications(unit, candidate, case)
    return MatchedApplication(case, match.matched_by, _all_ignored(filled, case, wanted), shared, filled)


def _by_person(employer_id: str, person: CandidateInput, job: str, found: Mapping[Key, Item]) -> Match:
    """The candidate by external id or address, with the items that lead to their applications for the job."""
    return identity.identify(employer_id, person, found, lambda one: unique_keys.job_keys(employer_id, one, job))


def _by_id(employer_id: str, candidate_id: str, wanted: ApplicationInput) -> Match:
    key = (keys.candidate_pk(employer_id, candidate_id), "CAND")
    items = table.get_many([key, *unique_keys.job_keys(employer_id, candidate_id, wanted.job)])
    candidate = items.get(key)
    return Match(candidate if isinstance(candidate, CandidateItem) else None, None, {}, items)


def _former(employer_id: str, match: Match, candidate: CandidateItem, wanted: ApplicationInput) -> JobItem | None:
    """The item that leads to the candidate's latest application for the job."""
    found = (match.items.get(key) for key in unique_keys.job_keys(employer_id, candidate.id, wanted.job))
    return next((item for item in found if isinstance(item, JobItem)), None)


_Result = tuple[Filled, tuple[AddressField, ...]]


def _fill(unit: UnitOfWork, match: Match, person: CandidateInput, found: Mapping[Key, Item]) -> _Result:
    return correct.complete(unit, match, person, found), fill.shared_by_others(match, person)


def _complete_candidate(unit: UnitOfWork, case: ApplicationCase, person: CandidateInput, found: Mapping[Key, Item]) -> _Result:
    """Completes the candidate of a known application. Reads the others who share an address in the same batch."""
    candidate_id = case.application.candidate_id
    match = identity.read_known(unit.employer.id, candidate_id, person, found)
    if match.candidate is None:
        return Filled(), ()  # erased a moment ago
    before = table.snapshot(match.candidate)
    result = _fill(unit, match, person, found)
    is_changed = correct.is_changed(match.candidate, before)
    copies.bring_back(match.candidate, case.application)
    service.save(unit, match.candidate, before)
    if is_changed:
        service.copy_to_applications(unit, match.candidate, case)
    return result


def _with_new_candidate(
    unit: UnitOfWork, wanted: ApplicationInput, person: CandidateInput, match: Match, found: Mapping[Key, Item]
) -> MatchedApplication:
    application_id = ids.new_id("app", unit.now)
    candidate = fill.new_candidate(unit, person, found, [application_id])
    case = _create(unit, candidate, application_id, wanted, found, None)
    return MatchedApplication(case, None, tuple(_ignored(case, wanted)), fill.shared_by_others(match, person))


def _all_ignored(filled: Filled, case: ApplicationCase, wanted: ApplicationInput) -> tuple[str, ...]:
    return (*(f"/candidate{one}" for one in filled.ignored), *_ignored(case, wanted))


def _ignored(case: ApplicationCase, wanted: ApplicationInput) -> Iterator[str]:
    application = case.application
    for name, person in (("owner_id", wanted.owner_id), ("decider_id", wanted.decider_id)):
        if person and getattr(application, name) != person:
            yield f"/{name}"
    if wanted.job_title and unique_keys.folded_title(application.job_title) != unique_keys.folded_title(wanted.job_title):
        yield "/job_title"
    if wanted.group and groups.group_key(wanted.group) != groups.group_key(application.group or ""):
        yield "/group"
    for number, one in enumerate(wanted.external_ids):
        if one not in application.external_ids:
            yield f"/external_ids/{number}"


def _create(
    unit: UnitOfWork,
    candidate: CandidateItem,
    application_id: str,
    wanted: ApplicationInput,
    found: Mapping[Key, Item],
    former: JobItem | None,
) -> ApplicationCase:
    employer_id = unit.employer.id
    wanted = replace(wanted, external_ids=tuple(_unclaimed(employer_id, wanted, found)))
    unique_keys.claim(unit.transaction, unique_keys.application_keys(employer_id, wanted.external_ids), application_id)
    unique_keys.point_job(
        unit.transaction, unique_keys.job_keys(employer_id, candidate.id, wanted.job)[0], application_id, former
    )
    return ApplicationCase(_new_item(unit, candidate, application_id, wanted), is_new=True)


def _new_item(unit: UnitOfWork, candidate: CandidateItem, application_id: str, wanted: ApplicationInput) -> ApplicationItem:
    item = ApplicationItem(
        keys.case_pk(unit.employer.id, application_id),
        "APP",
        id=application_id,
        employer_id=unit.employer.id,
        candidate_id=candidate.id,
        job_title=wanted.job_title,
        company=wanted.company,
        owner_id=wanted.owner_id,
        decider_id=wanted.decider_id,
        group=wanted.group,
        external_ids=list(wanted.external_ids),
        status="active",
        created_at=unit.now,
        updated_at=unit.now,
        version=1,
        revision=1,
        nudges={},
        list_key=keys.list_key(unit.employer.id, "APP"),
        list_at=application_id,
    )
    copies.copy_person(candidate, item)
    return item


def _unclaimed(employer_id: str, wanted: ApplicationInput, found: Mapping[Key, Item]) -> list[dict[str, str]]:
    """The external ids that no other application has."""
    return [one for one in wanted.external_ids if unique_keys.application_keys(employer_id, [one])[0] not in found]


def _claim_external_ids(unit: UnitOfWork, case: ApplicationCase, wanted: ApplicationInput, found: Mapping[Key, Item]) -> None:
    """Adds external ids that no other application has to one that was found by its job title. Fills owner and decider."""
    application = case.application
    for name, person in (("owner_id", wanted.owner_id), ("decider_id", wanted.decider_id)):
        if person and not getattr(application, name):  # what is not changed is not set: `is_touched` compares attributes
            setattr(application, name, person)
    fresh = [one for one in _unclaimed(unit.employer.id, wanted, found) if one not in application.external_ids]
    if fresh:
        application.external_ids = fill.with_external_ids("application", application.external_ids, fresh)
        unique_keys.claim(unit.transaction, unique_keys.application_keys(unit.employer.id, fresh), application.id)


def _fill_group(unit: UnitOfWork, case: ApplicationCase, wanted: ApplicationInput) -> None:
    """Gives a known application without a group the one that is wanted."""
    if wanted.group and not case.application.group:
        case.application.group = groups.ensure(unit.employer.id, wanted.group, unit.now, "/group")
