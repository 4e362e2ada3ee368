"""The architecture holds: imports run downward, no circles, and each external library stays in its own files."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = [*sorted((ROOT / "chalicelib").rglob("*.py")), ROOT / "app.py"]
BASE = {"config", "encryption", "errors", "holidays", "key_ring", "logs", "setting_checks", "signing"}
"""Modules directly in `chalicelib/` that every package may use, `rules` excepted."""
LEVELS = {
    "rules": 0,
    "storage": 1,
    "jobs": 2,
    "auth": 3,
    "api": 4,
    "applications": 5,
    "messaging": 6,
    "reputation": 6,
    "integrations": 6,
    "item_kinds": 7,
    "background_jobs": 7,
    "wiring": 8,
    "accounts": 9,
    "openapi": 10,
    "web": 11,
    "app": 12,
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(path)))


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name(path) for path in FILES}


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, late imports and those for type checkers included."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def package(module: str) -> str:
    """rules, storage, ...; "base" for modules that everybody may use; "" for what is not ours."""
    parts = module.split(".")
    if parts[0] == "app":
        return "app"
    if parts[0] != "chalicelib" or len(parts) < 2:
        return ""
    return "base" if parts[1] in BASE else parts[1]


def test_every_module_belongs_to_a_known_package() -> None:
    """The other rules cover only packages that this file knows."""
    modules = {name(path) for path in FILES} - {"chalicelib"}
    assert {module for module in modules if package(module) not in {*LEVELS, "base"}} == set()


def test_imports_run_downward() -> None:
    """A package imports only packages below it; neighbours never import each other."""
    wrong = {f"{name(path)} imports {module}" for path in FILES for module in imports(path) if not allowed(name(path), module)}
    assert wrong == set()


def allowed(importer: str, imported: str) -> bool:
    here, there = package(importer), package(imported)
    if not there or there == here:
        return True
    if here == "rules":
        return False
    if here == "base":
        return there == "rules"
    return there == "base" or LEVELS[there] < LEVELS[here]


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Late imports and those under TYPE_CHECKING count too."""
    graph = {name(path): {module for module in imports(path) if module in MODULES} - {name(path)} for path in FILES}
    assert circles(graph) == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach each other (Tarjan's strongly connected components with more than one member)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in sorted(graph[module]):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            group = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(group) > 1:
                found.append(sorted(group))

    for module in sorted(graph):
        if module not in index:
            visit(module)
    return found


def test_the_check_for_circles_finds_one() -> None:
    """The check must be able to fail."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_the_rules_import_only_the_standard_library() -> None:
    """Business rules must be readable and testable in a bare interpreter."""
    wrong = {
        f"{name(path)} imports {module}"
        for path in FILES
        if "rules" in path.parts
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not module.startswith("chalicelib.rules")
        and module != "chalicelib"
    }
    assert wrong == set()


ONLY_IN = {
    "chalice": lambda p: p.name == "app.py" or p.name.endswith("routes.py") or p.parent.name == "api",
    "boto3": lambda p: p.name == "wiring.py",
    "requests": lambda p: "integrations" in p.parts,
    "nacl": lambda p: p.name == "encryption.py",
    "pynamodb": lambda p: "storage" in p.parts or defines_items(p),
}


def defines_items(path: Path) -> bool:
    """Tells whether a file defines an item of the table: a class whose base is named Item."""
    classes = (node for node in nodes(path) if isinstance(node, ast.ClassDef))
    return any(isinstance(base, ast.Name) and base.id == "Item" for one in classes for base in one.bases)


def _calls(path: Path) -> Iterator[str]:
    """The last two names of everything that a file calls: `channels.send`."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            yield f"{getattr(of, 'attr', getattr(of, 'id', '')).strip('_')}.{node.func.attr}"


def test_messages_leave_in_two_places_and_both_ask_the_gate() -> None:
    """A message that passes no gate ignores opt-outs, trial, suspension, quotas and money."""
    calls = {name(path): set(_calls(path)) for path in FILES}
    sending = {module for module, called in calls.items() if called & {"channels.send", "channels.send_together"}}
    assert sending == {"chalicelib.messaging.sending", "chalicelib.messaging.send_now"}
    gate = "chalicelib.messaging.gate"
    assert all(any(one.startswith(gate) for one in imports(path)) for path in FILES if name(path) in sending)
    to_provider = re.compile(r"[.](publish|send_email|send_bulk_email)$")
    told = {module for module, called in calls.items() if any(map(to_provider.search, called))}
    assert told == {"chalicelib.messaging.providers"}


def test_each_external_library_is_imported_only_in_its_own_files() -> None:
    """The next engineer finds AWS in a handful of files."""
    wrong = {
        f"{name(path)} imports {module}"
        for path in FILES
        for module in imports(path)
        if (rule := ONLY_IN.get(module.split(".")[0])) and not rule(path)
    }
    assert wrong == set()


def test_signing_and_http_are_left_to_botocore_and_urllib3() -> None:
    """Whether a text was provably not sent depends on them: docs/decisions/signing-stays-with-botocore.md."""
    own = {"botocore.auth", "botocore.signers", "botocore.httpsession", "http.client", "socket", "ssl", "urllib3"}
    guard = {"ipaddress", "socket", "urllib3"}
    wrong = {
        f"{name(path)} imports {module}"
        for path in FILES
        for module in (own & set(imports(path))) - (guard if "integrations" in path.parts else set())
    }
    assert wrong == set()


def _attribute_uses(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def test_only_wiring_reads_the_clock_and_only_config_reads_the_environment() -> None:
    """The time is an argument; a setting is read once, by name. The order of commits alone goes by the machine's time."""
    clock = {"datetime.now", "datetime.utcnow", "time.time", "date.today"}
    settings = {"os.environ", "os.getenv"}
    wrong = set()
    for path in FILES:
        used = set(_attribute_uses(path))
        if path.name not in ("wiring.py", "feed.py"):
            wrong |= {f"{name(path)} reads {one}" for one in used & clock}
        if path.name != "config.py":
            wrong |= {f"{name(path)} reads {one}" for one in used & settings}
    assert wrong == set()


def test_every_entry_point_is_at_most_three_lines_long() -> None:
    """`app.py` is read in a minute. Late imports come on top."""
    for node in tree(ROOT / "app.py").body:
        if isinstance(node, ast.FunctionDef):
            body = [one for one in node.body[bool(ast.get_docstring(node)) :] if not isinstance(one, ast.ImportFrom)]
            assert (body[-1].end_lineno or 0) - body[0].lineno < 3, node.name
