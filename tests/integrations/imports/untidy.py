"""Makes untidy files by a seed: people, applications and interviews as real sheets have them, all kinds mixed.

`Sheet.raw(encoding)` is the file. `corrected()` is the same sheet after somebody has corrected some of its people.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

COLUMNS = (
    *("ID", "App ID", "Interview ID", "First", "Last", "Name", "Email", "Phone", "Job", "Stage", "Date", "Time", "Length"),
    *("Status", "No-show", "Decision", "Told", "Notes"),
)
PROFILE: dict[str, Any] = {
    "columns": {
        "candidate_ref": ["ID"],
        "application_ref": ["App ID"],
        "interview_ref": ["Interview ID"],
        "name": ["Name", ["First", "Last"]],
        "email": ["Email"],
        "phone": ["Phone"],
        "job_title": ["Job"],
        "stage": ["Stage"],
        "interview_start": ["Date", "Time"],
        "duration_minutes": ["Length"],
        "status": ["Status", "No-show"],
        "decided": ["Decision"],
        "told_at": ["Told"],
    },
    "date_format": ["iso", "%d.%m.%Y", "%d.%m.%Y %H:%M", "on %b %d, %Y", "%Y/%m/%d %I:%M %p"],
    "timezone": "America/New_York",
    "country": "US",
    "minutes": 45,
    "default_time": "17:00",
    "values": {"Applied": None, "tbd": None, "decided": {"Nope": "rejected"}, "stage": {"Phone": "screen"}},
}
FIRST = ("Ann", "Bob", "Cat", "Dan", "Eve", "Zoë", "Renée", "Jörg", "Åsa", "Noël", "Mary Ann", "ida")
LAST = ("Sample", "Test", "O'Trial", "Müller", "Ångström", "de la Cruz", "Exemple-Essai")
JOBS = ("Welder", "Fitter", "Nurse (night)", "C++ developer", "Chef de rang")
NUMBERS = ("+1212{}", "(212) {}", "212-{} ext. 7", "212-{} or 555-0123", "555-0123", "030 1234567", "+15550123", "n/a", "")
Row = dict[str, str]


@dataclass
class Sheet:
    """The rows of a file by column, and how many of them name nobody."""

    rows: list[Row]
    rng: random.Random
    first: int
    """The number of its first row, over all sheets."""
    corrected_rows: set[int] = field(default_factory=set)

    def raw(self, encoding: str) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows([row.get(column, "") for column in COLUMNS] for row in self.rows)
        return text.getvalue().encode(encoding)

    def corrected(self, share: float = 0.5) -> Sheet:
        """Give some people who have an id and stand in one row only another number; note which rows."""
        ids = [row.get("ID") for row in self.rows]
        rows, changed = [dict(row) for row in self.rows], set()
        for at, row in enumerate(rows):
            alone = row.get("ID") and ids.count(row["ID"]) == 1 and row.get("Name") and "@example.com" in row.get("Email", "")
            if alone and self.rng.random() < share:
                row["Phone"] = f"+1646555{(self.first + at) % 10_000:04}"
                changed.add(at)
        return Sheet(rows, self.rng, self.first, changed)


def sheet(seed: int, rows: int, now: datetime) -> Sheet:
    """Make a sheet of so many rows."""
    rng = random.Random(f"untidy {seed}")
    made: list[Row] = []
    for number in range(rows):
        kind = rng.random()
        if made and kind < 0.06:
            made.append(dict(rng.choice(made)))  # said twice
        elif made and kind < 0.12:
            made.append(_next_round(rng.choice(made), rng, now))
        elif kind < 0.14:
            made.append({"No-show": "FALSE"})  # an empty row with a checkbox
        elif kind < 0.16:
            made.append({"App ID": f"a{rng.randrange(seed * rows, seed * rows + number + 1)}", "Decision": "rejected"})
        else:
            made.append(_row(seed * rows + number, rng, now))
    return Sheet(made, rng, seed * rows)


def _row(number: int, rng: random.Random, now: datetime) -> Row:
    first, last = rng.choice(FIRST), f"{rng.choice(LAST)} {_letters(number)}"
    row: Row = {"Job": rng.choice(JOBS), "Notes": rng.choice(("", "call back", "=1+1", "talked to Ann; very good"))}
    row |= {"Name": f"{first} {last}"} if rng.random() < 0.7 else {"First": first, "Last": last}
    row["Email"] = _email(number, rng)
    row["Phone"] = rng.choice(NUMBERS).format(f"555{number % 10_000:04}")
    if rng.random() < 0.5:
        row["ID"] = f"c{number}"
    if rng.random() < 0.4:
        row["App ID"] = f"a{number}"
    if rng.random() < 0.2:
        row["Interview ID"] = f"i{number}"
    row["Stage"] = rng.choice(("", "screen", "interview", "FINAL", "Phone"))
    row["Length"] = rng.choice(("", "", "30", "1:30", "45 min"))
    if rng.random() < 0.85:
        row |= dict(_when(now - timedelta(minutes=rng.randrange(30, 90_000)), rng))
        row["Status"] = rng.choice(("", "", "", "Completed", "cancelled", "Withdrawn"))
        row["No-show"] = rng.choice(("", "FALSE", "no", "yes"))
    row["Decision"] = rng.choice(("", "Applied", "advancing", "Nope", "offer", "tbd"))
    if rng.random() < 0.05:
        row |= rng.choice(({"Status": "Pencilled in"}, {"Decision": "perhaps"}, {"Email": "no address"}))
    if rng.random() < 0.1:
        row["Told"] = (now - timedelta(minutes=rng.randrange(10, 500))).strftime("%Y-%m-%dT%H:%MZ")
    return row


def _letters(number: int) -> str:
    """A surname that nobody else has."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)).capitalize()


