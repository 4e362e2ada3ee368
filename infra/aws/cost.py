"""`python -m infra.aws.cost`: what a month costs, by the dated price list, from the counts that tests hold. Writes docs/cost.md.

Units are upper bounds: tests/test_budgets.py and tests/messaging/test_cost.py fail where the code needs more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from infra.aws.package import ROOT

PRICES = max(Path(__file__).parent.glob("prices-*.json"))
PAGE = ROOT / "docs" / "cost.md"
MILLION, MINUTES, HOURS = 1e6, 30 * 24 * 60, 30 * 24


class Units(NamedTuple):
    read: float
    write: float


BOOK, CONTACT, LOOK, REPORT, CALL_LIST, REMINDER, QUIET_TICK = (
    Units(5, 30),
    Units(3, 14),
    Units(3, 0),
    Units(3, 0),
    Units(55, 0),
    Units(2.6, 10.2),
    Units(8, 0),
)
DIGEST = Units(30, 8)
REMINDERS, TEXTS = 1.2, 0.6
"""An interview: how many reminders follow from it (most candidates who get no word need one, some two), and which part are texts."""
CALLS = 5
"""Calls of the API for one interview: booked, looked at twice, a contact logged, a list read."""
INTERVIEWS_OF_AN_EMPLOYER, DIGESTS_OF_AN_EMPLOYER = 40, 21
API_SECONDS, TICK_SECONDS, REMINDER_SECONDS, ALONE_SECONDS = 0.06, 0.3, 0.01, 0.5
"""Seconds of a 1 GB function (tick: half a GB). A reminder in a batch, and a reminder alone."""
LOG_BYTES_A_CALL, BYTES_AN_INTERVIEW, MONTHS_KEPT = 1200, 7000, 12
POLLS_A_MINUTE = 6 * 5 * 3
"""Six queues, five pollers each, a long poll of 20 seconds."""
ALARMS, METRICS = 41, 12
MAIL_ALARMS, MAIL_METRICS = 1, 5
"""Those of mail that comes in. They are there, or have figures, only where it does, which is not in the table."""
TICK_QUEUE_CALLS = 1


@dataclass(frozen=True)
class Month:
    """The dollars of a month with so many interviews, by item."""

    interviews: float
    prices: dict[str, float]

    @property
    def reminders(self) -> float:
        return self.interviews * REMINDERS

    @property
    def digests(self) -> float:
        return self.interviews / INTERVIEWS_OF_AN_EMPLOYER * DIGESTS_OF_AN_EMPLOYER

    def units(self, units: Units, times: float) -> float:
        read, write = self.prices["dynamodb_million_read_units"], self.prices["dynamodb_million_write_units"]
        return times * (units.read * read + units.write * write) / MILLION

    def function(self, requests: float, gb_seconds: float) -> float:
        return requests / MILLION * self.prices["lambda_million_requests"] + gb_seconds * self.prices["lambda_gb_second"]

    def lines(self) -> dict[str, float]:
        n, price = self.interviews, self.prices
        one = self.units
        kept_gb = n * MONTHS_KEPT * BYTES_AN_INTERVIEW / 1e9
        batches = min(self.reminders, MINUTES + self.reminders / 100)
        return {
            "table: records": one(BOOK, n) + one(CONTACT, n) + one(LOOK, 2 * n) + one(CALL_LIST, n) + one(REPORT, self.digests),
            "table: reminders and digests": one(REMINDER, self.reminders) + one(DIGEST, self.digests),
            "table: storage, backups": kept_gb * (price["dynamodb_gb_month"] + price["dynamodb_backup_gb_month"]),
            "tick": one(QUIET_TICK, MINUTES)
            + self.function(MINUTES, MINUTES * TICK_SECONDS / 2)
            + MINUTES * TICK_QUEUE_CALLS / MILLION * price["sqs_million_requests"],
            "functions": self.function(
                n * CALLS + batches, n * CALLS * API_SECONDS + self.reminders * REMINDER_SECONDS + batches * ALONE_SECONDS
            ),
            "API Gateway": n * CALLS / MILLION * price["api_gateway_million_calls"],
            "queue": (3 * batches + MINUTES * POLLS_A_MINUTE) / MILLION * price["sqs_million_requests"],
            "logs, alarms, metrics": n * (CALLS + REMINDERS) * LOG_BYTES_A_CALL / 1e9 * price["logs_gb"]
            + (ALARMS - MAIL_ALARMS) * price["alarm_month"]
            + (METRICS - MAIL_METRICS) * price["metric_month"],
            "mail": (self.reminders * (1 - TEXTS) + self.digests) / 1000 * price["mail_thousand"],
            "texts (US)": self.reminders * TEXTS * price["text_us"],
        }

    def scheduling(self) -> float:
        """The cost of finding due reminders here: the index, tick, and deliver in batches."""
        index = Units(0.5, 3)  # entry written with the booking, moved with the claim, read once
        return (
            self.units(index, self.reminders)
            + self.lines()["tick"]
            + self.function(min(self.reminders, MINUTES), min(self.reminders, MINUTES) * ALONE_SECONDS)
        )

    def schedules(self) -> float:
        """The same with one EventBridge schedule for each reminder, each invoking a function."""
        firings = self.reminders / MILLION * self.prices["scheduler_million_firings"]
        return firings + self.function(self.reminders, self.reminders * ALONE_SECONDS)


def page() -> str:
    """The text of docs/cost.md."""
    prices = json.loads(PRICES.read_text())
    months = [Month(n, prices) for n in (1e3, 1e5, 1e7)]
    return "\n".join([*_bills(months, prices), *_assumptions(), *_beside_schedules(months)])


def _bills(months: Sequence[Month], prices: Mapping[str, Any]) -> list[str]:
    told = [month.lines() for month in months]
    rows = [f"| {name} | " + " | ".join(dollars(lines[name]) for lines in told) + " |" for name in told[0]]
    without = [sum(lines.values()) - lines["texts (US)"] for lines in told]
    each = [cost / month.interviews for cost, month in zip(without, months, strict=True)]
    return [
        "# What a month costs",
        "",
        f"Made by `python -m infra.aws.cost` from `infra/aws/{PRICES.name}` ({prices['region']}, list prices of {prices['as_of']},",
        "no free tiers) and from the counts that tests hold as upper bounds (`tests/test_budgets.py`,",
        "`tests/messaging/test_cost.py`). **Prices were put together by hand and not seen on a bill.**",
        "",
        "| interviews a month | 1,000 | 100,000 | 10,000,000 |",
        "|---|---:|---:|---:|",
        *rows,
        "| **all, without texts** | " + " | ".join(f"**{dollars(cost)}**" for cost in without) + " |",
        "| **all** | " + " | ".join(f"**{dollars(sum(lines.values()))}**" for lines in told) + " |",
        "| an interview, without texts | " + " | ".join(f"${cost:.5f}" for cost in each) + " |",
        "",
        "Texts are most of every bill: one segment a text is what matters (`chalicelib/rules/copy/gsm7.py`). A quiet deployment costs a",
        "few dollars: alarms, and the polling of six queues by Lambda.",
        "",
    ]


def _assumptions() -> list[str]:
    return [
        "## Assumed",
        "",
        f"* An interview: {CALLS} calls ({BOOK.write} write units to book it when everything is new, {CONTACT.write} to log the contact),",
        f"  {REMINDERS} reminders, of which {TEXTS:.0%} are texts; a digest every working day for every {INTERVIEWS_OF_AN_EMPLOYER} interviews a month.",
        f"* {API_SECONDS * 1000:.0f} ms of a 1 GB function a call; {ALONE_SECONDS} s for a delivery, which takes up to 100 reminders.",
        f"* {BYTES_AN_INTERVIEW:,} bytes an interview with its indexes, kept {MONTHS_KEPT} months, with backups of as much.",
        f"* {ALARMS - MAIL_ALARMS} alarms, {METRICS - MAIL_METRICS} metrics; the dashboard is one of the three that cost nothing.",
        "* Mail that comes in (`InboundMailDomain`) is not in the table: SES charges for it by number and size, strangers' mail too, at",
        "  a price that we have not looked up (see AWS's price list).",
        f"  It also has {MAIL_METRICS} metrics and an alarm of its own.",
        "",
    ]


def _beside_schedules(months: Sequence[Month]) -> list[str]:
    """What one EventBridge schedule for each reminder would cost instead."""
    return [
        "## Beside one EventBridge schedule for each reminder",
        "",
        "What it costs to find out that a reminder is due and to call a function for it; the rest is the same.",
        "",
        "| interviews a month | 1,000 | 100,000 | 10,000,000 |",
        "|---|---:|---:|---:|",
        "| here: an index, a tick a minute, deliveries in batches | "
        + " | ".join(dollars(m.scheduling()) for m in months)
        + " |",
        "| one schedule a reminder | " + " | ".join(dollars(m.schedules()) for m in months) + " |",
        "",
        "With few interviews a schedule each is cheaper by some cents; with many, batches are. Money does not decide it: a schedule",
        "lies outside the table's transactions. Every contact, move, cancellation, erasure and change of a window would have to",
        "change a schedule too, and what crashes in between texts somebody who has been told; a restored table would find no",
        "schedules, or those of another time. The index is written in the same transaction as the fact.",
        "",
    ]


def dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount < 1000 else f"${amount:,.0f}"


if __name__ == "__main__":
    PAGE.write_text(page())
