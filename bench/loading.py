"""Loads millions of open waits into a database file by dynoxide's import of DynamoDB exports: minutes, not half an hour.

Each has its candidate, who is found by name. The app's own code makes the items and the tally, so every count is exact.
"""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path

from bench.ground import AS_OF, ground, new_employer
from infra.local.engines import dynoxide_binary

HOURS = 14 * 24
A_FILE = 100_000


def database(folder: Path, sizes: Mapping[str, int]) -> tuple[Path, dict[str, dict[str, dict[str, int]]]]:
    """Make a database with open waits for each employer id, and their tallies, which `finish` writes."""
    with ground(on_disk=False):  # the table as the code makes it
        from chalicelib.storage import table as ground_table

        described = ground_table.client().describe_table(TableName=ground_table.Item.Meta.table_name)
    schema, path = folder / "schema.json", folder / "dynamodb.db"
    schema.write_text(json.dumps(described, default=str))
    data = folder / "export" / described["Table"]["TableName"] / "data"
    data.mkdir(parents=True)
    tallies = {employer_id: _export(data, employer_id, size) for employer_id, size in sizes.items()}
    options = {"--source": folder / "export", "--schema": schema, "--output": path}
    words = [str(word) for pair in options.items() for word in pair]
    subprocess.run([str(dynoxide_binary()), "import", *words], check=True, capture_output=True)
    return path, tallies


def _export(data: Path, employer_id: str, size: int) -> dict[str, dict[str, int]]:
    """Spread waits evenly over the hours of two weeks and the three stages. Return the tally."""
    from chalicelib.rules import tally
    from chalicelib.rules.model import STAGES, Wait
    from tests.reputation.loading import a_load, items_of, person_of

    first = AS_OF - timedelta(days=12)
    loads = (a_load(first + timedelta(hours=number % HOURS), stage=STAGES[number % 3]) for number in range(size))

    def written() -> Iterator[tuple[Wait, bool]]:
        for number in range(0, size, A_FILE):
            with gzip.open(data / f"{employer_id}-{number}.json.gz", "wt", compresslevel=1) as lines:
                for at, one in enumerate(islice(loads, A_FILE), number):
                    application, wait = items_of(employer_id, one)
                    for item in (*person_of(employer_id, application, one.wait.since, at), wait):
                        lines.write(json.dumps({"Item": item.to_raw_data()}) + "\n")
                    yield one.wait, one.reachable

    return tally.tally(written())


def finish(tallies: Mapping[str, dict[str, dict[str, int]]]) -> None:
    """Write the employers and their tallies, once the database is served."""
    from chalicelib.applications.tally_items import add
    from chalicelib.storage.table import Transaction

    for employer_id, days in tallies.items():
        new_employer(employer_id)
        transaction = Transaction()
        add(transaction, employer_id, days)
        transaction.commit()
