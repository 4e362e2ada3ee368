"""Statutory deadlines, row by row. Every date was worked out by hand on a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.statutes import data, deadlines
from chalicelib.rules.statutes.applicability import Posting, statutes_for_job
from chalicelib.rules.statutes.data import BY_ID, NAMES, STATUTES
from chalicelib.rules.statutes.deadlines import Documents, HeldInterview, Notice, add_months, duties

ONTARIO = Posting("CA-ON", headcount=40, advertised="public", work="inside")
ISRAEL = Posting("IL", headcount=100, role_days=365, food_service=False)
KOREA = Posting("KR", headcount=30, documents_filed="paper")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def held(*starts: str, screen: bool = False) -> list[HeldInterview]:
    return [HeldInterview(f"int_{number}", utc(start), screen) for number, start in enumerate(starts)]


def told(at: str, decision: str | None = "pending", **more: object) -> Notice:
    return Notice("con_1", utc(at), decision, **more)  # type: ignore[arg-type]


WRITTEN = {"written": True, "names": frozenset(NAMES)}

TABLE = [
    # (situation, posting, interview starts, notices, expected [(due_on, due_at, state at the end of 2027)])
    (
        "45 days over a month of 31 and one of 30",
        ONTARIO,
        ["2026-06-02T10:00-04:00"],
        [],
        [("2026-07-17", "2026-07-18T00:00-04:00", "missed")],
    ),
    (
        "late in the evening in Toronto, already tomorrow in UTC",
        ONTARIO,
        ["2026-06-02T22:30-04:00"],
        [],
        [("2026-07-17", "2026-07-18T00:00-04:00", "missed")],
    ),
    (
        "an interviewer in Tokyo, whose calendar is a day ahead",
        ONTARIO,
        ["2026-06-03T08:00+09:00"],
        [],
        [("2026-07-17", "2026-07-18T00:00-04:00", "missed")],
    ),
    (
        "a job in Ontario's west keeps Central time",
        replace(ONTARIO, timezone="America/Winnipeg"),
        ["2026-06-02T23:30-05:00"],
        [],
        [("2026-07-17", "2026-07-18T00:00-05:00", "missed")],
    ),
    (
        "from the end of January over a February of 28",
        ONTARIO,
        ["2027-01-31T09:00-05:00"],
        [],
        [("2027-03-17", "2027-03-18T00:00-04:00", "missed")],
    ),
    (
        "from 15 January of a leap year: 29 February is the 45th day",
        ONTARIO,
        ["2028-01-15T09:00-05:00"],
        [],
        [("2028-02-29", "2028-03-01T00:00-05:00", "open")],
    ),
    (
        "over the end of daylight saving time",
        ONTARIO,
        ["2026-10-01T09:00-04:00"],
        [],
        [("2026-11-15", "2026-11-16T00:00-05:00", "missed")],
    ),
    (
        "a second interview on day 44 starts the clock again",
        ONTARIO,
        ["2026-06-02T10:00-04:00", "2026-07-16T10:00-04:00"],
        [],
        [("2026-08-30", "2026-08-31T00:00-04:00", "missed")],
    ),
    (
        "a second interview on day 45 too",
        ONTARIO,
        ["2026-06-02T10:00-04:00", "2026-07-17T23:00-04:00"],
        [],
        [("2026-08-31", "2026-09-01T00:00-04:00", "missed")],
    ),
    (
        "one on day 46 does not save the first",
        ONTARIO,
        ["2026-06-02T10:00-04:00", "2026-07-18T09:00-04:00"],
        [],
        [("2026-07-17", "2026-07-18T00:00-04:00", "missed"), ("2026-09-01", "2026-09-02T00:00-04:00", "missed")],
    ),
    (
        "a holding notice on day 45 at 23:59 is in time",
        ONTARIO,
        ["2026-06-02T10:00-04:00"],
        [told("2026-07-17T23:59-04:00")],
        [("2026-07-17", "2026-07-18T00:00-04:00", "met")],
    ),
    (
        "the same a minute later is late",
        ONTARIO,
        ["2026-06-02T10:00-04:00"],
        [told("2026-07-18T00:00-04:00")],
        [("2026-07-17", "2026-07-18T00:00-04:00", "met_late")],
    ),
    (
        "a friendly call that tells nothing about a decision",
        ONTARIO,
        ["2026-06-02T10:00-04:00"],
        [told("2026-06-05T10:00-04:00", None)],
        [("2026-07-17", "2026-07-18T00:00-04:00", "missed")],
    ),
    (
        "a notice before the second interview says nothing about that one",
        ONTARIO,
        ["2026-06-02T10:00-04:00", "2026-06-20T10:00-04:00"],
        [told("2026-06-10T10:00-04:00")],
        [("2026-08-04", "2026-08-05T00:00-04:00", "missed")],
    ),
    (
        "told in the interview itself",
        ONTARIO,
        ["2026-06-02T10:00-04:00"],
        [told("2026-06-02T10:40-04:00", "rejected")],
        [("2026-07-17", "2026-07-18T00:00-04:00", "met")],
    ),
    ("24 employees on posting day", replace(ONTARIO, headcount=24), ["2026-06-02T10:00-04:00"], [], []),
    (
        "25 employees on posting day",
        replace(ONTARIO, headcount=25),
        ["2026-06-02T10:00-04:00"],
        [],
        [("2026-07-17", "2026-07-18T00:00-04:00", "missed")],
    ),
    ("a general campaign", replace(ONTARIO, advertised="general_campaign"), ["2026-06-02T10:00-04:00"], [], []),
    ("a posting for own employees", replace(ONTARIO, advertised="internal"), ["2026-06-02T10:00-04:00"], [], []),
    ("an interview of 2025, before the law", ONTARIO, ["2025-12-31T23:00-05:00"], [], []),
    (
        "the first minute of the law",
        ONTARIO,
        ["2026-01-01T00:00-05:00"],
        [],
        [("2026-02-15", "2026-02-16T00:00-05:00", "missed")],
    ),
    ("no law in New York", Posting("US-NY", headcount=500), ["2026-06-02T10:00-04:00"], [], []),
    ("a bill in New Jersey is no duty", Posting("US-NJ", headcount=500), ["2026-06-02T10:00-04:00"], [], []),
    (
        "Israel: two months from 31 December end on 28 February",
        ISRAEL,
        ["2026-12-31T10:00+02:00"],
        [],
        [("2027-02-28", "2027-03-01T00:00+02:00", "missed")],
    ),
    (
        "Israel: a notice that names all starts two more months",
        ISRAEL,
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-30T10:00+03:00", **WRITTEN)],
        [("2026-08-02", "2026-08-03T00:00+03:00", "met"), ("2026-09-30", "2026-10-01T00:00+03:00", "missed")],
    ),
    (
        "Israel: a notice without the position does not",
        ISRAEL,
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-30T10:00+03:00", written=True, names=frozenset(NAMES) - {"position"})],
        [("2026-08-02", "2026-08-03T00:00+03:00", "missed")],
    ),
    (
        "Israel: a call is not writing",
        ISRAEL,
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-30T10:00+03:00", written=False, names=frozenset(NAMES))],
        [("2026-08-02", "2026-08-03T00:00+03:00", "missed")],
    ),
    (
        "Israel: a written rejection ends it",
        ISRAEL,
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-30T10:00+03:00", "rejected", **WRITTEN)],
        [("2026-08-02", "2026-08-03T00:00+03:00", "met")],
    ),
    (
        "Israel: fourteen days after somebody else was hired",
        replace(ISRAEL, filled_on=date(2026, 7, 20)),
        ["2026-06-02T10:00+03:00"],
        [],
        [("2026-08-03", "2026-08-04T00:00+03:00", "missed")],
    ),
    (
        "Israel: a holding notice is no rejection",
        replace(ISRAEL, filled_on=date(2026, 7, 20)),
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-25T10:00+03:00", **WRITTEN)],
        [("2026-08-03", "2026-08-04T00:00+03:00", "missed")],
    ),
    ("Israel: a job of thirty days", replace(ISRAEL, role_days=30), ["2026-06-02T10:00+03:00"], [], []),
    (
        "Israel: filled on the very day that two months end: the rejection is due, and no progress",
        replace(ISRAEL, filled_on=date(2026, 8, 2)),
        ["2026-06-02T10:00+03:00"],
        [],
        [("2026-08-16", "2026-08-17T00:00+03:00", "missed")],
    ),
    (
        "Israel: a text message is writing",
        ISRAEL,
        ["2026-06-02T10:00+03:00"],
        [told("2026-08-02T23:59+03:00", **WRITTEN)],
        [("2026-08-02", "2026-08-03T00:00+03:00", "met"), ("2026-10-02", "2026-10-03T00:00+03:00", "missed")],
    ),
    (
        "Israel: two months from 30 December end on the 29 February of a leap year",
        ISRAEL,
        ["2027-12-30T10:00+02:00"],
        [],
        [("2028-02-29", "2028-03-01T00:00+02:00", "open")],
    ),
    ("Israel: 25 people work there, not more", replace(ISRAEL, headcount=25), ["2026-06-02T10:00+03:00"], [], []),
    (
        "Israel: who got the job was not rejected",
        replace(ISRAEL, filled_on=date(2026, 7, 20)),
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-19T10:00+03:00", "offer", **WRITTEN)],
        [],
    ),
    (
        "Israel: the 26th employee",
        replace(ISRAEL, headcount=26),
        ["2026-06-02T10:00+03:00"],
        [],
        [("2026-08-02", "2026-08-03T00:00+03:00", "missed")],
    ),
    ("Israel: food service", replace(ISRAEL, food_service=True), ["2026-06-02T10:00+03:00"], [], []),
    ("Israel: an interview on the day before the law", ISRAEL, ["2015-01-29T23:00+02:00"], [], []),
    (
        "Israel: an interview on the first day of the law",
        ISRAEL,
        ["2015-01-30T09:00+02:00"],
        [],
        [("2015-03-30", "2015-03-31T00:00+03:00", "missed")],
    ),
    (
        "Israel: a notice that does not tell the sender's role",
        ISRAEL,
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-30T10:00+03:00", written=True, names=frozenset(NAMES) - {"sender_role"})],
        [("2026-08-02", "2026-08-03T00:00+03:00", "missed")],
    ),
    (
        "Israel: an agency selects, and the notice does not name it",
        replace(ISRAEL, selection_body="Acme Talent"),
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-30T10:00+03:00", **WRITTEN)],
        [("2026-08-02", "2026-08-03T00:00+03:00", "missed")],
    ),
    (
        "Israel: an agency selects, and the notice names it",
        replace(ISRAEL, selection_body="Acme Talent"),
        ["2026-06-02T10:00+03:00"],
        [told("2026-07-30T10:00+03:00", "rejected", written=True, names=frozenset({*NAMES, "selection_body"}))],
        [("2026-08-02", "2026-08-03T00:00+03:00", "met")],
    ),
    ("Ontario: the work is done in Quebec", replace(ONTARIO, work="outside"), ["2026-06-02T10:00-04:00"], [], []),
    (
        "South Korea: 30 workers are bound from 2017 on",
        replace(KOREA, filled_on=date(2016, 12, 30)),
        ["2016-12-20T10:00+09:00"],
        [],
        [],
    ),
    (
        "South Korea: 100 workers were bound in 2016",
        replace(KOREA, headcount=100, filled_on=date(2016, 12, 30)),
        ["2016-12-20T10:00+09:00"],
        [],
        [("2016-12-30", "2016-12-31T00:00+09:00", "missed")],
    ),
    (
        "South Korea: 300 workers were bound in 2015",
        replace(KOREA, headcount=300, filled_on=date(2015, 2, 2)),
        ["2015-01-01T10:00+09:00"],
        [],
        [("2015-02-02", "2015-02-03T00:00+09:00", "missed")],
    ),
    (
        "South Korea: told the day after",
        replace(KOREA, filled_on=date(2026, 7, 1)),
        ["2026-06-02T10:00+09:00"],
        [told("2026-07-02T00:00+09:00", "rejected")],
        [("2026-07-01", "2026-07-02T00:00+09:00", "met_late")],
    ),
    (
        "South Korea: an honest not yet is no result",
        replace(KOREA, filled_on=date(2026, 7, 1)),
        ["2026-06-02T10:00+09:00"],
        [told("2026-07-01T10:00+09:00", "pending")],
        [("2026-07-01", "2026-07-02T00:00+09:00", "missed")],
    ),
    ("South Korea: 29 workers", replace(KOREA, headcount=29, filled_on=date(2026, 7, 1)), ["2026-06-02T10:00+09:00"], [], []),
    (
        "South Korea: on the day that hiring is decided",
        replace(KOREA, filled_on=date(2026, 7, 1)),
        ["2026-06-02T10:00+09:00"],
        [told("2026-07-01T18:00+09:00", "rejected")],
        [("2026-07-01", "2026-07-02T00:00+09:00", "met")],
    ),
]


@pytest.mark.parametrize(("posting", "starts", "notices", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_law_by_hand(posting, starts, notices, expected):
    """Counted on a calendar of the place."""
    found = duties(posting, held(*starts), notices)
    now = utc("2027-12-31T00:00+00:00")
    assert [(d.due_on.isoformat(), d.due_at, d.state(now)) for d in found] == [(on, utc(at), state) for on, at, state in expected]


@pytest.mark.parametrize(
    ("asked", "returned", "due", "state"),
    [
        (date(2026, 6, 20), None, "2026-07-04", "missed"),
        (date(2026, 6, 20), date(2026, 7, 4), "2026-07-04", "met"),
        (date(2026, 6, 20), date(2026, 7, 5), "2026-07-04", "met_late"),
        (date(2028, 2, 16), None, "2028-03-01", "open"),
    ],
)
def test_documents_that_were_asked_back_are_returned_within_fourteen_days(asked, returned, due, state):
    """16 February and fourteen days are 1 March in a leap year."""
    word = told("2026-06-21T10:00+09:00", "rejected")
    found = duties(KOREA, held("2026-06-02T10:00+09:00"), [word], Documents(asked, returned))
    assert [(d.statute, d.due_on.isoformat(), d.state(utc("2027-12-31T00:00+00:00"))) for d in found] == [
        ("kr-documents-14", due, state)
    ]
    assert duties(replace(KOREA, headcount=29), held("2026-06-02T10:00+09:00"), [], Documents(asked)) == []
    assert duties(ONTARIO, [], [], Documents(asked)) == []


@pytest.mark.parametrize(
    ("posting", "asked", "due"),
    [
        (replace(KOREA, filled_on=date(2026, 1, 2)), date(2026, 7, 1), date(2026, 7, 15)),  # the 180th day after 2 January
        (replace(KOREA, filled_on=date(2026, 1, 2)), date(2026, 7, 2), None),
        (replace(KOREA, documents_filed="online"), date(2026, 6, 1), None),
        (replace(KOREA, documents_filed=None), date(2026, 6, 1), date(2026, 6, 15)),
    ],
)
def test_a_request_for_documents_lapses_and_is_for_paper_only(posting, asked, due):
    """Up to 180 days after hiring was decided. What came by website or email need not be returned."""
    found = duties(posting, held("2025-12-20T10:00+09:00"), [], Documents(asked))
    assert [duty.due_on for duty in found if duty.basis == "documents"] == ([due] if due else [])


@pytest.mark.parametrize(
    ("posting", "notice", "lacks"),
    [
        (ISRAEL, told("2026-07-01T10:00+03:00", None), ("decision", "writing", *NAMES)),
        (ISRAEL, told("2026-07-01T10:00+03:00", written=True, names=frozenset(NAMES) - {"sender_role"}), ("sender_role",)),
        (replace(ISRAEL, selection_body="Acme Talent"), told("2026-07-01T10:00+03:00", **WRITTEN), ("selection_body",)),
        (ONTARIO, told("2026-07-01T10:00-04:00", None), ("decision",)),
        (ONTARIO, told("2026-07-01T10:00-04:00"), ()),
    ],
)
def test_a_notice_that_does_not_meet_a_duty_says_what_it_lacks(posting, notice, lacks):
    """Anyone who wrote it can add just that."""
    assert duties(posting, held("2026-06-02T10:00-04:00"), [notice])[0].lacks == lacks


def test_a_screening_call_is_no_interview_in_ontario_and_part_of_the_selection_in_israel():
    """Ontario counts interviews only; Israel counts from the first step of the selection."""
    assert duties(ONTARIO, held("2026-06-02T10:00-04:00", screen=True), []) == []
    assert len(duties(ISRAEL, held("2026-06-02T10:00+03:00", screen=True), [])) == 1


def test_unknown_conditions_are_assumed_and_listed():
    """An unknown headcount gives a deadline with a note rather than none."""
    answer = statutes_for_job(Posting("CA-ON"))[0]
    assert answer.applies
    assert answer.assumed == ("at least 25 employees on posting day", "advertised publicly")


def test_a_bill_is_watched_and_never_a_duty():
    """A bill does not apply, and says so."""
    assert [a.applies for a in statutes_for_job(Posting("US-PA"))] == [False]
    assert statutes_for_job(Posting("US-PA"))[0].why_not == "a bill, not a law: watched only"


def test_past_its_review_a_statute_counts_on_and_says_that_it_is_unverified():
    """The day after the review date it is shown as unverified."""
    statute = BY_ID["ca-on-interview-45"]
    assert data.unverified_since(statute, statute.review_by) is None
    assert data.unverified_since(statute, statute.review_by + timedelta(days=1)) == statute.review_by


def test_every_statute_has_a_source_and_dates_in_order():
    """Each can be checked again."""
    assert len(BY_ID) == len(STATUTES)
    for statute in STATUTES:
        assert statute.source and statute.verified_on < statute.review_by
        assert (statute.in_force is None) == (statute.clock is None)


def test_stop_leaves_email_post_and_call_for_a_statutory_notice():
    """A candidate who said STOP still has a right to be told, and not by text."""
    address, number = "a@example.com", "+12025550123"
    for known, ways in (
        ((address, number, True, True), ["email", "letter", "call"]),
        ((address, number, True, False), ["email", "letter", "call", "sms"]),
        ((address, number, False, False), ["email", "letter", "call"]),
        ((None, number, True, False), ["letter", "call", "sms"]),
        ((address, None, True, False), ["email", "letter"]),
        ((None, None, True, False), ["letter"]),
    ):
        email, phone, takes_texts, opted_out = known
        found = deadlines.notice_channels(email=email, phone=phone, takes_texts=takes_texts, opted_out=opted_out)
        assert found == ways


@pytest.mark.parametrize(
    ("after", "until", "mark"),
    [
        ("2026-06-17T09:00", "2026-06-18T09:00", 30),
        ("2026-06-18T09:00", "2026-06-19T09:00", None),
        ("2026-07-07T09:00", "2026-07-08T09:00", 10),
        ("2026-07-15T09:00", "2026-07-16T09:00", 2),
        ("2026-06-01T09:00", "2026-07-17T09:00", 2),
    ],
)
def test_the_digest_warns_thirty_ten_and_two_days_before(after, until, mark):
    """Once each, so the list stays short."""
    assert deadlines.crossed_warning(utc("2026-07-18T00:00+00:00"), utc(after + "+00:00"), utc(until + "+00:00")) == mark


days = st.dates(date(2026, 1, 2), date(2032, 12, 1))


@given(days, st.integers(0, 30))
def test_months_are_added_as_people_do(day, months):
    """The same day of the month, or its last; never a day of the month after."""
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(st.lists(st.tuples(days, st.booleans()), min_size=1, max_size=6), st.lists(days, max_size=4))
def test_the_order_in_which_facts_are_told_changes_nothing(interviews, notices):
    """Records come late and shuffled."""
    facts = [
        HeldInterview(f"int_{i}", datetime(d.year, d.month, d.day, 15, tzinfo=UTC), s) for i, (d, s) in enumerate(interviews)
    ]
    words = [Notice(f"con_{i}", datetime(d.year, d.month, d.day, 16, tzinfo=UTC), "pending") for i, d in enumerate(notices)]
    assert duties(ONTARIO, facts, words) == duties(ONTARIO, facts[::-1], words[::-1])


NAMED = ("employer", "candidate", "process_start", "position", "sender", "sender_role")
ANY = ("pending", "advancing", "offer", "rejected")
AS_READ = {
    # id: (in force, clock, days, zone, headcount, public, longer than, screens, written, names, answers, years kept)
    "ca-on-interview-45": (
        (date(2026, 1, 1), "after_last_interview", 45, "America/Toronto", 25, True, None),
        (False, False, (), ANY, 3),
    ),
    "il-progress-2-months": (
        (date(2015, 1, 30), "every_two_months", 0, "Asia/Jerusalem", 26, False, 30),
        (True, True, NAMED, ANY, 7),
    ),
    "il-rejection-14": (
        (date(2015, 1, 30), "after_filling", 14, "Asia/Jerusalem", 26, False, 30),
        (True, True, NAMED, ("rejected",), 7),
    ),
    "kr-decision-at-once": (
        (date(2015, 1, 1), "after_filling", 0, "Asia/Seoul", 30, False, None),
        (True, False, (), ("offer", "rejected"), 3),
    ),
    "kr-documents-14": ((date(2015, 1, 1), "after_request", 14, "Asia/Seoul", 30, False, None), (True, False, (), ANY, 3)),
    "us-nj-s2136": ((None, None, 0, "UTC", None, False, None), (False, False, (), ANY, 3)),
    "us-pa-hb2321": ((None, None, 0, "UTC", None, False, None), (False, False, (), ANY, 3)),
}


@pytest.mark.parametrize("statute", STATUTES, ids=lambda statute: statute.id)
def test_a_statute_is_what_was_read(statute):
    """Every figure of every law, once more by hand."""
    who = (statute.in_force, statute.clock, statute.days, statute.zone, statute.headcount_at_least)
    applies = (*who, statute.advertised_publicly, statute.longer_than_days)
    asks = (statute.screens_count, statute.written, statute.names, statute.answers, statute.keep_years)
    assert (applies, asks) == AS_READ[statute.id]
    assert (statute.verified_on, statute.review_by) == (date(2026, 11, 23), date(2027, 5, 23))


def test_the_statutes_are_listed_in_the_order_in_which_pages_show_them():
    """A law that is dropped from the list would bind nobody."""
    assert [statute.id for statute in STATUTES] == list(AS_READ)


def found(posting, starts, *notices):
    """[(statute, due on, met by)] of a candidate."""
    return [(d.statute, d.due_on.isoformat(), d.met_by) for d in duties(posting, held(*starts), list(notices))]


def named(notice, number):
    return replace(notice, id=f"con_{number}")


def test_a_notice_after_the_later_interview_counts_for_that_one_only():
    """The first deadline stays missed."""
    late = told("2026-08-10T10:00-04:00")
    assert found(ONTARIO, ["2026-06-02T10:00-04:00", "2026-08-01T10:00-04:00"], late) == [
        ("ca-on-interview-45", "2026-07-17", None),
        ("ca-on-interview-45", "2026-09-15", "con_1"),
    ]


def test_of_two_notices_the_first_meets_the_deadline():
    """The second one is late and changes nothing."""
    first, second = told("2026-06-20T10:00-04:00"), named(told("2026-08-20T10:00-04:00"), 2)
    assert found(ONTARIO, ["2026-06-02T10:00-04:00"], second, first) == [("ca-on-interview-45", "2026-07-17", "con_1")]


def test_of_three_interviews_each_is_compared_with_the_next():
    """June 20 starts the clock again, and September 1 comes too late to do so."""
    starts = ["2026-06-02T10:00-04:00", "2026-06-20T10:00-04:00", "2026-09-01T10:00-04:00"]
    assert [row[1] for row in found(ONTARIO, starts)] == ["2026-08-04", "2026-10-16"]


def test_a_notice_at_the_start_of_the_next_interview_still_counts_for_the_one_before():
    """One at the interview's own start does not count: it was told before the interview."""
    starts = ["2026-06-02T10:00-04:00", "2026-08-01T10:00-04:00"]
    assert found(ONTARIO, starts, told("2026-08-01T10:00-04:00"))[0][2] == "con_1"
    assert found(ONTARIO, starts[:1], told("2026-06-02T10:00-04:00"))[0][2] is None


