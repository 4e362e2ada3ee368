"""What a recruiter reads in the morning: who waits, how to reach them, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.rules.copy.digest import DigestRow, digest
from chalicelib.rules.copy.digest_paragraphs import FeedbackRow, KeepInMindRow, ReplyRow, StatuteRow
from chalicelib.rules.employer import Employer, Policy
from tests.rules.test_nudge import Links

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
    """What they need to call stands in the mail."""
    message = write([LATE], [SOON], [TOLD])
    for text in both(message):
        for part in ("Jane Doe", "+12025550123", "jane@example.com", "Welder", "final interview", "Ben Ode", "Kim Poe"):
            assert part in text
        assert "no number or address known" in text
        assert "Decided: rejected, not told" in text
    assert {"tel:+12025550123", "mailto:jane@example.com"} <= set(Links(message.html).links)
    assert message.subject == "Acme Robotics: 1 candidate should have heard from you by now"


def test_times_are_the_employers_own():
    """15:00 UTC is ten in the morning."""
    for text in both(write([LATE])):
        assert "Fri, Nov 20 at 10:00 AM, 2 days ago" in text
        assert "Times are those of New York" in text


def test_what_is_not_listed_is_counted():
    """The mail stays short and hides nobody."""
    for text in both(write([LATE], totals=(300, 0, 0))):
        assert "and 299 more" in text
    assert "300 candidates" in write([LATE], totals=(300, 0, 0)).subject


def test_requests_for_feedback_beyond_fifty_are_counted():
    """As in the other lists: nobody takes fifty for all."""
    asked = [
        FeedbackRow(f"Sam {'abcdefghijklmnopqrstuvwxyz'[number % 26]}", "Welder", date(2026, 12, 1), False)
        for number in range(53)
    ]
    message = write(asked=asked)
    for text in both(message):
        assert text.count("(Welder) by Dec 1, 2026") == 50 and "; and 3 more." in text
    assert message.subject == "Acme Robotics: 53 candidates asked for feedback"
    assert "more." not in write(asked=asked[:50]).text.partition("Asked for feedback")[2].partition("\n")[0]


@pytest.mark.parametrize(("count", "said"), [(1000, "; and 950 or more others."), (50, "; and perhaps others.")])
def test_where_not_all_requests_for_feedback_were_read_no_number_claims_to_be_all(count: int, said: str):
    """Of a thousand that were read, one owner may have fifty."""
    asked = [FeedbackRow("Sam Sample", "Welder", date(2026, 12, 1), False) for _ in range(count)]
    message = write(asked=asked, asked_more=True)
    assert all(said in text for text in both(message))
    assert message.subject == f"Acme Robotics: {count:,} or more candidates asked for feedback"


def test_an_empty_list_is_left_out():
    """No heading above nothing."""
    text = write(soon=[SOON]).text
    assert "Due next (1)" in text
    assert "Should have heard" not in text and "Rejected" not in text
    assert write(soon=[SOON]).subject == "Acme Robotics: 1 candidate to call next"
    assert write(not_told=[TOLD]).subject == "Acme Robotics: 1 candidate rejected, but not told"


def test_an_employer_without_a_call_back_is_told_so():
    """Their candidates get nothing from us until they name a number."""
    assert all("who they should call" in text for text in both(write([LATE], no_call_back=True)))
    assert all("who they should call" not in text for text in both(write([LATE])))


def test_an_escalation_says_why_it_comes():
    """It is not the daily mail."""
    message = write([LATE], escalation=True)
    assert "5 business days late or more" in message.subject
    assert all("should have heard from you at least 5 business days ago" in text for text in both(message))


def test_the_one_button_opens_the_list_and_the_foot_ends_the_mails():
    """Button and unsubscribe link come last, each with its own address."""
    message = write([LATE], page_url="https://heardback.example/reports/risk?a=1&b=2", to="dana@example.com")
    assert Links(message.html).links[-2:] == ["https://heardback.example/reports/risk?a=1&b=2", "https://heardback.example/u/t"]
    assert "https://heardback.example/reports/risk?a=1&b=2" in message.text
    assert (message.to, message.unsubscribe_url) == ("dana@example.com", "https://heardback.example/u/t")


def test_names_never_become_markup():
    """Candidates type their names themselves."""
    strange = replace(LATE, name="<img src=x onerror=alert(1)>\r\nBcc: x", job_title="</li>", email='"><script>@example.com')
    assert Links(write([strange]).html).elements == Links(write([LATE]).html).elements


SUBJECTS = [
    ({"totals": (1, 5, 5)}, "Acme Robotics: 1 candidate should have heard from you by now"),
    ({"totals": (2, 0, 0)}, "Acme Robotics: 2 candidates should have heard from you by now"),
    (
        {"totals": (2, 0, 0), "escalation": True},
        "Acme Robotics: 2 candidates should have heard from you by now (5 business days late or more)",
    ),
    ({"totals": (0, 5, 2)}, "Acme Robotics: 2 candidates rejected, but not told"),
    ({"totals": (0, 5, 0)}, "Acme Robotics: 5 candidates to call next"),
    ({"totals": (0, 5, 0), "by_law": 1, "kept": 1}, "Acme Robotics: 5 candidates to call next"),
    ({"totals": (0, 0, 0), "kept": 1}, "Acme Robotics: similar work has opened for somebody you keep in mind"),
    ({"totals": (0, 0, 0), "by_law": 2, "kept": 1}, "Acme Robotics: 2 candidates to tell by a day the law names"),
    ({"totals": (0, 0, 0), "by_law": 1}, "Acme Robotics: 1 candidate to tell by a day the law names"),
    ({"totals": (0, 0, 0)}, "Acme Robotics: 0 candidates to call next"),
]


@pytest.mark.parametrize(("given", "subject"), SUBJECTS)
def test_the_subject_names_what_is_most_urgent(given, subject):
    """Overdue before rejected, rejected before due next, due next before the law's days and kept promises."""
    by_law = [StatuteRow("Kim Poe", "Welder", date(2026, 12, 9), 10)] * given.get("by_law", 0)
    kept = [KeepInMindRow("Lee Fox", "Welder", "Night welder")] * given.get("kept", 0)
    more = {"totals": given["totals"], "escalation": given.get("escalation", False)}
    assert write(by_law=by_law, kept=kept, **more).subject == subject


