"""Brings one application in line with what its applicant tracking system says, in one transaction.

An application appears here with its first interview; decisions reach one that is known, by its id there or by person and job.
A rejection or a stage change is evidence of a decision and is recorded as `decided`; it is word only where the employer says
that its ATS writes to the rejected. A hire is the candidate's own "I heard": nobody accepts an offer without knowing of it.
What a recruiter changed by hand is not undone by an event that says nothing new. Of somebody who is gone the interviews stay
counted, under no name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import service
from chalicelib.applications.find_or_create import ApplicationInput, find_or_create
from chalicelib.applications.items import ContactItem, InterviewItem, JobItem, StatementItem
from chalicelib.applications.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.errors import Conflict
from chalicelib.integrations.ats import ats_state, merge
from chalicelib.integrations.ats import person as ats_person
from chalicelib.integrations.ats.items import ConnectionItem, SeenItem
from chalicelib.integrations.ats.merge import Wanted, WantedInterview
from chalicelib.rules.model import ApplicationStatus, Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key, stored_instant

Json = dict[str, Any]
_STATUS: dict[str, ApplicationStatus] = {"withdrawn": "withdrawn", "deleted": "closed"}


def reconcile(employer: Employer, connection: ConnectionItem, application: str, now: datetime) -> str | None:
    """Our application's id, or None while it has no place here: no interview yet, or nobody known by it."""

    def write_once() -> tuple[str | None, str | None, Json, Json]:
        seen, want, gone = ats_state.read(connection, application)
        if seen is None or seen.erased:
            return None, None, {}, {}
        person = ats_person.person(want, connection.system, employer.policy.sms_countries, gone=gone)
        opening = ApplicationInput(want.job_title or "", None, person, ({"system": connection.system, "id": application},))
        found = table.get_many(opening.keys(employer.id))
        write = UnitOfWork(employer, now)
        case = _case(write, opening, want, found)
        if case is None:
            return None, None, {}, {}
        _reconcile(case, want, seen.applied, connection, application, gone, employer, now)
        applied = {
            "decided": want.decided,
            "decided_at": _stored(want.decided_at),
            "status": case.application.status,
            "told_status": _told_status(want, gone),
            "person": ats_person.kept(person),
            "application_id": case.application.id,
            "gone": gone,
            "word": _told_at(want, connection),
            "interviews": {one.ref: _told(one) for one in want.interviews},
        }
        write.save(case)
        before = dict(seen.applied)
        actions = [SeenItem.applied.set(applied)] if applied != before else []
        actions += [SeenItem.state.set(merge.nameless(seen.state))] if gone and merge.nameless(seen.state) != seen.state else []
        if actions:
            actions.append(SeenItem.version.set(int(seen.version) + 1))
            write.transaction.update(SeenItem(*seen.key), actions, SeenItem.version == seen.version)
        write.commit()
        return case.application.id, case.application.candidate_id, before, applied

    our_id, candidate_id, before, applied = retry_on_conflict(write_once)
    if candidate_id:
        _bring_person(employer, candidate_id, before, applied, now)
    return our_id


def _case(write: UnitOfWork, opening: ApplicationInput, want: Wanted, found: dict[Key, Any]) -> ApplicationCase | None:
    """The known application; a new one only for an interview that takes place, of a person and a job that are known."""
    employer_id = write.employer.id
    ours = unique_keys.first_match(unique_keys.application_keys(employer_id, opening.external_ids), found)
    if ours:
        return find_or_create(write, opening, found) if opening.candidate else ApplicationCase.read(employer_id, ours)
    if opening.candidate is None or not opening.job_title:
        return None
    if want.interviews or _is_open_here(employer_id, opening, found):
        return find_or_create(write, opening, found)
    return None


def _is_open_here(employer_id: str, opening: ApplicationInput, found: dict[Key, Any]) -> bool:
    """Whether this person's application for this job stands here, from another source, and is not finished."""
    candidate_id = unique_keys.first_match(opening.candidate.keys(employer_id) if opening.candidate else [], found)
    if candidate_id is None:
        return False
    job = table.get(*unique_keys.job_key(employer_id, candidate_id, opening.job_title))
    case = ApplicationCase.read(employer_id, job.application_id) if isinstance(job, JobItem) else None
    return case is not None and not case.finished


def _reconcile(
    case: ApplicationCase,
    want: Wanted,
    applied: Json,
    connection: ConnectionItem,
    ref: str,
    gone: bool,
    employer: Employer,
    now: datetime,
) -> None:
    mark = f"{connection.system}:{ref}"
    _interviews(case, want.interviews, mark, applied, employer, now)
    _decided(case, want, applied)
    _status(case, _told_status(want, gone), applied)
    told_at = _told_at(want, connection)
    if "word" not in applied or applied["word"] != told_at:
        _word(case, want, mark, told_at is not None, now)
    _acceptance(case, want, mark, now)


def _stored(at: datetime | None) -> str | None:
    return stored_instant(at) if at else None


def _told_status(want: Wanted, gone: bool) -> ApplicationStatus:
    return "closed" if gone else _STATUS.get(want.status, "active")


def _told_at(want: Wanted, connection: ConnectionItem) -> str | None:
    """When the system wrote to the rejected, where the employer says that it does."""
    return _stored(want.decided_at) if connection.emails_rejections and want.decided == "rejected" else None


def _told(one: WantedInterview) -> list[str]:
    """What is told of an interview, to know later whether anything new is."""
    return [one.stage, stored_instant(one.start_at), stored_instant(one.end_at)]


