"""Says what an import would do, and what it would not: the response of a dry run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.api.phone_numbers import country_of, takes_texts
from chalicelib.api.strict_json import pointer
from chalicelib.holidays import holiday_check
from chalicelib.integrations.imports.check_file import Checked
from chalicelib.integrations.imports.faults import Fault
from chalicelib.integrations.imports.profiles import INSTANTS
from chalicelib.integrations.imports.responses import (
    ImportReport,
    NotReminded,
    PeopleFound,
    Reminders,
    SharedAddress,
    Skipped,
)
from chalicelib.rules.canonical import canonical_email, canonical_name, canonical_phone, compatible_names
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Candidate, Wait
from chalicelib.rules.reminders.next_step import expected_at, next_step
from chalicelib.storage.table import read_instant

PREVIEW, LISTED_MOST = 5, 100
Json = dict[str, Any]


def report(checked: Checked, employer: Employer, now: datetime) -> ImportReport:
    """Return the response of a dry run."""
    mapped, header, sheet = checked.mapped, checked.header, checked.sheet
    people, reminders = find_people(mapped.rows), forecast(mapped.rows, employer, now)
    return ImportReport(
        dry_run=True,
        profile=checked.profile.name,
        rows=len(mapped.rows) + mapped.faulty,
        good_rows=len(mapped.rows),
        faulty_rows=mapped.faulty,
        blank_rows=mapped.blank,
        sheet=sheet.name,
        other_sheets=list(sheet.others),
        hidden_sheets=list(sheet.hidden),
        header_row=header.line,
        banner_rows=header.banner,
        columns=checked.columns,
        unused_columns=header.unused,
        people=people,
        reminders=reminders,
        preview=[_as_read(row) for row in mapped.rows[:PREVIEW]],
        errors=checked.skipped(),
        causes=checked.causes(),
        warnings=[*_general_warnings(checked, people, reminders), *warnings(checked)],
    )


def _as_read(row: Json) -> Json:
    """Returns a row as clients see it: its instants, stored with microseconds, in the API's one form."""
    return {name: instant(read_instant(value)) if name in INSTANTS and value else value for name, value in row.items()}


def warnings(checked: Checked) -> list[Skipped]:
    """Return what should be known about cells that are imported all the same."""
    notes = checked.mapped.notes
    shown = [_shown(one) for one in notes[:LISTED_MOST]]
    if len(notes) > LISTED_MOST:
        causes = Counter((one.column, one.cause) for one in notes[LISTED_MOST:])
        shown += [
            Skipped(pointer("", column), f"{_rows(number, 'more ')}: {cause}") for (column, cause), number in causes.most_common()
        ]
    return shown


def _shown(fault: Fault) -> Skipped:
    return Skipped(pointer(pointer("", fault.line), fault.column), fault.message)


def _general_warnings(checked: Checked, people: PeopleFound, reminders: Reminders) -> Iterator[Skipped]:
    """Yield what should be known about the file as a whole."""
    header = f"/{checked.header.line}"
    if checked.header.unused:
        yield Skipped(header, f"These columns are not used: {', '.join(checked.header.unused)[:500]}")
    if checked.rows and not reminders.candidates:
        reasons = "; ".join(f"{_rows(one.rows)}: {one.reason}" for one in reminders.not_reminded)
        yield Skipped("", f"Nobody will be reminded. {reasons}")
    if checked.sheet.hidden:
        yield Skipped("", f"Hidden sheets are not read: {', '.join(checked.sheet.hidden)[:300]}")
    if hidden_rows := checked.sheet.hidden_rows:
        hidden, are = _rows(len(hidden_rows), "hidden "), "is" if len(hidden_rows) == 1 else "are"
        yield Skipped("", f"{hidden} {are} read too, like the others: {_lines(hidden_rows)}. Delete what you do not want")
    if older := checked.sheet.older_events:
        versions = "1 former version of an event is" if len(older) == 1 else f"{len(older)} former versions of events are"
        yield Skipped("", f"{versions} passed over (SEQUENCE): {_lines(older)}")
    if checked.sheet.others:
        names = ", ".join(checked.sheet.others)[:300]
        yield Skipped("", f"Other sheets are not read: {names}. Choose one with ?sheet=")
    for shared in people.shared_addresses:
        who = ", ".join(shared.names)
        yield Skipped(f"/{shared.lines[0]}", f"{who} have the same address {shared.address}: they stay different people")
    keyless = sum(1 for row in checked.rows if is_keyless(row))
    if keyless:
        have, they_are = ("has", "it is") if keyless == 1 else ("have", "they are")
        yield Skipped("", f"{_rows(keyless)} {have} no email, phone or id: {they_are} found again by name, job and start only")


