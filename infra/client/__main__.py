"""`make client`: generates both clients from docs/openapi.json, and does the main job with each against the local stack."""

from __future__ import annotations

import json
import os
import re
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
                subprocess.run([*job, about["api"], new_recruiter(about), about["console"]], check=True, env=environment())
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


def new_recruiter(about: dict[str, str]) -> str:
    """Makes an employer with a recruiter who has accepted the invitation. Returns their address."""
    operator, number = about["operator_key"], str(time.monotonic_ns())
    named = {"name": "Blue Fern (sample)", "timezone": "America/New_York", "call_back_phone": "+12025550100", "trial": False}
    employer = post(about["api"] + "/v1/employers", operator, named)
    scopes = ["read", "write", "manage"]
    key = str(post(about["api"] + "/v1/keys", operator, {"employer_id": employer["id"], "scopes": scopes})["secret"])
    email = f"dana{number}@example.com"
    post(about["api"] + "/v1/people", key, {"name": "Dana Reyes", "email": email, "role": "recruiter"})
    post(about["api"] + "/v1/invitations/accept", key, {"email": email, "code": code_for(about, email)})
    return email


def code_for(about: dict[str, str], email: str) -> str:
    """Returns the code of the last mail to an address."""
    with urllib.request.urlopen(about["console"] + "/outbox") as answer:  # noqa: S310 - our own loopback
        mails = [one for one in json.load(answer)["data"] if one["to"] == email]
    code = re.search(r"\b\d{6}\b", mails[-1]["body"])
    assert code, "the mail has no code"
    return code[0]


def post(url: str, key: str, body: dict[str, object]) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our own loopback
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
