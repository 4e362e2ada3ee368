"""The house stands as drawn: imports run downward, and what can be unplugged is imported only where it is plugged in."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [*sorted((ROOT / "chalicelib").rglob("*.py")), ROOT / "app.py"]
GROUND = {"config", "errors", "table", "ids", "http", "calendars", "fields", "locking", "logs", "queries", "signing",
          "strict_json", "table_columns", "table_items", "table_transactions", "values", "web", "wire"}
ORDER = {
    "rules": 0, "access": 1, "applications": 2, "followups": 3, "reputation": 3, "integrations": 3,
    "wiring": 4, "pages": 5, "contract": 6, "app": 7,
}  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, late imports included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                base = ".".join([*package, base]).rstrip(".")
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def wing(module: str) -> str:
    """rules, access, ...; "ground" for the ground; "" for what is not ours."""
    parts = module.split(".")
    if parts[0] == "app":
        return "app"
    if parts[0] != "chalicelib" or len(parts) < 2:
        return ""
    return "ground" if parts[1] in GROUND else parts[1]


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_module_has_its_place(path: Path) -> None:
    """A module that stands nowhere in the drawing would be held to nothing."""
    assert name(path) == "chalicelib" or wing(name(path)) in {*ORDER, "ground"}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_run_downward(path: Path) -> None:
    """A verb lives in one folder and leans only on what is below it; neighbours never lean on each other."""
    here = wing(name(path))
    for module in imports(path):
        there = wing(module)
        if not there or there not in {*ORDER, "ground"}:
            continue
        if here == "rules":
            assert there == "rules", f"{name(path)} imports {module}"
        elif here == "ground":
            assert there in ("ground", "rules"), f"{name(path)} imports {module}"
        elif there != "ground" and here in ORDER and here != there:
            assert ORDER[there] < ORDER[here], f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", [p for p in FILES if "rules" in p.parts], ids=name)
def test_the_rules_import_nothing_that_can_be_unplugged(path: Path) -> None:
    """What people will argue about must be readable and testable in a bare interpreter."""
    for module in imports(path):
        top = module.split(".")[0]
        assert top in sys.stdlib_module_names or module.startswith("chalicelib.rules") or module == "chalicelib", (
            f"{name(path)}: {module}"
        )


ONLY_IN = {
    "chalice": lambda p: p.name in ("app.py", "routes.py"),
    "boto3": lambda p: p.name == "wiring.py",
    "pynamodb": lambda p: (
        p.name in ("table.py", "tallies.py", "messages.py", "optouts.py", "digests.py", "history.py", "lists.py")
        or "table" in p.stem
    ),
    "requests": lambda p: "integrations" in p.parts,
    "nacl": lambda p: p.name == "locking.py",
}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_what_is_plugged_in_is_imported_only_at_its_plug(path: Path) -> None:
    """The next engineer finds AWS in a handful of files."""
    for module in imports(path):
        rule = ONLY_IN.get(module.split(".")[0])
        assert rule is None or rule(path), f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_signing_and_http_are_left_to_botocore_and_urllib3(path: Path) -> None:
    """Whether a text was provably not sent hangs on them: docs/decisions/botocore-signs-and-speaks.md."""
    own = {"botocore.auth", "botocore.signers", "botocore.httpsession", "http.client", "socket", "ssl", "urllib3"}
    guard = {"ipaddress", "socket", "urllib3"} if "integrations" in path.parts else set()
    assert not own & set(imports(path)) - guard, name(path)


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_the_wiring_looks_at_the_clock_and_only_the_settings_at_the_environment(path: Path) -> None:
    """Now is an argument; a setting is read once, by name."""
    used = set(_calls(path))
    if path.name != "wiring.py":
        assert not used & {"datetime.now", "datetime.utcnow", "time.time", "date.today"}, name(path)
    if path.name != "config.py":
        assert not used & {"os.environ", "os.getenv"}, name(path)


@pytest.mark.parametrize("path", [ROOT / "app.py"], ids=name)
def test_every_door_is_at_most_three_lines_deep(path: Path) -> None:
    """The hall of doors is read in a minute."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            assert body[-1].end_lineno - body[0].lineno < 3, node.name