def test_the_digest_names_at_most_fifty_statutory_deadlines_and_counts_the_rest():
    """The soonest come first; nobody is hidden."""
    rows = [StatuteRow(f"Kim {n:02}", "Welder", date(2026, 12, 31) - timedelta(days=n), 10) for n in range(52)]
    text = write(by_law=rows).text
    assert "source): Kim 51 (Welder) by Nov 10, 2026; " in text and "Kim 02 (Welder) by Dec 29, 2026; and 2 more." in text
    assert "Kim 01" not in text
    assert write(by_law=rows[:50]).text.count("(Welder) by ") == 50 and "more." not in write(by_law=rows[:50]).text


def test_the_digest_names_at_most_fifty_kept_promises_and_counts_the_rest():
    """In the given order."""
    rows = [KeepInMindRow(f"Lee {n:02}", "Welder", "Night welder") for n in range(51)]
    text = write(kept=rows).text
    assert "opened: Lee 00 (Welder) for Night welder; " in text
    assert "Lee 49 (Welder) for Night welder; and 1 more." in text and "Lee 50" not in text


def test_a_list_that_is_cut_by_one_says_one_more_and_a_whole_list_says_nothing():
    """A total equal to the rows hides nobody."""
    assert "… and 1 more\n" in write([LATE], totals=(2, 0, 0)).text
    assert "more" not in write([LATE], totals=(1, 0, 0)).text


def test_who_wrote_is_named_with_the_job_and_the_beginning_of_their_words():
    """Unread words wait in the Inbox; a "not yet" has none."""
    rows = [ReplyRow("Jane Doe", "Welder", "text", "Is the job still open?"), ReplyRow("Kim Poe", "Fitter", "not_yet", "")]
    message = write(replies=rows)
    assert message.subject == "Acme Robotics: 2 candidates wrote to you"
    assert f"“{'x' * 159}…”" in write(replies=[ReplyRow("Jane Doe", "Welder", "text", "x" * 161)]).text
    assert write([LATE], replies=rows).subject == "Acme Robotics: 1 candidate should have heard from you by now"
    assert (
        "In your Inbox, not seen yet: Jane Doe (Welder) texted: “Is the job still open?”; Kim Poe (Fitter) has not heard."
    ) in message.text
