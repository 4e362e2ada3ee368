"""The first and the last instant, and the most rows, that a request for letters or holding notices may name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

Json = dict[str, Any]
MOMENT = timedelta(milliseconds=1)
DAYS = timedelta(days=30)
AWAY = "must be in the future and at most 30 days away"
NOBODY = ["app_none"]


def errors(answer: Any) -> list[tuple[str, str]]:
    assert answer.status in (200, 202, 422), answer
    return [(one["pointer"], one["message"]) for one in answer.json.get("errors", [])]


@pytest.fixture
def at(clock: Any) -> Any:
    """at(days=30) -> that much from now, as the API writes it."""
    return lambda away: (clock() + away).isoformat(timespec="milliseconds")


@pytest.mark.parametrize(
    ("away", "refused"),
    [
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5) + MOMENT, False),
        (DAYS, False),
        (DAYS + MOMENT, True),
    ],
)
def test_a_letter_goes_now_or_within_30_days(employer: Any, at: Any, away: timedelta, refused: bool) -> None:
    """A clock may be five minutes slow."""
    answer = employer.post("/v1/letters", {"application_ids": NOBODY, "decision": "rejected", "send_at": at(away)})
    assert errors(answer) == ([("/send_at", AWAY)] if refused else [])


@pytest.mark.parametrize(
    ("away", "refused"), [(timedelta(0), True), (MOMENT, False), (DAYS, False), (DAYS + MOMENT, True), (-MOMENT, True)]
)
def test_feedback_is_promised_for_a_day_within_30(employer: Any, at: Any, away: timedelta, refused: bool) -> None:
    answer = employer.post(
        "/v1/letters", {"application_ids": NOBODY, "decision": "rejected", "feedback": {"promised_by": at(away)}}
    )
    assert errors(answer) == ([("/feedback/promised_by", AWAY)] if refused else [])


@pytest.mark.parametrize(("later", "refused"), [(timedelta(0), True), (MOMENT, False)])
def test_feedback_is_promised_for_after_the_letter(employer: Any, at: Any, later: timedelta, refused: bool) -> None:
    send_at = timedelta(days=2)
    feedback = {"promised_by": at(send_at + later)}
    answer = employer.post(
        "/v1/letters", {"application_ids": NOBODY, "decision": "rejected", "feedback": feedback, "send_at": at(send_at)}
    )
    assert errors(answer) == ([("/feedback/promised_by", "must be after send_at")] if refused else [])


def test_a_letter_names_criteria_or_a_day_and_each_criterion_once(employer: Any, at: Any) -> None:
    asked = {"application_ids": NOBODY, "decision": "rejected"}
    both = {"reasons": ["experience"], "promised_by": at(timedelta(days=1))}
    refused = errors(employer.post("/v1/letters", {**asked, "feedback": both}))
    assert refused == [("/feedback/promised_by", "goes without reasons: give one of the two")]
    five = ["licence", "experience", "licence", "experience", "licence"]
    told = employer.post("/v1/letters", {**asked, "feedback": {"reasons": five}}).json
    assert told["feedback"] == {"reasons": ["licence", "experience"], "promised_by": None}
    six = employer.post("/v1/letters", {**asked, "feedback": {"reasons": [*five, "experience"]}})
    assert [pointer for pointer, _ in errors(six)] == ["/feedback/reasons"]
    none = employer.post("/v1/letters", {**asked, "feedback": {"reasons": []}})
    assert [pointer for pointer, _ in errors(none)] == ["/feedback/reasons"]


@pytest.mark.parametrize("path", ["/v1/letters", "/v1/holding_notices"])
@pytest.mark.parametrize(("count", "refused"), [(0, True), (1, False), (100, False), (101, True)])
def test_one_request_is_for_1_to_100_applications(employer: Any, at: Any, path: str, count: int, refused: bool) -> None:
    body: Json = {"application_ids": ["x"] * count}
    more: Json = {"decision": "rejected"} if path == "/v1/letters" else {"next_word_by": at(timedelta(days=1))}
    answer = employer.post(path, {**body, **more})
    assert [pointer for pointer, _ in errors(answer)] == (["/application_ids"] if refused else [])


@pytest.mark.parametrize("path", ["/v1/letters", "/v1/holding_notices"])
@pytest.mark.parametrize(("length", "refused"), [(0, True), (1, False), (64, False), (65, True)])
def test_an_application_id_has_1_to_64_characters(employer: Any, at: Any, path: str, length: int, refused: bool) -> None:
    more: Json = {"decision": "rejected"} if path == "/v1/letters" else {"next_word_by": at(timedelta(days=1))}
    answer = employer.post(path, {"application_ids": ["x" * length], **more})
    assert [pointer for pointer, _ in errors(answer)] == (["/application_ids/0"] if refused else [])


@pytest.mark.parametrize(
    ("away", "refused"), [(-MOMENT, True), (timedelta(0), True), (MOMENT, False), (DAYS, False), (DAYS + MOMENT, True)]
)
def test_a_holding_notice_promises_a_day_within_30(employer: Any, at: Any, away: timedelta, refused: bool) -> None:
    answer = employer.post("/v1/holding_notices", {"application_ids": NOBODY, "next_word_by": at(away)})
    assert errors(answer) == ([("/next_word_by", AWAY)] if refused else [])


@pytest.mark.parametrize(("limit", "refused"), [(0, True), (1, False), (100, False), (101, True)])
def test_notices_to_many_name_a_list_or_a_part_of_the_call_list(employer: Any, at: Any, limit: int, refused: bool) -> None:
    by = {"next_word_by": at(timedelta(days=1))}
    answer = employer.post("/v1/holding_notices", {**by, "call_list": {"limit": limit}})
    assert [pointer for pointer, _ in errors(answer)] == (["/call_list/limit"] if refused else [])
    either = [("/application_ids", "give either application_ids or call_list")]
    assert errors(employer.post("/v1/holding_notices", by)) == either
    both = {**by, "application_ids": NOBODY, "call_list": {"limit": 1}}
    assert errors(employer.post("/v1/holding_notices", both)) == either
