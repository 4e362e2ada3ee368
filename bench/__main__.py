"""`python -m bench` measures all of it in under ten minutes; `python -m bench delivery --count 1000` one thing.

JSON lines go to `out/bench.jsonl`, the Markdown to standard output. `BENCH_PYTHON` names an interpreter with the other schedulers
(bench/requirements.txt); without it they are left out, as is each whose server is not installed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import capacity, cold, delivery, fast_path, ground, mails, queueing, report, scheduling, warm

OUT = Path(__file__).resolve().parents[1] / "out" / "bench.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What Heardback costs, beside the limit and the peers.")
    parser.add_argument(
        "what",
        nargs="*",
        help="capacity, cold, warm, fast_path, report, scheduling, delivery, mails, queueing; all where none is named",
    )
    parser.add_argument("--count", type=int, default=300, help="reminders due at once")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds of the delivery")
    parser.add_argument("--large", action="store_true", help="the report over a million open waits too")
    parser.add_argument("--largest", type=int, default=1_000_000, help="with --large: so many instead")
    asked = parser.parse_args()
    sizes = (1_000, 10_000, asked.largest) if asked.large else (1_000, 10_000)
    measures: dict[str, tuple[Callable[[], Any], Callable[[Any], str]]] = {
        "capacity": (capacity.run, capacity.markdown),
        "cold": (cold.run, cold.markdown),
        "warm": (warm.run, warm.markdown),
        "fast_path": (fast_path.run, fast_path.markdown),
        "report": (lambda: report.run(sizes), report.markdown),
        "scheduling": (scheduling.run, scheduling.markdown),
        "delivery": (lambda: delivery.run(asked.count, asked.rounds), delivery.markdown),
        "mails": (lambda: mails.run(asked.count, asked.rounds), mails.markdown),
        "queueing": (queueing.markdown, str),
    }
    if unknown := set(asked.what) - measures.keys():
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    machine = ground.machine()
    OUT.parent.mkdir(exist_ok=True)
    print(f"Machine: {json.dumps(machine)}\n", flush=True)
    for name, (measure, markdown) in measures.items():
        if asked.what and name not in asked.what:
            continue
        found = measure()
        ground.write_line(OUT, {"what": name, "machine": machine, "found": found})
        print(f"## {name}\n\n{markdown(found)}\n", flush=True)


if __name__ == "__main__":
    main()