def _email(number: int, rng: random.Random) -> str:
    own = f"person{number}@example.com"
    return rng.choice(
        (own, own, own.upper(), f"Sam Sample <{own}>", f"{own}; other{number}@example.org", f"none, {own}", "", "-")
        if rng.random() < 0.95
        else ("jobs@agency.example",)
    )


def _when(at: datetime, rng: random.Random) -> Iterator[tuple[str, str]]:
    local = at.astimezone(UTC).replace(second=0, microsecond=0)
    form = rng.randrange(7) if rng.random() < 0.95 else 7
    if form == 0:
        yield "Date", local.strftime("%Y-%m-%dT%H:%MZ")
    elif form == 1:
        yield "Date", local.strftime("%d.%m.%Y %H:%M")
    elif form == 2:
        yield "Date", local.strftime("%d.%m.%Y")
        yield "Time", local.strftime("%H:%M")
    elif form == 3:
        yield "Date", local.strftime("on %b %d, %Y")
        yield "Time", local.strftime("%I:%M %p").lower()
    elif form == 4:
        yield "Date", local.strftime("%Y-%m-%d %H:%M:%S UTC")
    elif form == 5:
        yield "Date", local.strftime("%Y/%m/%d %I:%M %p")
    elif form == 6:
        yield "Date", local.strftime("%d.%m.%Y")  # the hour of the profile
    else:
        yield "Date", rng.choice(("soon", "32.13.2026", local.strftime("%Y-%m-%d %H:%M"), "next Monday", ""))


def _next_round(row: Row, rng: random.Random, now: datetime) -> Row:
    """Another interview of the same person and job, with its own outcome."""
    later = {name: value for name, value in row.items() if name not in ("Interview ID", "Date", "Time", "Told")}
    later |= dict(_when(now - timedelta(minutes=rng.randrange(30, 90_000)), rng))
    return later | {"Stage": "final", "Decision": rng.choice(("advancing", "Nope", "offer")), "Status": ""}
