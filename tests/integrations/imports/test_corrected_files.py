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


def test_a_changed_row_is_written_and_not_called_unchanged(take, employer, clock):
    header = ["Name", "Email", "Phone", "Job", "Interview", "Decision"]
    start = clock.text(hours=-30)
    take(header, ["Sam", "sam@example.com", "+12025550123", "Welder", start, "advancing"])
    corrected = ["Sam", "sam@example.com", "+12025550124", "Welder", start, "rejected"]
    found, counts = take(header, corrected)
    assert (counts, found["faults"]) == ((0, 1, 0, 0, 0), [])
    (application,) = employer.get("/v1/applications").json["data"]
    assert (application["decided"], application["candidate"]["phone"]) == ("rejected", "+12025550124")
    assert take(header, corrected)[1] == (0, 0, 0, 1, 0)


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


def test_the_example_of_the_documentation_is_true(imported, employer):
    """docs/imports.md: its sheet, then the same with two cells corrected."""
    header = ["Name", "Email", "Job", "Date", "Time", "Status", "Result"]
    rows = [
        ["Sam Sample", "sam@example.com", "Welder", "2026-05-21", "14:30", "held", ""],
        ["Tim Test", "tim@example.com", "Welder", "2026-05-22", "9-10 am", "", "rejected"],
        ["Ann Trial", "ann@example.com", "Welder", "2026-05-23", "noon", "cancelled", ""],
    ]
    how = {"profile": "interview_log", "timezone": "America/New_York"}
    assert imported(csv_of(header, *rows), **how)["created"] == 3
    rows[1][6], rows[2][5] = "offer", "held"
    found = imported(csv_of(header, *rows), **how)
    assert (found["updated"], found["unchanged"]) == (2, 1)
    assert {one["decided"] for one in employer.get("/v1/applications").json["data"]} == {None, "offer"}


# --- corrected people -------------------------------------------------------------------------------------------------

PERSON = ["ID", "Name", "Email", "Phone", "Job", "App ID"]
SAM = ["7", "Sam Sample", "sam@example.com", "+12025550123", "Welder", "70"]


def _people(employer):
    return {one["name"]: (one["email"], one["phone"]) for one in employer.get("/v1/candidates").json["data"]}


@pytest.mark.parametrize("key", ["ID", "App ID", "Interview ID"])
@pytest.mark.parametrize(
    ("column", "value"), [("Name", "Samuel Sampler"), ("Email", "sam.sample@example.com"), ("Phone", "+12025550188")]
)
def test_a_row_with_an_id_corrects_the_person(take, employer, clock, key, column, value):
    header = [key, "Name", "Email", "Phone", "Job", "Interview"]
    row = ["7", *SAM[1:5], clock.text(hours=30)]
    take(header, row)
    row[header.index(column)] = value
    assert take(header, row)[1] == (0, 1, 0, 0, 0)
    assert _people(employer) == {row[1]: (row[2], row[3])}
    assert take(header, row)[1] == (0, 0, 0, 1, 0)
    (application,) = employer.get("/v1/applications").json["data"]
    assert [application["candidate"][name] for name in ("name", "email", "phone")] == row[1:4]


def test_a_corrected_person_is_found_by_the_new_address_and_no_longer_by_the_old(take, employer):
    take(PERSON, SAM)
    take(PERSON, [*SAM[:2], "new@example.com", *SAM[3:]])
    known = employer.post("/v1/candidates", {"name": "Sam Sample", "email": "new@example.com"}).json
    other = employer.post("/v1/candidates", {"name": "Sam Sample", "email": "sam@example.com"}).json
    assert (known["created"], other["created"]) == (False, True)


def test_a_correction_reaches_all_applications_of_the_person(take, employer):
    take(PERSON, SAM, [*SAM[:4], "Fitter", "71"])
    assert take(PERSON, [*SAM[:3], "+12025550188", *SAM[4:]])[1] == (0, 1, 0, 0, 0)
    phones = {one["candidate"]["phone"] for one in employer.get("/v1/applications").json["data"]}
    assert phones == {"+12025550188"}


