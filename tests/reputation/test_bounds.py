"""What risk and call list may cost: no more for ten times as many open waits over the same days."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.rules.model import STAGES
from tests.reputation.loading import a_load, load, random_loads

HOURS = 14 * 24
FEW, MANY = HOURS, 10 * HOURS
PATHS = ("/v1/risk", "/v1/call_list?limit=50")


def spread_evenly(count, now):
    """Yields `count` open waits, spread over the same hours and stages."""
    first = now - timedelta(days=12)
    return (a_load(first + timedelta(hours=number % HOURS), stage=STAGES[number % 3]) for number in range(count))


class Rows:
    """Counts the items that queries return: of the tally, and of the index."""

    def __init__(self, client):
        self.tally = self.index = 0
        client.meta.events.register("after-call.dynamodb.Query", self.count, unique_id=f"rows-{id(self)}")

    def count(self, parsed, **_):
        of_tally = sum(item["PK"]["S"].endswith("#TALLY") for item in parsed.get("Items", []))
        self.tally += of_tally
        self.index += len(parsed.get("Items", [])) - of_tally


def test_ten_times_as_many_waits_cost_no_more_and_a_page_of_fifty_reads_about_fifty(api, clock, meter, stack):
    """The largest employers open the report most often: it must not be slower or dearer for them."""
    cost = {}
    for count in (FEW, MANY):
        tenant = api.new_employer()
        load(tenant.employer_id, spread_evenly(count, clock.now))
        rows = Rows(stack.table.client())
        for path in PATHS:
            meter.reset()
            assert tenant.get(path).status == 200
            cost[path, count] = (meter.total, sum(meter.read_units.values()))
        assert rows.tally == 2 * 15
        assert 50 <= rows.index <= 75
    for path in PATHS:
        assert cost[path, MANY][0] <= cost[path, FEW][0]
        assert cost[path, MANY][1] <= cost[path, FEW][1] + 1  # a longer count has another digit
    assert cost["/v1/risk", MANY][0] <= 3
    assert cost["/v1/call_list?limit=50", MANY][0] <= 6
    assert meter.requests["BatchGetItem"] == 2  # the key; the fifty applications


def test_a_first_page_is_at_most_six_requests_wherever_it_breaks_off(employer, clock, meter):
    """One read for the key, one for the tally, one or two queries a stage, one read of the applications."""
    load(
        employer.employer_id,
        [
            a_load(clock.now - timedelta(days=day), stage=stage)
            for day in (2, 9, 16, 23, 30)
            for stage in STAGES
            for _ in range(9)
        ],
    )
    for limit in range(3, 100, 4):
        meter.reset()
        assert len(employer.get("/v1/call_list", query={"limit": limit}).json["data"]) == limit
        assert meter.total <= 6, limit


def test_a_filter_that_matches_nobody_ends_after_a_bounded_number_of_reads(employer, clock, meter):
    """One request must not read thousands of rows in vain: the page is short, and its cursor leads on."""
    load(employer.employer_id, random_loads(1_200, clock.now, days=30))
    meter.reset()
    page = employer.get("/v1/call_list?decided=rejected").json
    assert page["data"] == []
    assert page["has_more"]
    assert meter.total <= 40
    assert sum(meter.read_units.values()) <= 150
    pages = 1
    while page["has_more"]:
        page = employer.get("/v1/call_list", query={"decided": "rejected", "cursor": page["next_cursor"]}).json
        pages += 1
    assert pages <= 3