@pytest.mark.parametrize("posting", [ISRAEL, replace(KOREA, filled_on=date(2026, 7, 1))])
def test_internal_jobs_have_their_duties_in_israel_and_korea(posting):
    """Only Ontario exempts postings for existing employees."""
    for advertised in ("internal", "general_campaign", "public", None):
        assert len(found(replace(posting, advertised=advertised), ["2026-06-02T10:00+09:00"])) == 1


def test_a_short_role_is_exempt_only_where_the_law_says_so():
    """Ontario asks nothing about the length of a role."""
    assert len(found(replace(ONTARIO, role_days=10), ["2026-06-02T10:00-04:00"])) == 1
    assert found(replace(ISRAEL, role_days=31), ["2026-06-02T10:00+03:00"]) != []


def test_israels_two_months_run_from_the_first_interview():
    """A second interview does not start them again."""
    starts = ["2026-07-20T10:00+03:00", "2026-06-02T10:00+03:00"]
    assert found(ISRAEL, starts) == [("il-progress-2-months", "2026-08-02", None)]


def test_a_written_rejection_after_the_first_interview_meets_the_duty_of_a_filled_job():
    """Though a later interview was booked when it was sent."""
    told_no = told("2026-06-10T10:00+03:00", "rejected", **WRITTEN)
    starts = ["2026-06-02T10:00+03:00", "2026-06-20T10:00+03:00"]
    assert found(replace(ISRAEL, filled_on=date(2026, 6, 25)), starts, told_no) == [("il-rejection-14", "2026-07-09", "con_1")]


