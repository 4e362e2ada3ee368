"""Measures two versions in turn, each in a process of its own with engines of its own: what else the machine does meets both."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
_SHARED = (".engines",)
"""Folders outside version control that a work tree needs, from here."""


@contextlib.contextmanager
def work_tree(commit_or_folder: str) -> Iterator[Path]:
    """The folder of another version: as given, or a temporary work tree of a commit."""
    if Path(commit_or_folder).is_dir():
        yield Path(commit_or_folder).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="heardback-version-") as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree), commit_or_folder], cwd=HERE, check=True)
        try:
            for name in _SHARED:
                (tree / name).symlink_to((HERE / name).resolve())
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=HERE, check=True)


class Version:
    """One version's process. `child` says "ready", then answers each line that it reads by a line of JSON."""

    def __init__(self, folder: Path, child: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", child], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._line()

    def measure(self, asked: int) -> Any:
        """Returns what the child measures."""
        assert self._process.stdin is not None
        print(asked, file=self._process.stdin, flush=True)
        return json.loads(self._line())

    def stop(self) -> None:
        self._process.communicate(timeout=60)

    def _line(self) -> str:
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise RuntimeError("the process of one version ended")


def in_turn(other: str, child: str, asked: int, rounds: int) -> dict[str, list[Any]]:
    """Measures both versions in each round, the other one first. Returns each version's results, round by round."""
    with work_tree(other) as folder:
        versions = {"before": Version(folder, child), "now": Version(HERE, child)}
        found: dict[str, list[Any]] = {name: [] for name in versions}
        for _ in range(rounds):
            for name, version in versions.items():
                found[name].append(version.measure(asked))
        for version in versions.values():
            version.stop()
    return found
