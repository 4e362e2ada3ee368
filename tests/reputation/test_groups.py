"""Groups: the report of one location, department or brand, beside the whole employer's."""

from __future__ import annotations

import pytest

from chalicelib.applications import tally_items
from chalicelib.reputation import nightly, recount
from chalicelib.rules.tally import add as added
from chalicelib.storage.table import Transaction


def interview(name, clock, group=None, *, email=None, days_ago=10, job_title="Welder"):
    person = {"name": name, "email": email or f"{name.split()[0].lower()}@example.com"}
    application = {"job_title": job_title, "candidate": person, **({"group": group} if group else {})}
    start, end = clock.text(hours=-24 * days_ago), clock.text(hours=1 - 24 * days_ago)
    return {"stage": "final", "start_at": start, "end_at": end, "application": application}


@pytest.fixture
def book(employer, clock):
    def post(name, group=None, **more):
        answer = employer.post("/v1/interviews", interview(name, clock, group, **more))
        assert answer.status in (200, 201), answer
        return answer.json

    return post


def names(employer, **query):
    return [row["candidate"]["name"] for row in employer.get("/v1/call_list", query=query).json["data"]]


def test_a_group_has_a_report_and_a_call_list_of_its_own(employer, book):
    """The boss asks which location it is."""
    book("Ada Sample", "Berlin")
    book("Bo Sample", "Hamburg", days_ago=20)
    book("Cy Sample")
    assert employer.get("/v1/risk").json["tally"]["overdue"] == 3
    for group in ("Berlin", "  berlin "):
        risk = employer.get("/v1/risk", query={"group": group}).json
        assert (risk["tally"]["overdue"], risk["late_now"]) == (1, {"count": 1, "longest_days": 7})
        assert names(employer, group=group) == ["Ada Sample"]
    assert sorted(names(employer)) == ["Ada Sample", "Bo Sample", "Cy Sample"]
    assert names(employer, group="Hamburg", stage="final") == ["Bo Sample"]
    assert names(employer, group="Hamburg", stage="screen") == []
    csv = employer.get("/v1/call_list.csv", query={"group": "Hamburg"})
    assert "Bo Sample" in csv.json and "Ada Sample" not in csv.json


def test_a_call_ends_the_wait_in_the_group_too(employer, book):
    """Both tallies change in one transaction."""
    one = book("Ada Sample", "Berlin")
    logged = {"channel": "call", "outcome": "reached", "decision": "rejected"}
    assert employer.post(f"/v1/applications/{one['application']['id']}/contacts", logged).status == 201
    risk = employer.get("/v1/risk", query={"group": "Berlin"}).json["tally"]
    assert (risk["overdue"], risk["answered"]) == (0, 1)
    assert names(employer, group="Berlin") == []


def test_an_application_moves_from_group_to_group(employer, book):
    """A correction moves its counts, and changes the whole by nothing."""
    one = book("Ada Sample", "Berlin")
    path = f"/v1/applications/{one['application']['id']}"
    whole = employer.get("/v1/risk").json
    moves = (("Hamburg", "Hamburg", "Berlin"), ("hamburg", "Hamburg", "Berlin"), ("Berlin", "Berlin", "Hamburg"))
    for group, there, away in moves:
        changed = employer.patch(path, {"group": group})
        assert (changed.status, changed.json["group"]) == (200, there)
        assert (names(employer, group=there), names(employer, group=away)) == (["Ada Sample"], [])
    assert employer.patch(path, {"group": None}).json["group"] is None
    assert names(employer, group="Berlin") == []
    assert employer.get("/v1/risk").json == whole


def test_what_is_sent_again_fills_an_empty_group_and_changes_no_other(employer, book):
    """Nothing is dropped silently: `ignored` says what was not taken."""
    book("Ada Sample")
    again = book("Ada Sample", "Berlin")
    assert (again["application"]["group"], again["ignored"]) == ("Berlin", [])
    other = book("Ada Sample", "Hamburg")
    assert (other["application"]["group"], other["ignored"]) == ("Berlin", ["/application/group"])


