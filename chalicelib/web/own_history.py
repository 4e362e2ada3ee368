"""What calling did for a job seeker, and what they were told before: theirs alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from chalicelib.applications.items import ApplicationItem, ContactItem, StatementItem
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import Catalogue
from chalicelib.storage import table
from chalicelib.web import own_outcomes


def figures(told: Sequence[ContactItem | StatementItem], said: Catalogue) -> str:
    """Returns what calling did for this seeker: how many answered after they called, and how long companies take.

    Empty before the first call.
    """
    called = {item.PK for item in told if isinstance(item, ContactItem) and item.channel == "call"}
    found = table.get_many((pk, "APP") for pk in sorted({item.PK for item in told})) if told else {}
    heard = {pk: item for (pk, _), item in found.items() if isinstance(item, ApplicationItem) and item.wait_state == "answered"}
    if not called:
        return ""
    days = [(item.answered_at - item.wait_since) / timedelta(days=1) for item in heard.values() if item.answered_at]
    answered = str(len(called & heard.keys()))
    words = said.say_count(
        "You called about $count job: $answered answered.",
        "You called about $count jobs: $answered answered.",
        len(called),
        answered=answered,
    )
    if not days:
        return words
    took = said.say_count(
        "Half of the companies answered you within $count day.",
        "Half of the companies answered you within $count days.",
        max(0, round(median(days))),
    )
    return f"{words} {took}"


def lessons(employer_id: str, application: ApplicationItem, said: Catalogue) -> list[tuple[str, datetime, str]]:
    """Returns what the seeker was told before, as (company, when, words): of this company first, then the latest."""
    told = [item for item in own_outcomes.told(employer_id) if item.feedback]
    found = table.get_many({(item.PK, "APP") for item in told}) if told else {}
    named = [(of, item) for item in told if isinstance(of := found.get((item.PK, "APP")), ApplicationItem)]
    same = [one for one in named if _folded(one[0]) == _folded(application)]
    others = [one for one in named if _folded(one[0]) != _folded(application)]
    return [
        (clean(of.company or "", said.text("another company")), item.recorded_at, item.feedback or "")
        for of, item in [*same, *others][:5]
    ]


def _folded(application: ApplicationItem) -> str:
    return (application.company or "").casefold().strip()
