"""What the report says first, in words: how many heard on time, who waits longest, and what a few calls fix."""

from __future__ import annotations

from chalicelib.rules.risk.advice import Advice
from chalicelib.rules.risk.report import Risk
from chalicelib.web.formatting import count

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def heading(risk: Risk) -> str:
    """Return "1 of 8 heard on time"."""
    heard = risk.heard_on_time
    return f"{heard.on_time:,} of {heard.due:,} heard on time" if heard.due else "Nobody has been due an answer yet"


def sentence(risk: Risk, advice: Advice) -> str:
    """Return "The longest has waited 23 days. Two calls today fix most of it."."""
    late, soon = risk.late_now, risk.tally.waiting - risk.late_now.count
    if not late.count:
        if not risk.tally.waits and not soon:
            return "The report begins when the answer to a first interview is due."
        ahead = f" {count(soon, 'candidate is', 'candidates are')} due to hear within two days." if soon else ""
        return "Nobody is late now." + ahead
    told = f"{count(late.count, 'candidate is', 'candidates are')} late now. {_longest(risk)} "
    if not advice.calls:
        return told + "None of them has a phone number or an email."
    number = _NUMBERS[advice.calls] if advice.calls < len(_NUMBERS) else advice.calls
    calls = f"{number} {'call' if advice.calls == 1 else 'calls'} today"
    fixes = "fixes" if advice.calls == 1 else "fix"
    if advice.fixes_most:
        return f"{told}{calls} {fixes} most of it."
    return f"{told}One day's calls are not enough: start with the first {advice.calls} on the call list."


def _longest(risk: Risk) -> str:
    days, one = risk.late_now.longest_days, risk.late_now.count == 1
    waited = count(days, "day") if days else "less than a day"
    return f"{'They have' if one else 'The longest has'} waited {waited} past the deadline."