def _interviews(
    case: ApplicationCase, wanted: tuple[WantedInterview, ...], mark: str, applied: Json, employer: Employer, now: datetime
) -> None:
    """Each wanted interview is there once; one of this application's that is not wanted any more is cancelled."""
    before = applied.get("interviews", {})
    by_ref = {i.external_ref: i for i in case.interviews.values() if i.external_ref}
    refs = set()
    for one in wanted:
        ref = f"{mark}:{one.ref}"
        refs.add(ref)
        item = by_ref.get(ref)
        is_news = item is None or before.get(one.ref) != _told(one)
        item = item or _unclaimed(case.interview_at(one.start_at)) or _new_interview(case, one, employer, now)
        _set_interview(item, one, ref, now, is_news=is_news)
    for ref, item in by_ref.items():
        if ref.startswith(mark + ":") and ref not in refs and item.status == "scheduled":
            item.status, item.updated_at, item.revision = "cancelled", now, int(item.revision) + 1


def _unclaimed(item: InterviewItem | None) -> InterviewItem | None:
    """The same interview, posted by somebody else before: no double entry."""
    return item if item is not None and item.external_ref is None else None


def _new_interview(case: ApplicationCase, one: WantedInterview, employer: Employer, now: datetime) -> InterviewItem:
    interview_id = case.new_id("int", now)
    item = InterviewItem(
        case.application.PK,
        f"INT#{interview_id}",
        id=interview_id,
        stage=one.stage,
        start_at=one.start_at,
        end_at=one.end_at,
        booked_at=one.first_at,
        word_due_hours=employer.policy.word_due_hours,
        status="scheduled",
        updated_at=now,
        revision=1,
        list_key=keys.list_key(employer.id, "INT"),
        list_at=interview_id,
    )
    case.add(item)
    return item


def _set_interview(item: InterviewItem, one: WantedInterview, ref: str, now: datetime, *, is_news: bool) -> None:
    """What was told before already is left as it stands: somebody may have moved or cancelled it here since."""
    before = table.snapshot(item)
    item.booked_at = min(item.booked_at, one.first_at)
    if is_news:
        item.external_ref, item.stage, item.start_at, item.end_at = ref, one.stage, one.start_at, one.end_at
        item.status = "scheduled" if item.status == "cancelled" else item.status
    if table.changes(item, before):
        item.updated_at, item.revision = now, int(item.revision) + 1


def _decided(case: ApplicationCase, want: Wanted, applied: Json) -> None:
    """Over what it told itself, over nothing, or over what is older; and not over what a recruiter took back since it told so."""
    application = case.application
    if "decided_at" in applied and (applied["decided"], applied["decided_at"]) == (want.decided, _stored(want.decided_at)):
        return
    ours = application.decided is None or application.decided == applied.get("decided")
    newer = want.decided_at is not None and application.decided_at is not None and want.decided_at > application.decided_at
    if ours or newer:
        application.decided, application.decided_at = want.decided, want.decided_at


def _status(case: ApplicationCase, status: ApplicationStatus, applied: Json) -> None:
    """Active again only where it was this system that ended it; and nothing where it says what it said before."""
    application = case.application
    if status == applied.get("told_status"):
        return
    if status != "active" or application.status == applied.get("status"):
        application.status = status


def _word(case: ApplicationCase, want: Wanted, mark: str, told: bool, now: datetime) -> None:
    """The contact that a rejection by the ATS's own mail is; undone with it."""
    rejection = next((c for c in case.contacts.values() if c.external_ref == mark), None)
    if told and rejection is None:
        contact_id = case.new_id("con", now)
        rejection = ContactItem(
            case.application.PK,
            f"CON#{contact_id}",
            id=contact_id,
            channel="email",
            outcome="sent",
            decision="rejected",
            recorded_at=now,
            external_ref=mark,
            occurred_at=want.decided_at,
        )
        case.add(rejection)
    if rejection is not None:
        rejection.voided_at = None if told else rejection.voided_at or now
        rejection.occurred_at = want.decided_at if told else rejection.occurred_at


def _acceptance(case: ApplicationCase, want: Wanted, mark: str, now: datetime) -> None:
    """The candidate's own word that a hire is; taken back with it."""
    accepted = next((s for s in case.statements.values() if s.external_ref == mark), None)
    if want.status == "hired" and accepted is None:
        statement_id = case.new_id("sta", now)
        accepted = StatementItem(
            case.application.PK,
            f"STA#{statement_id}",
            id=statement_id,
            heard=True,
            decision="offer",
            at=want.decided_at,
            recorded_at=now,
            external_ref=mark,
        )
        case.add(accepted)
    if accepted is not None:
        accepted.voided = want.status != "hired"
        accepted.at = want.decided_at if want.status == "hired" else accepted.at


def _bring_person(employer: Employer, candidate_id: str, before: Json, applied: Json, now: datetime) -> None:
    """Follows the ATS where the person's field is as it was last told; empties the record of somebody who is gone."""
    former, present = before.get("person") or {}, applied.get("person") or {}
    candidate = service.read(employer.id, candidate_id)
    if applied.get("gone"):
        given: Json = {"name": ats_person.ANONYMOUS} | dict.fromkeys(("email", "phone", "timezone", "locale", "sms_consent"))
    else:
        given = {
            name: present[name]
            for name in present
            if present[name] and former.get(name) not in (None, present[name]) and getattr(candidate, name) == former[name]
        }
    changed = {name: value for name, value in given.items() if getattr(candidate, name) != value}
    if changed:
        try:
            service.change(employer, candidate_id, changed, now, lambda _: None)
        except Conflict:
            return  # another candidate has that address: the recruiter merges them, not we