def test_an_address_that_another_person_of_that_name_has_is_kept_and_reported(take, employer):
    take(PERSON, SAM)
    employer.post("/v1/candidates", {"name": "Sam Sample", "email": "other@example.com"})
    row = [*SAM[:2], "other@example.com", "+12025550188", *SAM[4:]]
    found, counts = take(PERSON, row)
    assert counts == (0, 1, 0, 0, 0)
    assert found["faults"] == [
        {"line": 2, "message": "The email of this row differs from what is known, which was kept: change the record itself."}
    ]
    people = employer.get("/v1/candidates").json["data"]
    assert {(one["email"], one["phone"]) for one in people} == {("sam@example.com", "+12025550188"), ("other@example.com", None)}
    found, counts = take(PERSON, row)
    assert (counts, len(found["faults"])) == ((0, 0, 0, 0, 1), 1)


def test_a_person_known_by_an_address_alone_is_not_corrected_by_a_file_that_never_named_them(take, employer):
    employer.post("/v1/candidates", {"name": "Sam Sample", "email": "sam@example.com", "phone": "+12025550123"})
    header, row = ["Name", "Email", "Phone"], ["Sam Sample", "sam@example.com", "+12025550188"]
    for _ in range(2):
        found, counts = take(header, row)
        assert (counts, "phone" in found["faults"][0]["message"]) == ((0, 0, 0, 0, 1), True)
    assert _people(employer) == {"Sam Sample": ("sam@example.com", "+12025550123")}
    assert take(header, [*row[:2], "+12025550199"])[1] == (0, 1, 0, 0, 0), "the file corrects what it said itself"


def test_what_a_recruiter_changed_is_not_undone_by_the_same_file(take, employer):
    take(PERSON, SAM)
    known = employer.get("/v1/candidates").json["data"][0]["id"]
    assert employer.patch(f"/v1/candidates/{known}", {"phone": "+12025550188"}).status == 200
    found, counts = take(PERSON, SAM)
    assert (counts, "phone" in found["faults"][0]["message"]) == ((0, 0, 0, 0, 1), True)
    assert _people(employer)["Sam Sample"][1] == "+12025550188"
    assert take(PERSON, [*SAM[:3], "+12025550177", *SAM[4:]])[1] == (0, 1, 0, 0, 0)


def test_rows_that_contradict_each_other_change_nothing_and_say_so(take, employer):
    take(PERSON, SAM)
    rows = [[*SAM[:3], "+12025550188", "Welder", "70"], [*SAM[:3], "+12025550177", "Fitter", "71"]]
    for expected in ((1, 0, 0, 0, 1), (0, 0, 0, 0, 2)):
        found, counts = take(PERSON, *rows)
        assert counts == expected
        assert ["Other rows" in one["message"] for one in found["faults"]] == [True, True]
    assert _people(employer)["Sam Sample"][1] == "+12025550123"


def test_an_id_of_one_person_with_an_application_of_another_changes_neither(take, employer):
    take(PERSON, SAM, ["8", "Tim Test", "tim@example.com", "+12025550177", "Fitter", "80"])
    found, counts = take(PERSON, ["8", "Tim Test", "tim@example.com", "+12025550166", "Welder", "70"])
    assert counts == (0, 0, 0, 0, 1)
    assert "candidate_ref" in found["faults"][0]["message"]
    assert _people(employer) == {
        "Sam Sample": ("sam@example.com", "+12025550123"),
        "Tim Test": ("tim@example.com", "+12025550177"),
    }


# --- corrected job titles ---------------------------------------------------------------------------------------------


def _titles(employer):
    return sorted(one["job_title"] for one in employer.get("/v1/applications").json["data"])


@pytest.mark.parametrize("title", ["Master welder", "WELDER"])
@pytest.mark.parametrize("key", ["App ID", "Interview ID", "ID"])
def test_a_row_with_an_id_corrects_the_job_title(take, employer, clock, key, title):
    """By the id of a person, where it is the interview of that start."""
    header = [key, "Name", "Email", "Job", "Interview"]
    row = ["7", *SAM[1:3], "Welder", clock.text(hours=30)]
    take(header, row)
    row[3] = title
    assert take(header, row)[1] == (0, 1, 0, 0, 0)
    assert _titles(employer) == [title]
    assert len(employer.get("/v1/interviews").json["data"]) == 1
    assert take(header, row)[1] == (0, 0, 0, 1, 0)


