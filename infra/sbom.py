"""`make sbom`: the bill of materials of what a deployment carries, as CycloneDX 1.6 in out/sbom.json.

cyclonedx-py reads the packages and their hashes from infra/locks/requirements.txt. This adds the style sheets and scripts of
other projects among chalicelib/web/static. The same tree makes the same file.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from typing import Any

from chalicelib import __version__
from infra.setup import ENGINES, LOCKS, ROOT, scripts_of

STATIC = ROOT / "chalicelib" / "web" / "static"
NPM_NAMES = {"htmx": "htmx.org", "pico": "@picocss/pico", "redoc": "redoc"}
"""Name in our file name -> package on npm that the file comes from."""
_VERSIONED = re.compile(r"([a-z]+)-([0-9]+(?:\.[0-9]+)+)\.(?:js|css)")


def bill() -> dict[str, Any]:
    """Returns the document."""
    program = str(scripts_of(ENGINES / "supply") / "cyclonedx-py")
    command = [program, "requirements", "--output-reproducible", "--spec-version", "1.6", str(LOCKS / "requirements.txt")]
    document: dict[str, Any] = json.loads(subprocess.check_output(command, text=True))
    document["metadata"]["component"] = {
        "type": "application",
        "bom-ref": "heardback",
        "name": "heardback",
        "version": __version__,
    }
    document["components"] += static_components()
    return document


def static_components() -> list[dict[str, Any]]:
    """Returns what other projects wrote of the pages' static files."""
    found = []
    for file in sorted(STATIC.iterdir()):
        if match := _VERSIONED.fullmatch(file.name):
            name, version = NPM_NAMES[match[1]], match[2]
            found.append(
                {
                    "type": "library",
                    "bom-ref": f"static-{file.name}",
                    "name": name,
                    "version": version,
                    "purl": f"pkg:npm/{name.replace('@', '%40')}@{version}",
                    "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}],
                }
            )
    return found


def main() -> None:
    out = ROOT / "out" / "sbom.json"
    out.parent.mkdir(exist_ok=True)
    document = bill()
    out.write_text(json.dumps(document, indent=2) + "\n")
    sys.stdout.write(f"{len(document['components'])} components in {out.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