def test_a_progress_notice_that_was_missed_stays_missed_when_the_job_is_filled():
    """Hiring somebody in October does not undo August."""
    assert found(replace(ISRAEL, filled_on=date(2026, 10, 1)), ["2026-06-02T10:00+03:00"]) == [
        ("il-progress-2-months", "2026-08-02", None),
        ("il-rejection-14", "2026-10-15", None),
    ]


@pytest.mark.parametrize(("decision", "more"), [("offer", 0), ("rejected", 0), ("advancing", 1), ("pending", 1)])
def test_a_written_decision_ends_the_two_monthly_notices(decision, more):
    """ "Moving forward" and "not yet" start two more months."""
    notice = told("2026-07-30T10:00+03:00", decision, **WRITTEN)
    assert len(found(ISRAEL, ["2026-06-02T10:00+03:00"], notice)) == 1 + more


def test_no_job_has_no_duties_and_no_interview_starts_no_clock():
    """Nothing to tell about."""
    filled = date(2026, 7, 1)
    assert duties(None, held("2026-06-02T10:00-04:00"), []) == []
    assert found(ONTARIO, []) == found(replace(ISRAEL, filled_on=filled), []) == found(replace(KOREA, filled_on=filled), []) == []


def test_a_deadline_says_where_it_comes_from():
    """The interview or the hiring that started it, the notice that met it, and what was assumed."""
    ontario = duties(Posting("CA-ON"), held("2026-06-02T10:00-04:00"), [told("2026-06-10T10:00-04:00")])
    assert [(d.basis, d.met_at, d.met_by, d.assumed) for d in ontario] == [
        ("int_0", utc("2026-06-10T10:00-04:00"), "con_1", ("at least 25 employees on posting day", "advertised publicly"))
    ]
    israel = duties(Posting("IL", filled_on=date(2026, 7, 20)), held("2026-06-02T10:00+03:00"), [])
    assumed = ("at least 26 employees on posting day", "a role of more than 30 days", "not in food service")
    assert [(d.basis, d.met_at, d.assumed) for d in israel] == [("filled", None, assumed)]
    progress = duties(ISRAEL, held("2026-06-02T10:00+03:00"), [told("2026-07-30T10:00+03:00", **WRITTEN)])
    assert [d.basis for d in progress] == ["int_0", "con_1"]
    returned = duties(Posting("KR"), [], [], Documents(date(2026, 6, 20), date(2026, 6, 22)))
    assert [(d.basis, d.met_at, d.met_by, d.assumed) for d in returned] == [
        ("documents", utc("2026-06-22T00:00+09:00"), "returned", ("at least 30 employees on posting day", "documents on paper"))
    ]