def test_a_corrected_title_finds_the_application_and_the_former_one_no_longer(take, employer):
    take(PERSON, SAM)
    take(PERSON, [*SAM[:4], "Fitter", "70"])
    person = {"name": "Sam Sample", "email": "sam@example.com"}
    known = employer.post("/v1/applications", {"job_title": "fitter", "candidate": person}).json
    other = employer.post("/v1/applications", {"job_title": "Welder", "candidate": person}).json
    assert (known["created"], other["created"]) == (False, True)


def test_a_title_that_another_application_of_the_person_has_is_kept_and_reported(take, employer):
    take(PERSON, SAM, [*SAM[:4], "Fitter", "71"])
    found, counts = take(PERSON, [*SAM[:4], "Fitter", "70"])
    assert (counts, "job_title" in found["faults"][0]["message"]) == ((0, 0, 0, 0, 1), True)
    assert _titles(employer) == ["Fitter", "Welder"]


def test_titles_that_contradict_each_other_are_kept_and_reported(take, employer, clock):
    header = [*PERSON, "Interview"]
    take(header, [*SAM, clock.text(hours=30)])
    rows = [[*SAM[:4], title, "70", clock.text(hours=hours)] for title, hours in (("Fitter", 30), ("Painter", 60))]
    for expected in ((0, 0, 1, 0, 1), (0, 0, 0, 0, 2)):
        found, counts = take(header, *rows)
        assert counts == expected
        assert all("Other rows" in one["message"] and "job_title" in one["message"] for one in found["faults"])
    assert _titles(employer) == ["Welder"]


def test_two_jobs_of_one_person_at_one_time_stay_two_applications(take, employer, clock):
    header, start = ["ID", "Name", "Email", "Job", "Interview"], clock.text(hours=30)
    rows = [["7", *SAM[1:3], title, start] for title in ("Welder", "Fitter")]
    take(header, *rows)
    assert take(header, *rows)[1] == (0, 0, 0, 2, 0)
    assert _titles(employer) == ["Fitter", "Welder"]


def test_another_title_without_an_id_or_at_another_time_is_another_application(take, employer, clock):
    header, start = ["ID", "Name", "Email", "Job", "Interview"], clock.text(hours=30)
    take(header, ["7", *SAM[1:3], "Welder", start])
    assert take(header, ["7", *SAM[1:3], "Fitter", clock.text(hours=60)])[1] == (1, 0, 0, 0, 0)
    assert take(header[1:], [*SAM[1:3], "Painter", start])[1] == (1, 0, 0, 0, 0)
    assert _titles(employer) == ["Fitter", "Painter", "Welder"]


def test_another_employers_rows_correct_nobody_here(take, employer, api, imported, send, run_ticks):
    take(PERSON, SAM)
    other = api.new_employer(name="Other")
    other("PUT", "/v1/import_profiles/mine", MINE, headers={"Content-Type": "application/json"})
    raw = csv_of(PERSON, ["7", "Bob Builder", "sam@example.com", "+12025550188", "Fitter", "70"])
    assert send(raw, tenant=other, profile="mine").status == 202
    run_ticks()
    assert _titles(employer) == ["Welder"]
    assert _people(employer) == {"Sam Sample": ("sam@example.com", "+12025550123")}


def test_an_address_that_other_people_have_is_a_warning(take, employer):
    found, _ = take(["ID", "Name", "Email"], ["1", "Ann Sample", "jobs@agency.example"], ["2", "Bob Test", "jobs@agency.example"])
    assert [one["pointer"] for one in found["warnings"]] == ["/3"]
    assert len(_people(employer)) == 2


def test_an_extension_is_kept_for_people_to_dial(take, employer):
    take(["ID", "Name", "Phone"], ["7", "Sam Sample", "(202) 555-0123 ext. 45"])
    (sam,) = employer.get("/v1/candidates").json["data"]
    assert (sam["phone"], sam["phone_extension"]) == ("+12025550123", "45")
    assert take(["ID", "Name", "Phone"], ["7", "Sam Sample", "(202) 555-0123 x46"])[1] == (0, 1, 0, 0, 0)
    assert employer.get("/v1/candidates").json["data"][0]["phone_extension"] == "46"


