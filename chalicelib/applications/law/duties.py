"""An application's statutory deadlines: reckoned with every write, carried on the application, listed by date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem, ContactItem
from chalicelib.applications.law.items import DutyItem, PostingItem
from chalicelib.config import settings
from chalicelib.rules.model import Advertised, Employer
from chalicelib.rules.statutes import deadlines
from chalicelib.rules.statutes.data import BY_ID, unverified_since
from chalicelib.rules.statutes.deadlines import Documents, Duty, HeldInterview, Notice, Posting
from chalicelib.signing import keyed_hash
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, read_instant, stored_instant

if TYPE_CHECKING:
    from chalicelib.applications.aggregate import Case

WRITTEN = frozenset({"email", "sms", "letter", "portal"})
UNMET_MOST = 500
"""Applications that are looked at for the report page."""
Json = dict[str, Any]


def posting_key(employer_id: str, job_title: str) -> Key:
    """One posting a job title, however it is spaced and cased."""
    folded = " ".join(job_title.casefold().split())
    return f"EMP#{employer_id}#POSTING#{keyed_hash(settings().secret, 'posting', folded)}", "POSTING"


def posting_of(item: PostingItem) -> Posting:
    return Posting(
        jurisdiction=item.jurisdiction,
        headcount=int(item.headcount) if item.headcount is not None else None,
        advertised=cast(Advertised | None, item.advertised),
        role_days=int(item.role_days) if item.role_days is not None else None,
        filled_on=date.fromisoformat(item.filled_on) if item.filled_on else None,
        timezone=item.timezone,
    )


def posting_for(employer: Employer, job_title: str) -> Posting:
    """What is known of a job: its posting, else what the employer's policy says of every job."""
    item = table.get(*posting_key(employer.id, job_title))
    if isinstance(item, PostingItem):
        return posting_of(item)
    return Posting(employer.policy.jurisdiction or "", employer.policy.headcount)


def compute(case: Case, employer: Employer, reaching: Iterable[str]) -> None:
    """Sets the application's deadlines. `reaching` are the ids of the contacts that reached the candidate."""
    application = case.application
    held = [HeldInterview(i.id, i.start_at, i.stage == "screen") for i in case.interviews.values() if i.status == "scheduled"]
    told = set(reaching)
    notices = [_notice(contact) for contact in case.contacts.values() if contact.id in told]
    found = deadlines.duties(posting_for(employer, application.job_title), held, notices, _documents(application))
    if application.status == "withdrawn":
        found = [duty for duty in found if duty.met_at is not None or duty.basis == "documents"]
    application.duties = [_stored(duty) for duty in found] or None


def _documents(application: ApplicationItem) -> Documents | None:
    asked, returned = application.documents_asked_on, application.documents_returned_on
    return Documents(date.fromisoformat(asked), date.fromisoformat(returned) if returned else None) if asked else None


def _notice(contact: ContactItem) -> Notice:
    return Notice(
        contact.id, contact.occurred_at, contact.decision, contact.channel in WRITTEN, frozenset(contact.notice_names or ())
    )


def listing(application: ApplicationItem) -> DutyItem:
    """The item by which the next unmet deadline is found; unlisted where there is none."""
    unmet = [duty for duty in application.duties or () if duty["met_at"] is None]
    last = max(unmet, key=lambda duty: duty["due_at"], default=None)
    return DutyItem(
        application.PK,
        "DUTY",
        application_id=application.id,
        statute=last["statute"] if last else None,
        list_key=keys.list_key(application.employer_id, "DUTY") if last else None,
        list_at=f"{last['due_at']}#{application.id}" if last else None,
    )


def _stored(duty: Duty) -> Json:
    return {
        **asdict(duty),
        "due_on": duty.due_on.isoformat(),
        "due_at": stored_instant(duty.due_at),
        "met_at": stored_instant(duty.met_at) if duty.met_at else None,
        "assumed": list(duty.assumed),
    }


def _read(stored: Json) -> Duty:
    return Duty(
        statute=stored["statute"],
        basis=stored["basis"],
        due_on=date.fromisoformat(stored["due_on"]),
        due_at=read_instant(stored["due_at"]),
        met_at=read_instant(stored["met_at"]) if stored["met_at"] else None,
        met_by=stored["met_by"],
        assumed=tuple(stored["assumed"]),
    )


def duties_json(application: ApplicationItem, now: datetime) -> list[Json]:
    """The deadlines as clients see them, soonest first, each with what the law asks and how sure we are of it."""
    return [_shown(_read(stored), now) for stored in application.duties or () if stored["statute"] in BY_ID]


def _shown(duty: Duty, now: datetime) -> Json:
    statute = BY_ID[duty.statute]
    unverified = unverified_since(statute, now.date())
    return {
        "statute": duty.statute,
        "jurisdiction": statute.jurisdiction,
        "duty": statute.duty,
        "due_on": duty.due_on.isoformat(),
        "due_at": instant(duty.due_at),
        "state": duty.state(now),
        "met_at": instant(duty.met_at),
        "met_by": duty.met_by,
        "assumed": list(duty.assumed),
        "source": statute.source,
        "verified_on": statute.verified_on.isoformat(),
        "unverified_since": unverified.isoformat() if unverified else None,
    }


@dataclass(frozen=True, slots=True)
class Unmet:
    """Deadlines that nothing has met: (application, the duty as clients see it), soonest last day first. `whole` is False where
    more applications have some than were read."""

    rows: tuple[tuple[ApplicationItem, Json], ...] = ()
    whole: bool = True


def unmet(employer_id: str, now: datetime) -> Unmet:
    """Every deadline of an employer that nothing has met, those that are past too."""
    found, more = table.query_index("listing", keys.list_key(employer_id, "DUTY"), limit=UNMET_MOST)
    items = table.get_many([(row["PK"]["S"], "APP") for row in found], consistent=False).values()
    rows = [
        (item, duty)
        for item in items
        if isinstance(item, ApplicationItem)
        for duty in duties_json(item, now)
        if duty["met_at"] is None
    ]
    return Unmet(tuple(sorted(rows, key=lambda row: (row[1]["due_at"], row[0].id))), more is None)


def next_due_on(application: ApplicationItem) -> str | None:
    """The soonest last day of a duty that nothing has met; it may be past."""
    return min((duty["due_on"] for duty in application.duties or () if duty["met_at"] is None), default=None)


def falling_due(employer_id: str, after: datetime, now: datetime) -> list[tuple[int, ApplicationItem]]:
    """Whose deadline came within 30, 10 or 2 days since `after`: (days left, application), soonest first. One range query."""
    horizon = stored_instant(datetime.fromtimestamp(now.timestamp() + max(deadlines.WARN_DAYS) * 86400, now.tzinfo))
    between = Item.list_at.between(stored_instant(now), horizon + "~")
    rows: list[Json] = []
    start = None
    while True:
        page, start = table.query_index("listing", keys.list_key(employer_id, "DUTY"), between, start=start)
        rows += page
        if not start:
            break
    marks = [(deadlines.crossed_warning(read_instant(row["list_at"]["S"].partition("#")[0]), after, now), row) for row in rows]
    wanted = [(mark, (row["PK"]["S"], "APP")) for mark, row in marks if mark is not None]
    items = table.get_many(key for _, key in wanted)
    return [(mark, item) for mark, key in wanted if isinstance(item := items.get(key), ApplicationItem)]