def test_the_twenty_first_group_is_refused_with_the_names_of_the_others(employer, clock, book):
    """A misread column must not make a group of every row. A group that nobody is in any more makes room."""
    first = book("P0 Sample", "Place 0")
    for number in range(1, 20):
        book(f"P{number} Sample", f"Place {number}")
    refused = employer.post("/v1/interviews", interview("Zed Sample", clock, "Place 20"))
    assert refused.status == 422
    [error] = refused.json["errors"]
    assert error["pointer"] == "/application/group"
    assert '"Place 20" would be group 21; the groups are "Place 0", "Place 1", "Place 10"' in error["message"]
    assert employer.patch(f"/v1/applications/{first['application']['id']}", {"group": None}).status == 200
    assert employer.post("/v1/interviews", interview("Zed Sample", clock, "Place 20")).status == 201


@pytest.mark.parametrize("path", ["/v1/risk", "/v1/risk/history", "/v1/call_list", "/v1/call_list.csv", "/v1/risk/learned"])
def test_an_unknown_group_is_refused_with_the_names_of_the_known_ones(employer, book, path):
    """An empty report of a misspelt group would read as good news."""
    book("Ada Sample", "Berlin")
    refused = employer.get(path, query={"group": "Berlni"})
    assert refused.status == 422
    assert refused.json["errors"][0]["pointer"] == "?group"
    assert refused.json["errors"][0]["message"] == '"Berlni" is not a group of this employer: the groups are "Berlin"'


def test_another_employer_sees_nothing_of_a_group_with_the_same_name(api, employer, book):
    """Two tenants may have a Berlin each."""
    book("Ada Sample", "Berlin")
    other = api.new_employer()
    assert "Berlin" not in str(other.get("/v1/risk", query={"group": "Hamburg"}).json["errors"])
    assert other.get("/v1/risk", query={"group": "Berlin"}).status == 422


def test_an_erased_candidate_leaves_the_group(employer, clock, book, run_ticks):
    """The list of the group names nobody who is not there any more, and its open waits go."""
    one, _ = book("Ada Sample", "Berlin"), book("Bo Sample", "Berlin")
    assert employer.delete(f"/v1/candidates/{one['application']['candidate_id']}").status in (200, 202, 204)
    run_ticks()
    assert names(employer, group="Berlin") == ["Bo Sample"]
    assert employer.get("/v1/risk", query={"group": "Berlin"}).json["tally"]["overdue"] == 1
    assert recount.recount(employer.employer_id).differences == {}


def test_the_nightly_job_stores_and_recounts_groups_too(employer, clock, book):
    """A bug of ours in a group's tally is found and repaired as in the whole."""
    book("Ada Sample", "Berlin")
    book("Bo Sample", "Hamburg")
    assert recount.recount(employer.employer_id).differences == {}
    nightly.run(clock.now)
    history = employer.get("/v1/risk/history", query={"group": "Berlin"}).json["data"]
    assert [one["tally"]["overdue"] for one in history] == [1]
    right = tally_items.read(employer.employer_id, clock.now, "Berlin")
    damage = Transaction()
    day = next(iter(right))
    tally_items.add(damage, employer.employer_id, {day: {"ir09": 3}}, "Berlin")
    damage.commit()
    assert tally_items.read(employer.employer_id, clock.now, "Berlin") == added(right, {day: {"ir09": 3}})
    assert list(recount.recount(employer.employer_id).differences) == [f"{day} Berlin"]
    assert tally_items.read(employer.employer_id, clock.now, "Berlin") == right


def test_only_applications_with_a_group_pay_for_it(employer, clock, meter):
    """The group's tally and list cost some write units more, and nothing where no group is set."""

    def units(name, group):
        meter.reset()
        made = employer.post("/v1/interviews", interview(name, clock, group, email=f"{name[:2].lower()}@example.com"))
        booked = sum(meter.write_units.values())
        meter.reset()
        logged = {"channel": "call", "outcome": "reached", "decision": "rejected"}
        assert employer.post(f"/v1/applications/{made.json['application']['id']}/contacts", logged).status == 201
        return booked, sum(meter.write_units.values())

    units("Ab Sample", "Berlin")  # the group is listed once
    (plain, plain_told), (grouped, grouped_told) = units("Cd Sample", None), units("Ef Sample", "Berlin")
    assert grouped - plain <= 5 and grouped_told - plain_told <= 6, (plain, plain_told, grouped, grouped_told)
