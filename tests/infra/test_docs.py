"""The pages in docs/ name files, functions and targets that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / "docs").rglob("*.md"),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
]
FOLDERS = (ROOT, ROOT / "chalicelib", ROOT / "chalicelib" / "rules", ROOT / "tests", ROOT / "tests" / "simulation")
IN_CODE_TOUR = re.compile(r"`([\w./]+\.py)`(?: `([\w.]+)`)?")


def exists(path: str) -> bool:
    return any((folder / path).exists() for folder in FOLDERS)


def defined_in(path: Path) -> set[str]:
    """Functions and classes of a module, methods as Class.method."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


def test_every_file_that_a_page_names_exists() -> None:
    missing = {
        f"{page.name}: {path}"
        for page in PAGES
        for path in re.findall(
            r"`((?:[\w-]+/)*[\w-]+\.(?:py|yaml|sh|txt)|(?:chalicelib|infra|tests|bench|docs)(?:/[\w.-]+)+/?)`", page.read_text()
        )
        if not exists(path)
    }
    assert missing == set()


def test_every_link_between_pages_leads_somewhere() -> None:
    missing = {
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    }
    assert missing == set()


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page, flags=re.M | re.S), re.M)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def test_every_link_to_a_heading_leads_to_one() -> None:
    missing = {
        f"{page.name}: {target}#{anchor}"
        for page in PAGES
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", page.read_text())
        if anchor not in anchors((page.parent / target if target else page).read_text())
    }
    assert missing == set()


def test_every_target_of_make_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {target for page in PAGES for target in re.findall(r"`make ([\w-]+)", page.read_text())}
    assert named - targets == set()


def test_every_module_that_a_page_runs_exists() -> None:
    named = {module for page in PAGES for module in re.findall(r"python -m ((?:infra|bench|tests)[\w.]*)", page.read_text())}
    paths = {module: ROOT / module.replace(".", "/") for module in named}
    assert {
        name for name, path in paths.items() if not path.with_suffix(".py").exists() and not (path / "__main__.py").exists()
    } == set()


def test_every_function_of_the_code_tour_exists() -> None:
    """Each step names `file.py` and then `function`."""
    steps = IN_CODE_TOUR.findall((ROOT / "docs" / "code-tour.md").read_text())
    missing = {
        f"{path} {function}"
        for path, function in steps
        if not exists(path) or (function and function not in defined_in(next(f / path for f in FOLDERS if (f / path).exists())))
    }
    assert missing == set() and len(steps) > 30


def test_every_everyday_task_names_a_page_and_a_test_that_exists() -> None:
    """At least the sixty tasks that people named, each once."""
    rows = re.findall(
        r"^\| (.+) \| (.+) \| `(tests/[\w/]+\.py)` `(test_\w+)` \|$", (ROOT / "docs" / "tasks.md").read_text(), re.M
    )
    missing = {f"{path} {name}" for _, _, path, name in rows if name not in defined_in(ROOT / path)}
    assert missing == set() and len({task for task, *_ in rows}) == len(rows) >= 60
