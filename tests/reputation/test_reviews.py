"""Observed reviews move the estimate for one employer; the backtest prints predicted beside observed."""

from __future__ import annotations

from typing import Any

import pytest

from infra import cli


def _post(employer: Any, posted_at: str, **fields: Any) -> Any:
    body = {"posted_at": posted_at, "rating": 1, "mentions_silence": True, "source": "glassdoor", **fields}
    return employer.post("/v1/observed_reviews", body)


def _interviews(employer: Any, clock: Any) -> None:
    for number in range(3):
        answer = employer.post(
            "/v1/interviews",
            {
                "stage": "final",
                "start_at": clock.text(hours=-1, days=-number),
                "end_at": clock.text(days=-number),
                "application": {
                    "candidate": {"name": f"Sam {number}", "email": f"sam{number}@example.com"},
                    "job_title": "Welder",
                },
            },
        )
        assert answer.status == 201


def test_a_review_moves_p_and_says_so(employer: Any, clock: Any) -> None:
    """The estimate must follow what is observed."""
    _interviews(employer, clock)
    clock.advance(days=40)
    before = employer.get("/v1/risk/learned").json
    assert (before["reviews"], before["prior"]["low"]) == (0, pytest.approx(0.009))
    assert before["exposure"] > 1 and before["p"]["central"] < before["prior"]["central"]
    for day, counted in ((3, True), (2, True), (1, False)):
        assert _post(employer, clock.text(days=-day), mentions_silence=counted).status == 201
    after = employer.get("/v1/risk/learned").json
    assert after["reviews"] == 2 and after["p"]["low"] > before["p"]["low"]
    assert after["expected_negative_reviews"]["incurred"]["central"] > before["expected_negative_reviews"]["incurred"]["central"]


def test_the_same_review_twice_is_one_and_a_mistake_can_be_taken_back(employer: Any, clock: Any) -> None:
    """People who copy reviews from a site copy some twice."""
    made, again = (_post(employer, clock.text(days=-2)) for _ in range(2))
    assert (made.status, again.status, made.json["id"]) == (201, 200, again.json["id"])
    assert len(employer.get("/v1/observed_reviews").json["data"]) == 1
    assert employer.delete(f"/v1/observed_reviews/{made.json['id']}").status == 204
    assert employer.delete(f"/v1/observed_reviews/{made.json['id']}").status == 404


def test_a_repeated_review_is_returned_as_stored(employer: Any, clock: Any) -> None:
    """The response shows the stored review, so that nobody believes it was changed."""
    posted_at = clock.text(days=-2)
    made = _post(employer, posted_at, mentions_silence=True).json
    clock.advance(minutes=5)
    again = _post(employer, posted_at, mentions_silence=False)
    assert (again.status, again.json) == (200, made) and employer.get("/v1/observed_reviews").json["data"] == [made]


@pytest.mark.parametrize("wrong", [{"rating": 0}, {"rating": 6}, {"rating": 1.5}, {"mentions_silence": "yes"}, {"text": "awful"}])
def test_a_wrong_review_is_refused(employer: Any, clock: Any, wrong: dict[str, Any]) -> None:
    """A text is refused too: it belongs to its author."""
    assert _post(employer, clock.text(days=-2), **wrong).status == 422
    assert _post(employer, clock.text(days=2)).json["errors"][0]["pointer"] == "/posted_at"


def test_the_backtest_shows_predicted_beside_observed(employer: Any, clock: Any, capsys: Any, tmp_path: Any) -> None:
    """One command prints a table and a plot."""
    assert cli.run(employer.employer_id, clock.now, None) == 1
    _interviews(employer, clock)
    clock.advance(days=60)
    _post(employer, clock.text(days=-20))
    assert cli.run(employer.employer_id, clock.now, tmp_path / "plot.svg") == 0
    said = capsys.readouterr().out
    assert "within the 90 % interval" in said and "after 1 reviews" in said
    assert (tmp_path / "plot.svg").read_text().startswith("<svg")
