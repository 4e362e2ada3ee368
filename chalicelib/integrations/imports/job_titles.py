"""Corrects the job title of an application that a row names without doubt.

A row names it by `application_ref` or `interview_ref`, or by `candidate_ref` with the start of a known interview. By an email
or phone, or without a start, another title is another application.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.candidates.items import CandidateItem, JobItem
from chalicelib.applications.find_or_create import MatchedApplication
from chalicelib.applications.retitle import retitle
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.storage import keys
from chalicelib.storage.table import Item, Key, read_instant

Json = dict[str, Any]


def names_an_instant(row: Json) -> bool:
    """Whether a row may name an application by the person's id and the start of an interview."""
    named = "candidate_ref" in row and "job_title" in row and "interview_start" in row
    return named and not ("application_ref" in row or "interview_ref" in row or "job_title" in row.get("unsure", ()))


def case_at_start(unit: UnitOfWork, person: CandidateInput, row: Json, found: Mapping[Key, Item]) -> ApplicationCase | None:
    """Return the case of the interview that a known candidate has at the start of a row, where none is for its job title."""
    candidate_id = unique_keys.first_match(person.external_keys(unit.employer.id), found) if names_an_instant(row) else None
    candidate = found.get((keys.candidate_pk(unit.employer.id, candidate_id), "CAND")) if candidate_id else None
    if not isinstance(candidate, CandidateItem):
        return None
    for_job = unique_keys.job_keys(unit.employer.id, candidate.id, row["job_title"])
    if any(isinstance(found.get(key), JobItem) for key in for_job):
        return None
    start = read_instant(row["interview_start"])
    cases = (unit.read_case(unit.employer.id, one) for one in applications_of(candidate))
    return next((case for case in cases if case and case.interview_at(start)), None)


def applications_of(candidate: CandidateItem) -> Iterator[str]:
    """Yield the ids of a candidate's applications: those that go on, then those that have ended."""
    yield from candidate.applications
    yield from candidate.past or ()


def correct(unit: UnitOfWork, matched: MatchedApplication, row: Json) -> bool:
    """Correct the title of an application that was found by an id. Return whether it was another one."""
    title, case = row.get("job_title"), matched.case
    if case.is_new or matched.matched_by != "external_id" or not title or "job_title" in row.get("unsure", ()):
        return False
    return title != case.application.job_title and retitle(unit, case, title)