def _rows(number: int, which: str = "") -> str:
    return f"{number} {which}row{'s' if number != 1 else ''}"


def _lines(numbers: Sequence[int]) -> str:
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:20]))}"


def is_keyless(row: Json) -> bool:
    """Whether a row names nothing by which its person is found again, but the name."""
    return not any(name in row for name in ("email", "phone", "candidate_ref", "application_ref", "interview_ref"))


def _person(row: Json) -> tuple[str, ...]:
    """Return what makes the rows of one person one."""
    name = canonical_name(row.get("name", ""))
    if "candidate_ref" in row:
        return "ref", row["candidate_ref"]
    if "email" in row:
        return "email", canonical_email(row["email"]), name
    if "phone" in row:
        return "phone", canonical_phone(row["phone"]), name
    if "application_ref" in row or "interview_ref" in row:
        return "of", row.get("application_ref", ""), row.get("interview_ref", "")
    return "name", name, row.get("job_title", "").casefold(), row.get("interview_start", "")


def find_people(rows: Sequence[Json]) -> PeopleFound:
    """Count people, rows that say the same again, and addresses that different people share."""
    people: set[tuple[str, ...]] = set()
    seen: set[tuple[Any, ...]] = set()
    doubled: list[int] = []
    holders: dict[str, dict[str, int]] = {}
    for row in rows:
        person = _person(row)
        people.add(person)
        what = (person, row.get("job_title"), row.get("application_ref"), row.get("interview_ref"), row.get("interview_start"))
        if what in seen:
            doubled.append(row["line"])
        seen.add(what)
        for address in (row.get("email"), row.get("phone")):
            if address and "name" in row:
                folded = canonical_email(address) if "@" in address else canonical_phone(address)
                holders.setdefault(folded, {}).setdefault(row["name"], row["line"])
    shared = [one for one in (_shared(address, names) for address, names in holders.items()) if one]
    return PeopleFound(
        found=len(people),
        doubled=len(doubled),
        doubled_rows=doubled[:LISTED_MOST],
        sharing_an_address=sum(len(one.names) for one in shared),
        shared_addresses=shared[:LISTED_MOST],
    )


def _shared(address: str, names: dict[str, int]) -> SharedAddress | None:
    """Return the people whose names cannot be one person's; None where all can."""
    apart: dict[str, int] = {}
    for name, line in names.items():
        if not any(compatible_names(name, other) for other in apart):
            apart[name] = line
    return SharedAddress(address=address, names=list(apart), lines=list(apart.values())) if len(apart) > 1 else None


def forecast(rows: Sequence[Json], employer: Employer, now: datetime) -> Reminders:
    """Say how many candidates will be reminded, and when, by the rules that plan reminders."""
    when: dict[tuple[str, ...], datetime] = {}
    reasons: Counter[str] = Counter()
    for row in rows:
        reason, planned_at = _reminder(row, employer, now)
        if planned_at is not None:
            person = _person(row)
            when[person] = min(planned_at, when.get(person, planned_at))
        else:
            reasons[reason] += 1
    return Reminders(
        candidates=len(when),
        first_at=min(when.values(), default=None),
        last_at=max(when.values(), default=None),
        not_reminded=[NotReminded(reason=reason, rows=number) for reason, number in reasons.most_common()],
    )


def _reminder(row: Json, employer: Employer, now: datetime) -> tuple[str, datetime | None]:
    """Return when the candidate of a row is reminded first, or why not."""
    if "interview_start" not in row:
        return "no interview", None
    if row.get("status") in ("cancelled", "no_show", "withdrawn", "hired"):
        return f"marked {row['status']}", None
    end = read_instant(row["interview_end"])
    told_at = read_instant(row["told_at"]) if "told_at" in row else None
    if told_at and told_at >= end and row.get("decided"):
        return "told already", None
    phone, consent = row.get("phone"), row.get("sms_consent_at")
    candidate = Candidate(
        "",
        row.get("name", ""),
        email=row.get("email"),
        phone=phone,
        phone_takes_texts=bool(phone and takes_texts(phone) and "phone_extension" not in row),
        timezone=row.get("timezone"),
        sms_consent_at=read_instant(consent) if consent else None,
        phone_country=country_of(phone) if phone else None,
    )
    if not candidate.email and not (phone and consent):
        return "no email address, and no number with consent to texts", None
    wait = Wait("int_", row.get("stage", "interview"), end, end + timedelta(hours=employer.policy.word_due_hours))
    is_holiday = holiday_check(employer.policy.holidays)
    step = next_step(wait, 0, employer, candidate, now, is_holiday)
    if step is None or step.nudge_number is None:
        return "the interview was too long ago" if end < now else "reminders are off", None
    return "", expected_at(step.planned_at, employer, candidate, now, is_holiday)