def test_a_status_by_the_interviews_id_alone_reaches_that_interview(take, employer, clock):
    take(["Name", "Email", "Job", "Interview", "Interview ID"], [*SAM[1:3], "Welder", clock.text(hours=-30), "700"])
    header = ["Interview ID", "State"]
    assert take(header, ["700", "no-show"], ["701", "no-show"])[1] == (0, 1, 0, 0, 1)
    (interview,) = employer.get("/v1/interviews").json["data"]
    assert (interview["status"], interview["external_ids"]) == ("no_show", [{"system": "import", "id": "700"}])


def test_an_interviews_id_with_another_application_is_refused(take, employer, clock):
    header = ["App ID", "Interview ID", *["Name", "Email", "Job", "Interview"]]
    start = clock.text(hours=30)
    take(header, ["70", "700", *SAM[1:3], "Welder", start], ["80", "800", "Tim Test", "tim@example.com", "Fitter", start])
    found, counts = take(header, ["80", "700", "Tim Test", "tim@example.com", "Fitter", clock.text(hours=50)])
    assert (counts, "another application" in found["faults"][0]["message"]) == ((0, 0, 0, 0, 1), True)


def test_every_row_of_the_file_is_accounted_for(take, employer, send, run_ticks):
    rows = [
        ["1", "Ann Sample", "a@example.com"],
        ["2", "Bob Test", "no address"],
        ["", "", ""],
        ["3", "Cat Trial", "c@example.com"],
    ]
    answer = send(csv_of(["ID", "Name", "Email"], *rows), profile="mine", on_fault="skip_row")
    run_ticks()
    found = employer.get(answer.headers["Location"]).json
    assert (found["rows"], found["created"], found["faulty_rows"]) == (2, 2, 1)


# --- the same file again ----------------------------------------------------------------------------------------------


def test_a_closed_application_is_not_made_anew_by_the_same_file(take, employer, clock):
    """Nobody is reminded again because a sheet that grows is imported whole each week."""
    header = ["Name", "Email", "Job", "Interview"]
    rows = [["Sam", "sam@example.com", "Welder", clock.text(hours=-30)], ["Tim", "tim@example.com", "Welder", ""]]
    take(header, *rows)
    for one in employer.get("/v1/applications").json["data"]:
        assert employer.patch(f"/v1/applications/{one['id']}", {"status": "closed"}).status == 200
    assert take(header, *rows)[1] == (0, 0, 0, 2, 0)
    assert take(header, [*rows[0][:3], clock.text(hours=30)])[1] == (1, 0, 0, 0, 0), "another interview is another application"


@pytest.mark.parametrize("order", [1, -1])
def test_rows_of_a_withdrawn_and_of_a_later_application_stay_apart(take, employer, clock, order):
    header = ["Name", "Email", "Job", "Interview", "State"]
    person = ["Sam", "sam@example.com", "Welder"]
    rows = [[*person, clock.text(hours=-300), "Withdrawn"], [*person, clock.text(hours=30), ""]][::order]
    take(header, *rows)
    before = employer.get("/v1/applications").json["data"]
    counts = take(header, *rows)[1]
    assert (counts[:3], employer.get("/v1/applications").json["data"]) == ((0, 0, 0), before)


def test_of_several_decisions_about_an_application_that_after_the_latest_interview_counts(take, employer, clock):
    """A log has a row for each round; were each row's decision written, the file would change something each time."""
    header = ["Name", "Email", "Job", "Interview", "Decision"]
    rows = [
        ["Sam", "sam@example.com", "Welder", clock.text(hours=-hours), word]
        for hours, word in ((30, "rejected"), (300, "advancing"))
    ]
    take(header, *rows)
    assert employer.get("/v1/applications").json["data"][0]["decided"] == "rejected"
    assert take(header, *rows)[1] == (0, 0, 0, 2, 0)


def test_of_several_rows_about_one_interview_the_last_counts(take, employer, clock):
    header = ["App ID", "Name", "Email", "Job", "Interview", "State"]
    row = ["70", "Sam", "sam@example.com", "Welder", clock.text(hours=-30)]
    take(header, [*row, "cancelled"], [*row, "held"])
    assert employer.get("/v1/interviews").json["data"][0]["status"] == "scheduled"
    assert take(header, [*row, "cancelled"], [*row, "held"])[1] == (0, 0, 0, 2, 0)
