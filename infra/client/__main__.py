"""`make client`: generates both clients from docs/openapi.json, and does the main job with each against the local stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "clients"
TOOLS = Path(os.environ.get("HEARDBACK_CLIENT_TOOLS", ROOT / ".engines" / "client" / "bin"))
NODE = ROOT / ".engines" / "node" / "bin"
"""Only where the machine has no npm."""
START_SECONDS = 60


def main() -> None:
    generate_python(CLIENTS / "python" / "heardback_client")
    build_typescript(CLIENTS / "typescript")
    with tempfile.TemporaryDirectory(prefix="heardback-client-") as folder:
        data = Path(folder) / "data"
        options = ["--data", str(data), "--seed", "none", "--port", "0", "--console-port", "0"]
        stack = subprocess.Popen([sys.executable, "-m", "infra.local", *options], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            about = wait_for(data / "ready.json", stack)
            python = [str(TOOLS / "python"), str(CLIENTS / "python" / "story.py")]
            node = ["node", str(CLIENTS / "typescript" / "dist" / "story.js")]
            for job in (python, node):
                subprocess.run([*job, about["api"], new_key(about), about["console"]], check=True, env=environment())
        finally:
            stack.terminate()
            stack.wait(60)


def generate_python(into: Path) -> None:
    """The generator warns of what it cannot do yet (JSON Lines, files) and leaves it out."""
    document = ["--path", str(ROOT / "docs/openapi.json")]
    run(
        [str(TOOLS / "openapi-python-client"), "generate", *document, "--output-path", str(into), "--meta", "none", "--overwrite"]
    )
    print(f"Python: {len(list(into.glob('api/*/*.py')))} operations, {len(list(into.glob('models/*.py')))} models")


def build_typescript(folder: Path) -> None:
    """No script of an npm package runs."""
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    run(["npm", "run", "generate"], folder)
    run(["npm", "run", "build"], folder)
    print("TypeScript: compiled with strict and exactOptionalPropertyTypes")


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(TOOLS), os.environ.get("PATH", ""), str(NODE)])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(CLIENTS / "python")}


def run(command: list[str], folder: Path = ROOT) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment())
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def new_key(about: dict[str, str]) -> str:
    """Makes an employer, and a key for an app of theirs."""
    employer = post(about, "/v1/employers", {"name": "Blue Fern (sample)", "timezone": "America/New_York"})
    return str(post(about, "/v1/keys", {"employer_id": employer["id"], "scopes": ["read", "write"]})["secret"])


def post(about: dict[str, str], path: str, body: dict[str, object]) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {about['operator_key']}", "Content-Type": "application/json"}
    request = urllib.request.Request(about["api"] + path, json.dumps(body).encode(), headers)  # noqa: S310 - our own loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found: dict[str, str] = json.load(answer)
    return found


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