@pytest.mark.parametrize(
    ("posting", "why_not"),
    [
        (replace(ONTARIO, headcount=24), "fewer than 25 employees on posting day"),
        (replace(ONTARIO, advertised="internal"), "restricted to existing employees"),
        (replace(ONTARIO, advertised="general_campaign"), "a general campaign that advertises no specific position"),
        (replace(ISRAEL, role_days=30), "a role of at most 30 days"),
        (Posting("US-NJ"), "a bill, not a law: watched only"),
        (ONTARIO, None),
        (ISRAEL, None),
        (replace(ISRAEL, headcount=26), None),
        (replace(ISRAEL, headcount=25), "fewer than 26 employees on posting day"),
        (replace(ISRAEL, food_service=True), "food service"),
        (replace(ONTARIO, work="outside"), "work outside the place"),
    ],
)
def test_a_law_that_does_not_apply_says_why(posting, why_not):
    """Page and API show the reason; what is known is not assumed."""
    answer = statutes_for_job(posting)[0]
    assert (answer.applies, answer.why_not, answer.assumed) == (why_not is None, why_not, ())


def test_deadlines_come_in_order_of_their_instant_then_of_the_statute():
    """The nearest is shown first."""
    job = replace(KOREA, filled_on=date(2026, 7, 1))
    rows = duties(job, held("2026-06-02T10:00+09:00"), [], Documents(date(2026, 6, 10)))
    assert [d.statute for d in rows] == ["kr-documents-14", "kr-decision-at-once"]
    rows = duties(job, held("2026-06-02T10:00+09:00"), [], Documents(date(2026, 6, 17)))
    assert [d.statute for d in rows] == ["kr-decision-at-once", "kr-documents-14"]


