"""python -m tests.simulation.planted [--stored] [--only TEXT] [--store]: which history catches each bug, as a table.

A bug's stored seed is tried first. `--stored` leaves out bugs without one; `--store` keeps the seeds that a search finds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

from tests.simulation.planted.bug import Bug
from tests.simulation.planted.bugs import BUGS
from tests.simulation.planted.catching import STATED, Catch, caught, store, stored_seeds
from tests.simulation.planted.planting import DoesNotFit

PRELOADED = ["tests.simulation.planted.preloaded"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the first seed of a search")
    parser.add_argument("--most", type=int, default=STATED, help="histories for each bug")
    parser.add_argument("--only", default="", help="bugs whose name holds this text")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--stored", action="store_true", help="only bugs that have a stored seed")
    parser.add_argument("--store", action="store_true", help="keep the seeds that were found")
    options = parser.parse_args()
    os.environ["PYTHONHASHSEED"] = "0"
    seeds, catches, began = stored_seeds(), dict[str, Catch](), time.monotonic()
    known = [bug for bug in BUGS if bug.name in seeds]
    chosen = {number: bug for number, bug in enumerate(BUGS) if options.only in bug.name and (bug in known or not options.stored)}
    print(f"{'planted bug':66} {'seed':>10} {'histories':>9}  seen as")
    for bug, catch in _each(chosen, (options.first, options.most), options.processes):
        print(_row(bug, catch, seeds), flush=True)
        catches[bug.name] = catch
        if options.store and catch.seed is not None:
            store({**stored_seeds(), bug.name: catch.seed})
    missed = [name for name, catch in catches.items() if catch.seed is None]
    stale = [name for name, catch in catches.items() if not catch.is_stored]
    seconds = time.monotonic() - began
    print(f"{len(chosen) - len(missed)} of {len(chosen)} caught in {seconds:.0f} s, in at most {options.most} histories each")
    print(f"{'missed':16} {', '.join(missed) or 'none'}")
    print(f"{'searched':16} {', '.join(stale) or 'none'}")
    print(f"{'without a seed':16} {', '.join(bug.name for bug in BUGS if bug not in known) or 'none'}")
    return 1 if missed else 0


def _each(chosen: dict[int, Bug], search: tuple[int, int], processes: int) -> Iterator[tuple[Bug, Catch]]:
    """Yields each bug with its catch, as they end. A process has one bug; it is forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with ProcessPoolExecutor(processes, mp_context=context, max_tasks_per_child=1) as workers:
        running: dict[Future[Catch], Bug] = {workers.submit(caught, number, *search): bug for number, bug in chosen.items()}
        for done in as_completed(running):
            try:
                yield running[done], done.result()
            except DoesNotFit as error:
                yield running[done], Catch(None, 0, str(error))


def _row(bug: Bug, catch: Catch, seeds: dict[str, int]) -> str:
    """One line. It says where the stored seed caught nothing any more."""
    searched = "" if catch.is_stored else f" [its seed {seeds[bug.name]} caught nothing]" if bug.name in seeds else " [searched]"
    return f"{bug.name:66} {catch.seed or '-':>10} {catch.histories:>9}  {catch.what}{searched}"


if __name__ == "__main__":
    sys.exit(main())
