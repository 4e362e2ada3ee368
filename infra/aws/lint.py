"""`make lint-template`: the packaged template under cfn-lint (AWS's own schemas) and checkov (security rules)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.aws.package import ROOT, package_template

TOOLS = ROOT / ".engines" / "lint" / "bin"
SKIPS = ROOT / "infra" / "aws" / "checkov.yaml"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="heardback-lint-") as folder:
        template = str(package_template("prod", Path(folder)))
        run("cfn-lint", "--regions", "us-east-1", "eu-west-1", "--", template)
        run("checkov", "--config-file", str(SKIPS), "--file", template)
    print("cfn-lint and checkov have nothing against the template.")


def run(*command: str) -> None:
    """No network: rules and schemas come with the tools."""
    quiet = {**os.environ, "LOG_LEVEL": "CRITICAL", "BC_SKIP_MAPPING": "TRUE"}
    done = subprocess.run([str(TOOLS / command[0]), *command[1:]], check=False, env=quiet, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]}:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
