"""Deliveries of two versions in turn: `python -m bench.delivery_against COMMIT_OR_FOLDER [--count 300] [--rounds 7]`.

What is compared is the ratio within each round, of the reminders a second and of the worker's CPU. The bare publish loop is the
same in both: it shows what the machine did between them.
"""

from __future__ import annotations

import argparse
from statistics import median

from bench.ground import middle, table
from bench.versions import in_turn

CHILD = """
import json, os, sys
from bench.delivery import _bare, _deliver, _whole
from bench.ground import due_reminders, ground, new_employer

import app  # it freezes what is imported: the collector passes over it, as on AWS

with ground():
    os.environ["HEARDBACK_CHUNKS_AT_ONCE"] = "3"
    from chalicelib import wiring

    wiring.config.forget()
    employer = new_employer()
    _deliver(due_reminders(employer, 40))
    print("ready", flush=True)
    for line in sys.stdin:
        count = int(line)
        found = {
            "bare publish loop": _bare(count, wiring.sns()),
            "deliver alone": _deliver(due_reminders(employer, count)),
            "tick to settled": _whole(due_reminders(employer, count)),
        }
        print(json.dumps(found), flush=True)
"""
COLUMNS = {"per_second": "a second", "cpu_ms": "CPU, ms each"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.delivery_against", description="Deliveries of two versions, in turn.")
    parser.add_argument("other", help="a commit, or a work tree, of the version to compare with")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    found = in_turn(asked.other, CHILD, asked.count, asked.rounds)
    rows = [["what", *(f"{column}, {version}" for column in COLUMNS.values() for version in ("before", "now", "now / before"))]]
    for what in found["now"][0]:
        cells = [what]
        for name in COLUMNS:
            before, now = ([one[what][name] for one in found[version]] for version in ("before", "now"))
            ratios = [mine / theirs for mine, theirs in zip(now, before, strict=True)]
            cells += [f"{median(before):.2f}", f"{median(now):.2f}", middle(ratios)]
        rows.append(cells)
    print(f"{asked.count} due at once, {asked.rounds} rounds, each version in turn; medians (of the ratios also min–max)\n")
    print(table(rows))


if __name__ == "__main__":
    main()
