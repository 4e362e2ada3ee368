"""What came of a job seeker's interview, by one tap: on the page that a reminder leads to, and on the interview's own page.

A GET changes nothing: mail scanners open links. The same tap twice is one outcome, also where the second comes after another
outcome: a page that was open before, and a request that is sent again, change nothing that was said later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.api.forms import Form
from chalicelib.api.validation import validate
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem
from chalicelib.applications.seekers import outcomes
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.email import CALL_SCRIPT
from chalicelib.rules.copy.language import Catalogue, mark
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import SeekerState
from chalicelib.storage import table
from chalicelib.web import field_errors, own_words

TAPS = {
    "called": mark("I called and got through"),
    "heard": mark("They called or wrote"),
    "no_answer": mark("No answer"),
    "closed": mark("Let it go"),
}
DECISIONS = {
    "": mark("No decision yet"),
    "advancing": mark("I am invited to the next round"),
    "offer": mark("They offer me the job"),
    "rejected": mark("They said no"),
}
_BY_THE_END_OF = time(17, 0)
"""When a day that somebody named is over: they said "Friday", and Friday passes."""
SHOWN_MOST = 50


def record(employer: Employer, interview: InterviewItem, given: Form, now: datetime) -> None:
    """Records what a form says. Raises Unprocessable, NotFound, Conflict."""
    from chalicelib.applications.seekers.schema import OutcomeIn  # late: it imports pydantic

    what = given.one("what")
    body: dict[str, Any] = {"what": what}
    if what in ("called", "heard"):
        day, decision = _day(given.one("day"), employer.timezone, now), given.one("decision") or None
        body |= {"decision": decision, "feedback": given.one("feedback") or None}
        body |= {"next_word_by": day.isoformat() if day else None}
    outcome = validate(OutcomeIn, body, now).to_outcome()
    tap = tap_of(given, "what", "decision", "day", "feedback")
    outcomes.record(employer, interview.id, replace(outcome, about=tap), now, lambda _case, _interview: None)


def about(application: ApplicationItem) -> str:
    """Names what a page shows: the wait, and the application's state. Its form sends it back as `about`."""
    return f"{application.wait_cause}@{int(application.version)}"


def tap_of(given: Form, what: str, *said: str) -> str:
    """Names one tap: the page that it came from, the button, and what was typed. The same page sent twice is the same tap.

    Anyone who goes back and types more has said something else.
    """
    typed = "\n".join(given.one(name) for name in said)
    return f"page:{given.one('about')[:80]}:{given.one(what)}" + (f":{typed}" if typed.strip() else "")


def _day(text: str, zone: str, now: datetime) -> datetime | None:
    """Returns the end of a working day in the seeker's time zone; of today, where that is over, the end of the day itself.

    Raises Unprocessable.
    """
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        ends = datetime.combine(day, _BY_THE_END_OF, ZoneInfo(zone)).astimezone(UTC)
        if ends <= now and day == now.astimezone(ZoneInfo(zone)).date():
            return datetime.combine(day, time(23, 59), ZoneInfo(zone)).astimezone(UTC)
        return ends
    except (ValueError, OverflowError):
        raise Unprocessable(errors=[FieldError("/next_word_by", "must be a date, like 2026-05-31")]) from None


def fault_of(error: Unprocessable | Conflict, said: Catalogue) -> str:
    """Returns why an outcome was not saved."""
    if isinstance(error, Conflict):
        return own_words.conflict(said, error)
    if said.language != "en":
        return said.text("Check the day by which they will answer.")
    return f"They will answer by: {field_errors.plain(error.errors[0].message)}" if error.errors else error.detail


def values(case: ApplicationCase, state: SeekerState, said: Catalogue, given: Form | None = None) -> dict[str, Any]:
    """Returns what the form of outcomes shows. `about` names the wait that is answered; `given` was not saved.

    Nobody waits after they have heard: then only what was said can be noted.
    """
    application = case.application
    tried = (application.attempts or {}).get("count", 0)
    return {
        "company": clean(application.company or "", said.text(own_words.COMPANY)),
        "job_title": clean(application.job_title, said.text(own_words.JOB)),
        "about": about(application),
        "taps": {what: said.text(label) for what, label in TAPS.items() if state != "heard" or what in ("called", "heard")},
        "decisions": own_words.labels(said, DECISIONS),
        "typed": {name: given.one(name) if given else "" for name in ("decision", "day", "feedback")},
        "script": [said.text(one) for one in CALL_SCRIPT],
        "tried": said.say_count("$count call without an answer so far.", "$count calls without an answer so far.", tried)
        if tried
        else "",
    }


def told(employer_id: str, most: int = SHOWN_MOST) -> list[ContactItem | StatementItem]:
    """Reads the latest outcomes of all jobs, newest first."""
    rows, _ = table.query_index("listing", outcomes.listed(employer_id), limit=most, forward=False)
    found = table.get_many([(row["PK"]["S"], row["SK"]["S"]) for row in rows])
    items = [found.get((row["PK"]["S"], row["SK"]["S"])) for row in rows]
    return [item for item in items if isinstance(item, ContactItem | StatementItem)]
