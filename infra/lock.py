"""`make lock`: writes infra/locks/ and infra/npm/*/package-lock.json after a change of a requirements*.txt or package.json.

Each lock holds every package with its version and the SHA-256 of all files of that release, for every platform. Versions that
are in a lock stay, unless their requirements say otherwise. `make setup` and the packaging install from the locks alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from infra.setup import ENGINES, LOCKS, NPM, ROOT, find_npm, scripts_of

OLDEST_PYTHON = "3.11.5"


def main() -> None:
    """Write all locks. Ends the program at the first that cannot be resolved."""
    with tempfile.TemporaryDirectory(prefix="heardback-lock-") as cache:
        for requirements in sorted(ROOT.glob("requirements*.txt")):
            lock_python(requirements.name, cache)
    for package in sorted(NPM.glob("*/package.json")):
        _run(find_npm(), "install", "--prefix", str(package.parent), "--package-lock-only", "--ignore-scripts", "--no-audit")


def lock_python(name: str, cache: str) -> None:
    uv = str(scripts_of(ENGINES / "supply") / "uv")
    kept = ("--custom-compile-command", "make lock", "--no-annotate", "--cache-dir", cache)
    command = (uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", OLDEST_PYTHON, *kept)
    _run(*command, name, "--output-file", str((LOCKS / name).relative_to(ROOT)))


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT, env=os.environ, check=False).returncode:
        sys.exit("failed: " + " ".join(command))


if __name__ == "__main__":
    main()
