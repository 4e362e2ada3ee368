"""`make mutants`: tries small changes of the code and says, a module a line, how many some test notices."""

from __future__ import annotations

import argparse
import ast
import os
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.mutants.children import BROKEN, SURVIVED, TIMED_OUT
from tests.mutants.mutations import Mutant, mutations
from tests.mutants.runner import ROOT, Area, noticed

APP = ROOT / "chalicelib"
EQUIVALENTS = Path(__file__).with_name("equivalents.txt")
_WITH_ENGINES = (
    "tests/messaging",
    "tests/storage",
    "tests/auth",
    "tests/accounts",
    "tests/jobs",
    "tests/records",
    "tests/api/test_access.py",
    "tests/openapi/test_idempotency_everywhere.py",
    "tests/web/test_sessions.py",
    "tests/web/test_signing_in.py",
    "tests/web/test_single_sign_on.py",
    "tests/web/test_candidate.py",
    "tests/web/test_feedback_mail.py",
    "tests/web/test_inbox.py",
    "tests/applications/changes/test_changes.py",
    "tests/integrations/ats/test_health.py",
)
AREAS = {
    "rules": Area(("rules",), ("tests/rules",), needs_engines=False, at_least=0.95),
    "services": Area(("messaging", "storage", "auth"), _WITH_ENGINES, needs_engines=True, at_least=0.9),
}


def modules(area: Area) -> dict[str, Path]:
    """The area's modules: {path below its packages' folder, as names of mutants begin: file}."""
    paths = (path for package in area.packages for path in (APP / package).rglob("*.py"))
    return {str(path.relative_to(APP).with_suffix("")).removeprefix("rules/"): path for path in sorted(paths)}


def all_mutants(area: Area, only: str) -> list[Mutant]:
    """Every mutant of the area's modules whose path contains `only`."""
    found = []
    for where, path in modules(area).items():
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
    users: dict[str, set[str]] = {module: set() for module in imported}
    for module, uses in imported.items():
        for used in uses & users.keys():
            users[used].add(module)
    return {module: _reached_from(module, users) for module in imported}


def _reached_from(module: str, users: Mapping[str, set[str]]) -> set[str]:
    found, left = {module}, [module]
    while left:
        fresh = users[left.pop()] - found
        found |= fresh
        left += fresh
    return found


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def equivalents() -> dict[str, str]:
    """{name: why no test can notice it}: lines of a name, a tab and the reason; `#` begins a comment.

    A name is that of a mutant, or "module order of CONSTANT" for every change of the order within that constant.
    """
    lines = [line for line in EQUIVALENTS.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return dict(line.split("\t", 1) for line in lines)


def gone_from(known: Iterable[str], mutants: Sequence[Mutant]) -> set[str]:
    """Those of the known names that no mutant has. Of modules that are not tried now only the module is looked for."""
    names = {name for mutant in mutants for name in (mutant.name, mutant.order)}
    whole, tried = {where for area in AREAS.values() for where in modules(area)}, {mutant.where for mutant in mutants}
    return {name for name in known if (where := name.split(" ")[0]) not in whole or (where in tried and name not in names)}


def report(tried: Sequence[Mutant], equal: Sequence[Mutant], alive: Sequence[Mutant], late: Sequence[Mutant]) -> float:
    """Prints the table; returns the share of those neither equivalent nor undecided that were noticed."""
    print(f"{'module':40}{'tried':>8}{'killed':>8}{'survived':>10}{'equivalent':>12}{'undecided':>11}")
    for where in (*sorted({x.where for x in (*tried, *equal)}), ""):
        run, equivalent, survived, timed_out = (sum(where in ("", x.where) for x in some) for some in (tried, equal, alive, late))
        row = f"{run + equivalent:>8}{run - survived - timed_out:>8}{survived:>10}{equivalent:>12}{timed_out:>11}"
        print(f"{where or 'all':40}{row}")
    decided = len(tried) - len(late)
    share = 1 - len(alive) / decided if decided else 1.0
    print(f"{share:.1%} noticed")
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
    if gone := gone_from(known, mutants):
        print("equivalents that no longer exist:", *sorted(gone), sep="\n  ")
        return 1
    print(f"{len(mutants)} mutants; {min(given.mutants, len(mutants)) or 'all'} are tried, seed {given.seed}")
    if 0 < given.mutants < len(mutants):
        mutants = random.Random(given.seed).sample(mutants, given.mutants)
    equal = [mutant for mutant in mutants if known.keys() & {mutant.name, mutant.order}]
    tried = [mutant for mutant in mutants if not known.keys() & {mutant.name, mutant.order}]
    alive, late, done = [], [], 0
    for mutant, code in noticed(tried, importers(), area, given.workers):
        done += 1
        if code == SURVIVED:
            alive.append(mutant)
            print(f"survived: {mutant.name}", flush=True)
        elif code in (TIMED_OUT, BROKEN):
            late.append(mutant)
            print(f"{'timed out' if code == TIMED_OUT else 'its process ended'}: {mutant.name}", flush=True)
    if done < len(tried):
        print(f"only {done} of {len(tried)} were tried: the session of their tests ended")
        return 1
    return 0 if report(tried, equal, alive, late) >= area.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
