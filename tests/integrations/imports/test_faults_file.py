"""All faults of an import are in a file, however many there are."""

from __future__ import annotations

import csv
import io

from tests.integrations.imports.conftest import csv_of


def test_all_faults_of_a_file_are_in_a_spreadsheet(send, employer, api, run_ticks):
    rows = [[f"P{number}", f"bad{number}" if number % 2 else f"p{number}@example.com", "", ""] for number in range(500)]
    unknown = ["", "", "no-such-id", "rejected"]
    answer = send(csv_of(["name", "email", "application_ref", "decided"], *rows, unknown), on_fault="skip_row")
    assert (answer.status, len(answer.json["skipped"]), answer.json["causes"][0]["rows"]) == (202, 201, 250)
    run_ticks()
    path = answer.headers["Location"] + "/faults.csv"
    text = employer.get(path).json
    assert text.startswith("\ufeff")
    listed = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [int(one["line"]) for one in listed] == [*range(3, 502, 2), 502]
    assert "bad1" not in text, "values of people are not kept"
    assert api.new_employer(name="Other").get(path).status == 404