def test_a_deadline_is_open_until_its_last_instant():
    """At midnight it is missed, and a notice at midnight is late."""
    (duty,) = duties(ONTARIO, held("2026-06-02T10:00-04:00"), [])
    assert duty.state(duty.due_at - timedelta(microseconds=1)) == "open" and duty.state(duty.due_at) == "missed"


def test_a_warning_mark_belongs_to_the_interval_that_ends_at_it():
    """A digest at that very instant warns; the next one does not."""
    due = utc("2026-07-18T00:00+00:00")
    mark = due - timedelta(days=10)
    assert deadlines.crossed_warning(due, mark - timedelta(hours=1), mark) == 10
    assert deadlines.crossed_warning(due, mark, mark + timedelta(hours=1)) is None
    assert deadlines.crossed_warning(due, due - timedelta(days=400), due) == 2


@pytest.mark.parametrize("statute", ["kr-decision-at-once", "kr-documents-14"])
@pytest.mark.parametrize(
    ("headcount", "first"),
    [(None, (2015, 1, 1)), (300, (2015, 1, 1)), (299, (2016, 1, 1)), (100, (2016, 1, 1)), (99, (2017, 1, 1)), (30, (2017, 1, 1))],
)
def test_korean_duties_began_with_the_large_employers(statute: str, headcount: int | None, first: tuple[int, int, int]) -> None:
    """Of 300 people in 2015, of 100 in 2016, of 30 in 2017."""
    assert data.in_force_from(BY_ID[statute], headcount) == date(*first)
