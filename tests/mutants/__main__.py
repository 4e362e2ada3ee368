"""`make mutants`: tries small changes of the rules and says, a module a line, how many some test notices."""

from __future__ import annotations

import argparse
import ast
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.mutants.mutations import Mutation, mutations
from tests.mutants.runner import ROOT, is_noticed, record, start

RULES = ROOT / "chalicelib" / "rules"
EQUIVALENTS = Path(__file__).with_name("equivalents.txt")
AT_LEAST = 0.95


@dataclass(frozen=True)
class Mutant:
    """A mutation of a module of the rules."""

    module: str
    path: Path
    tree: ast.Module
    mutation: Mutation

    @property
    def name(self) -> str:
        return f"{self.path.relative_to(RULES).with_suffix('')} {self.mutation.name}"


def all_mutants(only: str) -> list[Mutant]:
    """Every mutant of the modules whose path contains `only`."""
    found = []
    for path in sorted(RULES.rglob("*.py")):
        if only in str(path.relative_to(RULES)):
            tree = ast.parse(path.read_text())
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found += [Mutant(module, path, tree, mutation) for mutation in mutations(tree)]
    return found


def importers() -> dict[str, set[str]]:
    """{module: itself and every module of the rules that imports it, also through others}."""
    imported: dict[str, set[str]] = {}
    for path in RULES.rglob("*.py"):
        nodes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom) and node.module]
        names = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names} | {node.module for node in nodes}
        imported[".".join(path.relative_to(ROOT).with_suffix("").parts)] = {name for name in names if name}
    found = {module: {module} for module in imported}
    for _ in imported:
        for module, uses in imported.items():
            for used in found:
                if found[used] & uses:
                    found[used].add(module)
    return found


def equivalents() -> dict[str, str]:
    """{name of a mutant: why no test can notice it}: lines of a name, a tab and the reason; `#` begins a comment."""
    lines = [line for line in EQUIVALENTS.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return dict(line.split("\t", 1) for line in lines)


def survivors(tried: list[Mutant], workers: int) -> list[Mutant]:
    """Runs the mutants in so many processes at a time; returns those that no test noticed."""
    reach, above = record(), importers()
    running: dict[int, Mutant] = {}
    left, alive = list(reversed(tried)), []
    while left or running:
        while left and len(running) < workers:
            mutant = left.pop()
            tests = reach.tests_of(mutant.module, mutant.mutation.function, above[mutant.module])
            work = partial(is_noticed, mutant.module, mutant.path, mutant.tree, mutant.mutation, tests)
            running[start(work)] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        if os.waitstatus_to_exitcode(status) == 1:
            alive.append(mutant)
            print(f"survived: {mutant.name}", flush=True)
    return alive


def report(tried: list[Mutant], equal: list[Mutant], alive: list[Mutant]) -> float:
    """Prints the table; returns the share of the non-equivalent mutants that were noticed."""
    print(f"{'module':32}{'tried':>8}{'killed':>8}{'survived':>10}{'equivalent':>12}")
    counts = {name: Counter(x.module for x in some) for name, some in (("run", tried), ("equal", equal), ("alive", alive))}
    for module in sorted({x.module for x in (*tried, *equal)}):
        run, equivalent, survived = (counts[name][module] for name in ("run", "equal", "alive"))
        name = module.removeprefix("chalicelib.rules.")
        print(f"{name:32}{run + equivalent:>8}{run - survived:>8}{survived:>10}{equivalent:>12}")
    share = 1 - len(alive) / len(tried) if tried else 1.0
    killed = len(tried) - len(alive)
    print(f"{'all':32}{len(tried) + len(equal):>8}{killed:>8}{len(alive):>10}{len(equal):>12}   {share:.1%} noticed")
    return share


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--mutants", type=int, default=0, help="how many, drawn by the seed; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a part of the module's path, such as waits or copy/")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    os.chdir(ROOT)
    known, mutants = equivalents(), all_mutants(given.only)
    if not given.only and (gone := known.keys() - {mutant.name for mutant in mutants}):
        print("equivalents that no longer exist:", *sorted(gone), sep="\n  ")
        return 1
    if 0 < given.mutants < len(mutants):
        mutants = random.Random(given.seed).sample(mutants, given.mutants)
    equal = [mutant for mutant in mutants if mutant.name in known]
    tried = [mutant for mutant in mutants if mutant.name not in known]
    return 0 if report(tried, equal, survivors(tried, given.workers)) >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
