"""`make mutants`: tries small changes of the code and says, a module a line, how many some test notices."""

from __future__ import annotations

import argparse
import ast
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.mutations import Mutant, mutations
from tests.mutants.runner import ROOT, Area, survivors

APP = ROOT / "chalicelib"
EQUIVALENTS = Path(__file__).with_name("equivalents.txt")
_WITH_ENGINES = ("tests/messaging", "tests/storage", "tests/auth", "tests/accounts", "tests/jobs")
AREAS = {
    "rules": Area(("rules",), ("tests/rules",), needs_engines=False, at_least=0.95),
    "services": Area(("messaging", "storage", "auth"), _WITH_ENGINES, needs_engines=True, at_least=0.9),
}


def all_mutants(area: Area, only: str) -> list[Mutant]:
    """Every mutant of the area's modules whose path contains `only`."""
    found = []
    for path in sorted(path for package in area.packages for path in (APP / package).rglob("*.py")):
        where = str(path.relative_to(APP).with_suffix("")).removeprefix("rules/")
        if only in where:
            tree = ast.parse(path.read_text())
            found += [Mutant(_module(path), where, path, tree, mutation) for mutation in mutations(tree)]
    return found


def importers() -> dict[str, set[str]]:
    """{module: itself and every module of the app that imports it, also through others}."""
    imported: dict[str, set[str]] = {}
    for path in APP.rglob("*.py"):
        nodes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom) and node.module]
        names = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names} | {node.module for node in nodes}
        imported[_module(path)] = {name for name in names if name}
    found = {module: {module} for module in imported}
    for _ in imported:
        for module, uses in imported.items():
            for used in found:
                if found[used] & uses:
                    found[used].add(module)
    return found


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def equivalents() -> dict[str, str]:
    """{name: why no test can notice it}: lines of a name, a tab and the reason; `#` begins a comment.

    A name is that of a mutant, or "module order of CONSTANT" for every change of the order within that constant.
    """
    lines = [line for line in EQUIVALENTS.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return dict(line.split("\t", 1) for line in lines)


def report(tried: Sequence[Mutant], equal: Sequence[Mutant], alive: Sequence[Mutant]) -> float:
    """Prints the table; returns the share of the non-equivalent mutants that were noticed."""
    print(f"{'module':40}{'tried':>8}{'killed':>8}{'survived':>10}{'equivalent':>12}")
    counts = {name: Counter(x.where for x in some) for name, some in (("run", tried), ("equal", equal), ("alive", alive))}
    for where in sorted({x.where for x in (*tried, *equal)}):
        run, equivalent, survived = (counts[name][where] for name in ("run", "equal", "alive"))
        print(f"{where:40}{run + equivalent:>8}{run - survived:>8}{survived:>10}{equivalent:>12}")
    share = 1 - len(alive) / len(tried) if tried else 1.0
    killed = len(tried) - len(alive)
    print(f"{'all':40}{len(tried) + len(equal):>8}{killed:>8}{len(alive):>10}{len(equal):>12}   {share:.1%} noticed")
    return share


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--area", choices=AREAS, default="rules")
    parser.add_argument("--mutants", type=int, default=0, help="how many, drawn by the seed; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a part of the module's path, such as waits or copy/")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    os.chdir(ROOT)
    os.nice(10)
    area = AREAS[given.area]
    known, mutants = equivalents(), all_mutants(area, given.only)
    every = [mutant for one in AREAS.values() for mutant in all_mutants(one, "")]
    if gone := known.keys() - {mutant.name for mutant in every} - {mutant.order for mutant in every}:
        print("equivalents that no longer exist:", *sorted(gone), sep="\n  ")
        return 1
    print(f"{len(mutants)} mutants; {min(given.mutants, len(mutants)) or 'all'} are tried, seed {given.seed}")
    if 0 < given.mutants < len(mutants):
        mutants = random.Random(given.seed).sample(mutants, given.mutants)
    equal = [mutant for mutant in mutants if known.keys() & {mutant.name, mutant.order}]
    tried = [mutant for mutant in mutants if not known.keys() & {mutant.name, mutant.order}]
    alive = []
    for mutant in survivors(tried, importers(), area, given.workers):
        alive.append(mutant)
        print(f"survived: {mutant.name}", flush=True)
    return 0 if report(tried, equal, alive) >= area.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
