"""A corrected file is a correction, and the same file again changes nothing."""

from __future__ import annotations

import pytest

from tests.integrations.imports.conftest import csv_of

MINE = {
    "columns": {
        "name": ["Name"],
        "email": ["Email"],
        "phone": ["Phone"],
        "job_title": ["Job"],
        "interview_start": ["Interview"],
        "interview_ref": ["Interview ID"],
        "application_ref": ["App ID"],
        "candidate_ref": ["ID"],
        "decided": ["Decision"],
        "status": ["State"],
    },
    "date_format": "iso",
    "timezone": "America/New_York",
    "minutes": 30,
    "country": "US",
}


@pytest.fixture
def take(employer, imported):
    """take(header, *rows) -> counts of the finished import"""
    saved = employer("PUT", "/v1/import_profiles/mine", MINE, headers={"Content-Type": "application/json"})
    assert saved.status == 200, saved

    def run(header, *rows):
        found = imported(csv_of(header, *rows), profile="mine")
        return found, tuple(found[name] for name in ("created", "updated", "matched", "unchanged", "failed"))

    return run


@pytest.mark.parametrize("ref", ["App ID", "Interview ID"])
def test_a_moved_interview_is_one_interview_and_reported_updated(take, employer, clock, ref):
    header = ["ID", "Name", "Email", "Job", "Interview", ref]
    later, sooner = clock.text(hours=500), clock.text(hours=300)
    row = ["7", "Sam Sample", "earlier@example.com", "Welder"]
    assert take(header, [*row, later, "70"])[1] == (1, 0, 0, 0, 0)
    assert take(header, [*row, sooner, "70"])[1] == (0, 1, 0, 0, 0)
    assert take(header, [*row, sooner, "70"])[1] == (0, 0, 0, 1, 0)
    (interview,) = employer.get("/v1/interviews").json["data"]
    assert interview["start_at"][:16] == sooner[:16]


def test_two_interviews_of_an_application_in_one_file_stay_two(take, employer, clock):
    header = ["App ID", "Name", "Email", "Job", "Interview"]
    rows = [["70", "Sam", "s@example.com", "Welder", clock.text(hours=hours)] for hours in (300, 500)]
    take(header, *rows)
    assert take(header, *rows)[1] == (0, 0, 0, 2, 0)
    assert len(employer.get("/v1/interviews").json["data"]) == 2


def test_a_changed_row_is_not_called_unchanged(take, employer, clock):
    header = ["Name", "Email", "Phone", "Job", "Interview", "Decision"]
    start = clock.text(hours=-30)
    take(header, ["Sam", "sam@example.com", "+12025550123", "Welder", start, "advancing"])
    found, counts = take(header, ["Sam", "sam@example.com", "+12025550124", "Welder", start, "rejected"])
    assert counts == (0, 1, 0, 0, 0)
    assert "phone" in found["faults"][0]["message"]
    assert employer.get("/v1/applications").json["data"][0]["decided"] == "rejected"


def test_rows_without_any_key_change_nothing_the_second_time(take, employer, clock):
    header = ["Name", "Job", "Interview"]
    rows = [["Ann Sample", "Welder", clock.text(hours=-hours)] for hours in (30, 60)]
    take(header, *rows)
    assert take(header, *rows)[1] == (0, 0, 0, 2, 0)
    assert take(header, ["ANN  sample", *rows[0][1:]])[1][0] == 0
    assert len(employer.get("/v1/interviews").json["data"]) == 2


def test_cancelled_and_no_show_interviews_are_reminded_of_by_nobody(take, employer, clock, run_ticks, outbox):
    header = ["Name", "Email", "Job", "Interview", "State"]
    rows = [
        [name, f"{name}@example.com", "Welder", clock.text(hours=-30), state]
        for name, state in (("ann", ""), ("bob", "Canceled"), ("cat", "No-show"), ("dan", "Withdrawn"))
    ]
    take(header, *rows)
    clock.advance(hours=72)
    run_ticks()
    assert [len(outbox.to(f"{name}@example.com")) for name in ("ann", "bob", "cat", "dan")] == [1, 0, 0, 0]


def test_a_row_of_ids_alone_changes_known_records_and_makes_no_new_ones(take, employer, clock):
    take(["App ID", "Name", "Email", "Job"], ["70", "Sam", "s@example.com", "Welder"])
    found, counts = take(["App ID", "Decision"], ["70", "rejected"], ["71", "rejected"])
    assert counts == (0, 0, 1, 0, 1)
    assert found["faults"][0]["line"] == 3
    assert employer.get("/v1/applications").json["data"][0]["decided"] == "rejected"
