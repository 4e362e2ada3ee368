"""`make audit`: are vulnerabilities known of what the locks name? Ends with 1 where one is.

Where the advisories of OSV can be reached, pip-audit asks them about every lock of PyPI. Everywhere, also without network, the
locks are checked against infra/advisories.json: the advisories of the Python Packaging Authority about the same packages, as
they were on the date that the file states. That check cannot know what was found after its date, and it says so. The locks of
npm, that of the TypeScript client too, are checked by `npm audit` where the registry answers.
`python -m infra.audit snapshot <clone of pypa/advisory-database>` makes the file again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from infra.setup import ENGINES, LOCKS, NPM, ROOT, find_npm, scripts_of

SNAPSHOT = Path(__file__).with_name("advisories.json")
ADVISORIES = "https://api.osv.dev/v1/vulns/PYSEC-2021-66"
"""One that exists: asked to learn whether any can be."""
REACHED_IN_SECONDS = 5
CLIENTS = ROOT / "clients"
Advisory = dict[str, Any]


def locked() -> dict[str, set[str]]:
    """Returns each package of the locks with its versions."""
    found: dict[str, set[str]] = {}
    for lock in LOCKS.glob("*.txt"):
        for line in lock.read_text().splitlines():
            if line[:1].isalnum():
                requirement = Requirement(line.rstrip("\\ "))
                found.setdefault(canonicalize_name(requirement.name), set()).add(str(requirement.specifier).lstrip("="))
    return found


def affects(advisory: Advisory, version: str) -> bool:
    """Tells whether an advisory is about a version: it is listed, or lies in a range of versions."""
    return version in advisory["versions"] or any(_in_range(events, Version(version)) for events in advisory["ranges"])


def _in_range(events: list[dict[str, str]], version: Version) -> bool:
    """Follows OSV's events in the order of versions: the last one at or below the version says whether it is affected."""
    affected = False
    for at, what in sorted((Version(at), what) for event in events for what, at in event.items()):
        if what == "last_affected":
            affected = affected and version <= at
        elif version >= at:
            affected = what == "introduced"
    return affected


def known(packages: dict[str, set[str]], advisories: dict[str, list[Advisory]]) -> Iterator[str]:
    """Yields a line for each vulnerability of a version."""
    for name, versions in sorted(packages.items()):
        for version in sorted(versions):
            for advisory in advisories.get(name, ()):
                if affects(advisory, version):
                    yield f"{name} {version}: {advisory['id']} ({', '.join(advisory['aliases'])}) {advisory['details'][:200]}"


def check_snapshot() -> bool:
    """Checks the locks against the file; tells whether nothing was found."""
    snapshot, packages = json.loads(SNAPSHOT.read_text()), locked()
    found = list(known(packages, snapshot["advisories"]))
    count = sum(map(len, snapshot["advisories"].values()))
    print(
        f"{len(packages)} packages against {count} advisories about {len(snapshot['advisories'])} of them, as of "
        f"{snapshot['date']}: {len(found)} known vulnerabilities. Later advisories are not in this file.",
        *found,
        sep="\n",
    )
    return not found


def reached() -> bool:
    """Tells whether the current advisories can be reached."""
    try:
        with urllib.request.urlopen(ADVISORIES, timeout=REACHED_IN_SECONDS):
            return True
    except (urllib.error.URLError, TimeoutError):
        return False


def check_current() -> bool:
    """Lets pip-audit check every lock. Tells whether nothing was found."""
    program, clean = str(scripts_of(ENGINES / "supply") / "pip-audit"), True
    for lock in sorted(LOCKS.glob("*.txt")):
        print(lock.name, flush=True)
        command = [program, "--strict", "--vulnerability-service", "osv", "--disable-pip", "--require-hashes", "-r", str(lock)]
        clean = subprocess.run(command, check=False).returncode == 0 and clean
    return clean


def npm_locks() -> list[Path]:
    """Returns the folders of all locks of npm."""
    return sorted(path.parent for path in (*NPM.glob("*/package-lock.json"), *CLIENTS.glob("*/package-lock.json")))


def check_npm() -> bool:
    """Lets npm check its locks. Tells whether nothing was found; where the registry does not answer, says so."""
    clean = True
    for folder in npm_locks():
        command = [find_npm(), "audit", "--json", "--package-lock-only", "--prefix", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        told = vulnerable(done.stdout)
        name = folder.relative_to(ROOT)
        print(
            f"{name}: the registry did not answer, nothing was checked" if told is None else f"{name}: {len(told)} vulnerable",
            *told or (),
        )
        clean = clean and not told
    return clean


def vulnerable(report: str) -> list[str] | None:
    """Reads the report of `npm audit`: the packages with a known vulnerability. None: it is no report."""
    try:
        found = json.loads(report)
    except ValueError:
        return None
    return sorted(found["vulnerabilities"]) if "vulnerabilities" in found else None


def make_snapshot(database: str) -> None:
    """Writes the advisories about the locked packages, out of a clone of the database."""
    git = ("git", "-C", database)
    commit, date = subprocess.check_output([*git, "log", "-1", "--format=%H %cs"], text=True).split()
    advisories: dict[str, list[Advisory]] = {}
    for name in sorted(locked()):
        listed = subprocess.check_output([*git, "ls-tree", "--name-only", "HEAD", f"vulns/{name}/"], text=True).split()
        for path in listed:
            entry = yaml.safe_load(subprocess.check_output([*git, "show", f"HEAD:{path}"], text=True))
            if not entry.get("withdrawn"):
                advisories.setdefault(name, []).append(_shortened(entry, name))
    about = {"source": "pypa/advisory-database", "license": "CC-BY-4.0", "commit": commit, "date": date}
    SNAPSHOT.write_text(json.dumps({**about, "advisories": advisories}, indent=1, default=str) + "\n")


def _shortened(entry: dict[str, Any], name: str) -> Advisory:
    affected = [one for one in entry["affected"] if canonicalize_name(one["package"]["name"]) == name]
    ranges = [one["events"] for part in affected for one in part.get("ranges", ()) if one["type"] == "ECOSYSTEM"]
    versions = [] if ranges else [str(one) for part in affected for one in part.get("versions", ())]
    return {
        "id": entry["id"],
        "aliases": entry.get("aliases", []),
        "details": " ".join(entry["details"].split())[:200],
        "ranges": [[{key: str(value) for key, value in event.items()} for event in events] for events in ranges],
        "versions": versions,
    }


def main() -> None:
    if sys.argv[1:2] == ["snapshot"]:
        make_snapshot(sys.argv[2])
        return
    clean = check_snapshot()
    clean = check_npm() and clean
    if reached():
        clean = check_current() and clean
    else:
        print("The current advisories are out of reach: nothing newer than the file was checked.")
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
