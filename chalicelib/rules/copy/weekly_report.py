"""Writes the weekly report by mail: numbers and a link, no names. Who opens the link signs in first."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chalicelib.rules.copy.clean import EMPLOYER, clean
from chalicelib.rules.copy.pages import button, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message
from chalicelib.rules.risk.report import Risk
from chalicelib.rules.risk.weekly_stats import Week

_ABOUT = "You get this each week because {employer} entered your address for it. It names nobody. Weeks begin on Monday (UTC)."
_UNSUBSCRIBE = "Unsubscribe from this report"


def weekly_report(
    to: str, employer: Employer, weeks: Sequence[Week], risk: Risk, *, report_url: str, unsubscribe_url: str
) -> Message | None:
    """Returns the mail about the last of `weeks`, or None where nobody was due an answer in any of them and nobody waits.

    `weeks` are whole weeks, oldest first.
    """
    name, last = clean(employer.name, EMPLOYER), weeks[-1]
    if not risk.late_now.count and not any(week.owed for week in weeks):
        return None
    subject = f"{name}: {_share(last)} last week"
    lines = [_last_week(last), *_before(weeks[:-1]), _now(risk)]
    about = [_ABOUT.format(employer=name)]
    text = "\n\n".join([*lines, f"Open the report: {report_url}", *about, f"{_UNSUBSCRIBE}: {unsubscribe_url}"]) + "\n"
    parts = [*(f"<p>{escape(line)}</p>" for line in lines), button("Open report", report_url)]
    return Message("email", to, text, subject, page(subject, parts, about, unsubscribe_url, _UNSUBSCRIBE), unsubscribe_url)


def _share(week: Week) -> str:
    return f"{week.on_time:,} of {week.owed:,} heard on time" if week.owed else "nobody was due a reply"


def _last_week(week: Week) -> str:
    """A "not yet" is word: it counts as heard, here as in the subject and in the weeks before, and is named beside it."""
    if not week.owed:
        return "Last week no candidate was due a reply."
    untold, heard = week.still_open, week.owed - week.still_open
    parts = (
        (week.on_time, "heard on time"),
        (heard - week.on_time, "heard late"),
        (untold, f"{'has' if untold == 1 else 'have'} not heard"),
    )
    counts = ", ".join(f"{count:,} {words}" for count, words in parts if count)
    not_yet = f" Of the {heard:,} who heard, {week.not_yet:,} {'was' if week.not_yet == 1 else 'were'} told “not yet”."
    return f"Of {_people(week.owed)} who were due a reply last week, {counts}." + (not_yet if week.not_yet else "")


def _before(weeks: Sequence[Week]) -> list[str]:
    owed, on_time = sum(week.owed for week in weeks), sum(week.on_time for week in weeks)
    return [f"In the {len(weeks)} weeks before, {on_time:,} of {owed:,} heard on time."] if owed else []


def _now(risk: Risk) -> str:
    late = risk.late_now
    if not late.count:
        return "Nobody is waiting past the day they should have heard."
    days = "a day" if late.longest_days == 1 else f"{late.longest_days:,} days"
    longest = f", the longest for {days}" if late.longest_days else ""
    return f"{_people(late.count)} {'is' if late.count == 1 else 'are'} waiting past the day they should have heard{longest}."


def _people(count: int) -> str:
    return "1 candidate" if count == 1 else f"{count:,} candidates"
