"""What a recruiter can say in a call: thanks, the decision or a date, one reason, the next step."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.applications.items import ApplicationItem
from chalicelib.rules.employer import Employer
from chalicelib.web import formatting

_TOLD = {
    "rejected": "We have chosen somebody else for this job. I wanted you to hear it from me, not from silence.",
    "advancing": "Good news: we would like to go on with you.",
    "offer": "Good news: we would like to make you an offer.",
}
_WHY = {
    "rejected": "One reason, honestly: what was missing for this job, and one thing that you did well.",
    "advancing": "One thing that spoke for them.",
    "offer": "One thing that spoke for them.",
}
_NEXT = {
    "rejected": "May we keep you in mind for other jobs? Is there anything that you would like to ask?",
    "advancing": "What happens next, who they will meet, and when.",
    "offer": "When the contract comes, and who to ask.",
}


def for_call(application: ApplicationItem, decided: str | None, employer: Employer, now: datetime) -> list[str]:
    """Return four short sentences, in the order in which they are said."""
    first = application.name.split(" ")[0][:40]
    promised = formatting.day(now + timedelta(days=employer.policy.promise_default_days), employer.timezone)
    return [
        f"“Hello {first}, thank you for your time at {employer.name}. You should have heard from us sooner.”",
        f"“{_TOLD.get(decided or '', f'We have not decided yet. You will hear from me by {promised}, either way.')}”",
        _WHY.get(decided or "", "One reason why it takes longer."),
        _NEXT.get(decided or "", "“Until then you can call me at this number.”"),
    ]
