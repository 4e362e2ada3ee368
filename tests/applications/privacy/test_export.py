"""Exports of one person and of a whole employer."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.engines import BASE_URL


def _lines(tenant: Any, limit: int) -> list[dict[str, Any]]:
    path, lines = f"/v1/export?limit={limit}", []
    while path:
        answer = tenant.get(path)
        assert answer.status == 200, answer
        assert answer.headers["Content-Type"].startswith("application/x-ndjson")
        text = answer.json if isinstance(answer.json, str) else json.dumps(answer.json)
        lines += [json.loads(line) for line in text.splitlines()]
        link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
        path = link[1].removeprefix(BASE_URL) if link else ""
    return lines


def test_an_export_of_a_person_holds_everything_about_them(employer, booked, contact, clock, run_ticks):
    """Notes and messages too."""
    application = booked(1)["application"]
    clock.advance(hours=48)
    run_ticks()
    contact(application["id"], note="a note", feedback="good welds")
    found = employer.get(f"/v1/candidates/{application['candidate_id']}/export").json
    assert found["candidate"]["email"] == "sam@example.com"
    (case,) = found["applications"]
    assert case["contacts"][0]["note"] == "a note"
    assert [one["status"] for one in case["messages"]] == ["sent"]
    assert (len(case["interviews"]), len(case["waits"])) == (1, 2)


def test_an_employers_export_has_every_record_once_whatever_the_page(employer, booked):
    """The end of a page neither loses a record nor repeats one."""
    for number in range(7):
        booked(1, name=f"Sam {number}", candidate={"email": f"sam{number}@example.com", "phone": f"+1202555014{number}"})
    whole = _lines(employer, 100)
    assert [line["type"] for line in whole] == ["employer", *["candidate"] * 7, *["application"] * 7, "end"]
    for limit in (1, 2, 3, 7, 8):
        assert [line for line in _lines(employer, limit) if line["type"] != "employer"] == whole[1:]


def test_an_export_holds_one_tenant_only(api, employer, booked):
    """The cursor of one tenant is refused for another."""
    booked(1)
    link = employer.get("/v1/export?limit=1").headers["Link"]
    other = api.new_employer(name="Other")
    assert [line["type"] for line in _lines(other, 10)] == ["employer", "end"]
    assert other.get(re.search(r"<[^?]*([^>]+)>", link)[1].join(["/v1/export", ""])).status == 422


def test_exporting_everything_and_erasing_need_the_scope_manage(api):
    """Reading and writing are not enough."""
    reader = api.new_employer(scopes=("read", "write"))
    assert reader.get("/v1/export").status == 403
    assert reader.delete("/v1/candidates/cand_01ARZ3NDEKTSV4RRFFQ69G5FAV").status == 403
