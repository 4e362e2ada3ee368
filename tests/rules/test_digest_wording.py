"""What a recruiter reads in the morning: who waits, how to reach them, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.rules.copy.digest import DigestRow, digest
from chalicelib.rules.model import Employer, Policy
from tests.rules.test_wording import Links

ACME = Employer("emp_1", "Acme Robotics", "America/New_York", policy=Policy(escalate_after_business_days=5))
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
LATE = DigestRow(
    "Jane Doe", "+12025550123", "jane@example.com", "Welder", "final", datetime(2026, 11, 20, 15, tzinfo=UTC), None, 2
)
SOON = DigestRow("Ben Ode", None, None, "Fitter", "screen", datetime(2026, 11, 24, 15, tzinfo=UTC))
TOLD = replace(LATE, name="Kim Poe", decided="rejected", overdue_days=1)


def write(overdue=(), soon=(), not_told=(), totals=None, **more):
    counted = totals or (len(overdue), len(soon), len(not_told))
    arguments = {"now": NOW, "unsubscribe_url": "https://heardback.example/u/t", **more}
    return digest(ACME, overdue=overdue, soon=soon, not_told=not_told, totals=counted, **arguments)


def both(message) -> tuple[str, str]:
    return message.text, " ".join(Links(message.html).words)


def test_everybody_is_there_with_number_and_address():
    """The recruiter cares: what they need to call stands in the mail."""
    message = write([LATE], [SOON], [TOLD])
    for text in both(message):
        for part in ("Jane Doe", "+12025550123", "jane@example.com", "Welder", "final interview", "Ben Ode", "Kim Poe"):
            assert part in text
        assert "no number or address known" in text
        assert "Decided: rejected, not told" in text
    assert {"tel:+12025550123", "mailto:jane@example.com"} <= set(Links(message.html).links)
    assert message.subject == "Acme Robotics: 1 candidate should have heard from you by now"


def test_times_are_the_employers_own():
    """The recruiter in New York cares: 15:00 UTC is ten in the morning."""
    for text in both(write([LATE])):
        assert "Fri 20 Nov, 10:00, 2 days ago" in text
        assert "America/New_York" in text


def test_what_is_not_listed_is_counted():
    """The recruiter with three hundred candidates cares: the mail stays short and hides nobody."""
    for text in both(write([LATE], totals=(300, 0, 0))):
        assert "and 299 more" in text
    assert "300 candidates" in write([LATE], totals=(300, 0, 0)).subject


def test_an_empty_list_is_left_out():
    """The recruiter cares: no heading above nothing."""
    text = write(soon=[SOON]).text
    assert "Due next (1)" in text
    assert "Should have heard" not in text and "Rejected" not in text
    assert write(soon=[SOON]).subject == "Acme Robotics: 1 candidate to call next"
    assert write(not_told=[TOLD]).subject == "Acme Robotics: 1 candidate rejected, but not told"


def test_an_employer_without_a_call_back_is_told_so():
    """The employer cares: their candidates get nothing from us until they name a number."""
    assert all("whom they should call" in text for text in both(write([LATE], no_call_back=True)))
    assert all("whom they should call" not in text for text in both(write([LATE])))


def test_an_escalation_says_why_it_comes():
    """The manager cares: it is not the daily mail."""
    message = write([LATE], escalation=True)
    assert "5 business days late or more" in message.subject
    assert all("owed word for 5 business days or more" in text for text in both(message))


def test_the_one_button_opens_the_list_and_the_foot_ends_the_mails():
    """The recruiter cares."""
    message = write([LATE], page_url="https://heardback.example/reports/risk?a=1&b=2", to="dana@example.com")
    assert Links(message.html).links[-2:] == ["https://heardback.example/reports/risk?a=1&b=2", "https://heardback.example/u/t"]
    assert "https://heardback.example/reports/risk?a=1&b=2" in message.text
    assert (message.to, message.unsubscribe_url) == ("dana@example.com", "https://heardback.example/u/t")


def test_names_never_become_markup():
    """The recruiter cares: candidates type their names themselves."""
    strange = replace(LATE, name="<img src=x onerror=alert(1)>\r\nBcc: x", job_title="</li>", email='"><script>@example.com')
    assert Links(write([strange]).html).elements == Links(write([LATE]).html).elements
