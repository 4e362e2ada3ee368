"""python -m tests.simulation [--seeds N] [--first N] | [--seed N [--trace] [--as-drawn]]"""

from __future__ import annotations

import argparse
import secrets
import sys
import time

from tests.simulation import many
from tests.simulation.many import Counts


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many histories")
    parser.add_argument("--first", type=int, help="the first seed; by default a random one")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, help="run one history only; shrink it if it fails")
    parser.add_argument("--trace", action="store_true", help="print every call of it")
    parser.add_argument("--as-drawn", action="store_true", help="do not shrink it")
    options = parser.parse_args()
    return _one(options.seed, options.trace, options.as_drawn) if options.seed is not None else _many(options)


def _many(options: argparse.Namespace) -> int:
    first = secrets.randbelow(10**9) if options.first is None else options.first
    print(f"{options.seeds} histories from seed {first}", flush=True)
    total, began, printed_at = Counts(), time.monotonic(), time.monotonic()
    for counts in many.run(first, options.seeds, options.processes):
        total.add(counts)
        if total.failures:
            break
        if time.monotonic() > printed_at + 30:
            printed_at = time.monotonic()
            print(f"  {total.histories} so far", flush=True)
    _print_counts(total, time.monotonic() - began)
    if total.failures:
        seed, wrong = total.failures[0]
        print(f"\nseed {seed}: {'; '.join(wrong)}")
        return _one(seed, trace=False, as_drawn=False)
    return 0


def _print_counts(total: Counts, wall: float) -> None:
    def line(name: str, counted: dict[str, int]) -> None:
        print(
            f"{name:16}",
            ", ".join(f"{kind or 'none'} {count}" for kind, count in sorted(counted.items(), key=lambda i: -i[1])) or "none",
        )

    print(
        f"{'histories':16} {total.histories} in {wall:.0f} s: {total.histories / max(wall, 1e-9):.0f} a second, "
        f"{total.histories / max(total.seconds, 1e-9):.0f} a second of one core"
    )
    print(f"{'steps':16} {total.steps}, with {total.calls} calls to the world")
    line("ended", total.outcomes)
    line("faults", total.faults_met)
    line("messages", total.statuses)
    line("provider calls", total.provider_calls)
    line("held back for", total.held)
    line("unknown because", total.unknowns)
    print(f"{'failures':16} {len(total.failures)}")


def _one(seed: int, trace: bool, as_drawn: bool) -> int:
    with many.pool(1) as worker:
        history, report = worker.submit(many.one if as_drawn else many.shortest, seed).result()
    print(history)
    if trace or report.violations:
        print("\n".join(f"    {line[:220]}" for line in report.trace))
    print("; ".join(report.violations) or "nothing wrong")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
