"""`make client`: generates the client, starts everything on this machine, and does the main job with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".engines" / "client" / "bin"
START_SECONDS = 60


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="heardback-client-") as folder:
        where = Path(folder)
        generate(where / "heardback_client")
        options = ["--data", str(where / "data"), "--seed", "none", "--port", "0", "--console-port", "0"]
        stack = subprocess.Popen([sys.executable, "-m", "infra.local", *options], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            about = wait_for(where / "data" / "ready.json", stack)
            job = [str(TOOLS / "python"), str(ROOT / "infra/client/main_job.py"), about["api"], about["operator_key"]]
            subprocess.run(job, check=True, env={**os.environ, "PYTHONPATH": folder})
        finally:
            stack.terminate()
            stack.wait(20)


def generate(into: Path) -> None:
    """The generator warns of what it cannot do yet (JSON Lines, files) and leaves it out."""
    command = [
        str(TOOLS / "openapi-python-client"),
        "generate",
        "--path",
        str(ROOT / "docs/openapi.json"),
        "--output-path",
        str(into),
        "--meta",
        "none",
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"},
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    print(f"generated {len(list(into.glob('api/*/*.py')))} operations and {len(list(into.glob('models/*.py')))} models")


def wait_for(ready: Path, stack: subprocess.Popen[bytes]) -> dict[str, str]:
    until = time.monotonic() + START_SECONDS
    while not ready.exists():
        if stack.poll() is not None or time.monotonic() > until:
            sys.exit("the local stack did not come up")
        time.sleep(0.1)
    about: dict[str, str] = json.loads(ready.read_text())
    return about


if __name__ == "__main__":
    main()
