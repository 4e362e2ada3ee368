"""`make setup` where folders are links to those of another tree: a work tree that shares the environment of the first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A Python whose environments have a `python` that installs nothing, as the npm here does not.
PYTHON = """#!/bin/sh
if [ "$2" = venv ]; then mkdir -p "$3/bin" && ln -s "$0" "$3/bin/python"; fi
"""


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """A tree in which all is installed, as far as its stamps say, and another one of the same locks, in which nothing is."""
    for name in ("first", "second"):
        tree = tmp_path / name
        shutil.copytree(ROOT / "infra" / "locks", tree / "infra" / "locks")
        shutil.copytree(ROOT / "infra" / "npm", tree / "infra" / "npm", ignore=shutil.ignore_patterns("node_modules"))
        shutil.copy(ROOT / "infra" / "setup.py", tree / "infra" / "setup.py")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, script in (("python3.11", PYTHON), ("npm", "#!/bin/sh\n")):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([sys.executable, "infra/setup.py"], cwd=tmp_path / "first", env={**os.environ, "PATH": path}, check=True)
    return tmp_path / "first", tmp_path / "second"


def set_up(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "infra/setup.py"], cwd=tree, capture_output=True, text=True, check=False)


def test_links_to_what_the_same_locks_installed_are_used(trees: tuple[Path, Path]) -> None:
    first, second = trees
    (second / ".venv").symlink_to(first / ".venv")
    (second / ".engines").symlink_to(first / ".engines")

    outcome = set_up(second)

    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


@pytest.mark.parametrize("target", ["stale", "missing"])
def test_a_link_to_something_else_is_named_and_left_alone(trees: tuple[Path, Path], target: str) -> None:
    first, second = trees
    if target == "stale":
        (first / ".venv" / "stamp").write_text("of an older lock")
    else:
        shutil.rmtree(first / ".venv")
    (second / ".venv").symlink_to(first / ".venv")

    outcome = set_up(second)

    assert outcome.returncode == 1
    assert outcome.stderr.count("\n") == 1, outcome.stderr
    assert f".venv is a link to {first / '.venv'}" in outcome.stderr and "remove the link" in outcome.stderr
    assert (first / ".venv").exists() == (target == "stale")
