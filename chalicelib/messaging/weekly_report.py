"""Plans the weekly report: it goes with the first digest of a week on the employer's clock, at most once a week.

The digest's item stores the week for which it went, in the transaction that creates the mails.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.applications.digest_schedule import DigestItem
from chalicelib.applications.tally_items import read as read_tally
from chalicelib.config import settings
from chalicelib.holidays import holiday_check
from chalicelib.messaging import opt_outs
from chalicelib.rules.copy.weekly_report import weekly_report
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message
from chalicelib.rules.reminders.weekly_report import first_digest_of_week, week_of
from chalicelib.rules.risk.report import assess
from chalicelib.rules.risk.weekly_stats import weekly_stats

WEEKS_TOLD = 5
"""Last week, and four weeks to compare it with."""


def week_to_tell(item: DigestItem, employer: Employer, planned_at: datetime) -> str | None:
    """Returns the week for which a report goes with this digest; None where it is not the week's first, or it went already."""
    week = week_of(employer, planned_at)
    if not employer.policy.report_to or item.report_week == week:
        return None
    first = first_digest_of_week(employer, planned_at, holiday_check(employer.policy.holidays))
    return week if first == planned_at else None


def message(employer: Employer, to: str, now: datetime) -> Message | None:
    """Writes the report to one address; None where there is nothing to say."""
    tally = read_tally(employer.id, now)
    this_monday = (local := now.astimezone(ZoneInfo(employer.timezone)).date()) - timedelta(days=local.weekday())
    weeks = [week for week in weekly_stats(tally, now.astimezone(UTC), WEEKS_TOLD + 1) if week.monday < this_monday]
    return weekly_report(
        to,
        employer,
        weeks[-WEEKS_TOLD:],
        assess(tally, now, employer.review_days),
        report_url=f"{settings().base_url}/sign-in?next=%2Freports%2Frisk",
        unsubscribe_url=opt_outs.weekly_report_url(employer.id, to, now),
    )
