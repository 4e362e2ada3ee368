"""python -m tests.simulation.planted [--seeds N] [--only TEXT]: how many seeds catch each bug, as a table."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.planted.bug import Bug
from tests.simulation.planted.bugs import BUGS
from tests.simulation.planted.catching import STATED, Catch, caught
from tests.simulation.planted.planting import DoesNotFit


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="histories for each bug")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--only", default="", help="bugs whose name holds this text")
    options = parser.parse_args()
    os.environ["PYTHONHASHSEED"] = "0"
    missed = []
    print(f"{'planted bug':48} {'first':>6} {'caught':>12}  seen as")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1) as workers:
        chosen = [
            (bug, workers.submit(caught, number, options.first, options.seeds, STATED))
            for number, bug in enumerate(BUGS)
            if options.only in bug.name
        ]
        for bug, running in chosen:
            try:
                catch = running.result()
            except DoesNotFit as error:
                catch = Catch(0, 0, 0, str(error))
            print(_row(bug, catch), flush=True)
            if not catch.caught:
                missed.append(bug.name)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} caught within {STATED} seeds; missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def _row(bug: Bug, catch: Catch) -> str:
    return f"{bug.name:48} {catch.first or '-':>6} {f'{catch.caught} of {catch.seeds}':>12}  {catch.what}"


if __name__ == "__main__":
    sys.exit(main())
