"""Measures the cost of each client operation: requests, rounds, units by `ReturnConsumedCapacity`, and dollars per million."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from bench.ground import AS_OF, due_reminders, ground, table

PRICES = Path(__file__).with_name("prices.json")
REMINDERS = 200


def run() -> list[dict[str, Any]]:
    """One employer for each operation, in memory. These are counts, so one round is enough."""
    from tests.engines import OPERATOR_KEY, Api, Meter
    from tests.operations import OPERATIONS, Rounds

    rows = []
    with ground(on_disk=False):
        import app
        from chalicelib import config
        from chalicelib.storage import table as ground_table
        from infra.local.environment import environment

        os.environ["HEARDBACK_OPERATOR_KEY_SHA256"] = environment("", "", "", "", OPERATOR_KEY)["HEARDBACK_OPERATOR_KEY_SHA256"]
        config.forget()
        api, meter = Api(app.app), Meter()
        meter.install(ground_table.client())
        for name, prepare in OPERATIONS.items():
            call = prepare(api.new_employer(), _Clock())
            meter.reset()
            with Rounds(ground_table.client()) as rounds:
                assert call().status in (200, 201)
            rows.append(_row(name, meter, rounds.count))
        rows.append(_reminder(api.new_employer().employer_id, meter))
    return rows


class _Clock:
    """Stands at AS_OF, as the tests' clock does."""

    def __call__(self) -> Any:
        return AS_OF

    def text(self, **by: float) -> str:
        from datetime import timedelta

        return (AS_OF + timedelta(**by)).isoformat().replace("+00:00", "Z")


def _reminder(employer_id: str, meter: Any) -> dict[str, Any]:
    """From due to settled, for each of two hundred that fall due at once; the queue's and the provider's requests apart."""
    from chalicelib import wiring
    from chalicelib.jobs import scheduler, worker
    from chalicelib.jobs.queue import body_of

    keys = due_reminders(employer_id, REMINDERS)
    meter.reset()
    scheduler.due_keys(wiring.now(), most=scheduler.READ_MOST)
    records = [{"messageId": str(number), "body": body_of(key)} for number, key in enumerate(keys)]
    for begin in range(0, REMINDERS, 100):
        assert worker.run(records[begin : begin + 100], handlers=wiring.job_handlers(), clock=wiring.now) == []
    return _row("one reminder, from due to settled", meter, None, REMINDERS)


def _row(name: str, meter: Any, rounds: int | None, times: int = 1) -> dict[str, Any]:
    prices = json.loads(PRICES.read_text())
    read, write = sum(meter.read_units.values()) / times, sum(meter.write_units.values()) / times
    dollars = read * prices["read_units_per_million_usd"] + write * prices["write_units_per_million_usd"]
    return {
        "what": name,
        "requests": meter.total / times,
        "rounds": rounds,
        "read_units": read,
        "write_units": write,
        "usd_per_million": dollars,
    }


def markdown(rows: list[dict[str, Any]]) -> str:
    prices = json.loads(PRICES.read_text())
    body = [
        [
            row["what"],
            f"{row['requests']:g}",
            row["rounds"] or "–",
            f"{row['read_units']:g}",
            f"{row['write_units']:g}",
            f"{row['usd_per_million']:.2f}",
        ]
        for row in rows
    ]
    return (
        table([["what", "requests", "rounds", "read units", "write units", "DynamoDB, $ per million"], *body])
        + f"\n\nPrices of {prices['as_of']}, {prices['region']}: {prices['note']}"
    )
