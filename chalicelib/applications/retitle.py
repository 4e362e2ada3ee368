"""Gives a known application another job title. What leads to it by its title follows."""

from __future__ import annotations

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates.items import JobItem
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.storage import table
from chalicelib.storage.table import Key


def retitle(unit: UnitOfWork, case: ApplicationCase, job_title: str) -> bool:
    """Set the job title, in memory and by its key. False where the candidate has another application for that job."""
    application = case.application

    def keys_of(title: str) -> list[Key]:
        job = unique_keys.job_name(title, application.company)
        return unique_keys.job_keys(unit.employer.id, application.candidate_id, job)

    present, wanted = keys_of(application.job_title), keys_of(job_title)
    if present[0] != wanted[0]:
        found = {key: item for key, item in table.get_many([*present, *wanted]).items() if isinstance(item, JobItem)}
        if any(found[key].application_id != application.id for key in wanted if key in found):
            return False
        for key in present:
            if key not in wanted and key in found and found[key].application_id == application.id:
                unit.transaction.delete(JobItem(*key), JobItem.application_id == application.id)
        if found.keys().isdisjoint(wanted):
            unique_keys.point_job(unit.transaction, wanted[0], application.id, None)
    application.job_title = job_title
    return True
