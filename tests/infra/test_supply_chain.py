"""Everything that is installed comes from a lock with hashes, and known vulnerabilities in it are found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import audit, sbom
from infra.audit import npm_locks, vulnerable
from infra.setup import LOCKS, NPM, ROOT

REQUIREMENTS = sorted(path.name for path in ROOT.glob("requirements*.txt"))
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)


def pins(path: Path) -> dict[str, str]:
    return {name.lower().replace("_", "-").replace(".", "-"): version for name, version in PINNED.findall(path.read_text())}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_a_lock_has_every_pin_of_its_requirements(name: str) -> None:
    assert pins(ROOT / name).items() <= pins(LOCKS / name).items()


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_package_of_a_lock_has_hashes(name: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + (LOCKS / name).read_text())[1:]
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_bundle_and_the_tests_run_the_same_versions() -> None:
    assert pins(LOCKS / "requirements.txt").items() <= pins(LOCKS / "requirements-dev.txt").items()


@pytest.mark.parametrize("package", sorted(path.name for path in NPM.iterdir()))
def test_an_npm_lock_has_the_hash_of_every_package_and_no_install_script(package: str) -> None:
    wanted = json.loads((NPM / package / "package.json").read_text())["dependencies"]
    packages = json.loads((NPM / package / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["dependencies"] == wanted
    assert {f"node_modules/{name}" for name in wanted} <= packages.keys()
    assert all(one["integrity"].startswith("sha512-") and not one.get("hasInstallScript") for one in packages.values())


def test_the_audit_covers_every_lock_of_npm() -> None:
    """Also that of the TypeScript client, which developers of apps install."""
    assert {path.name for path in NPM.iterdir()} | {"typescript"} == {folder.name for folder in npm_locks()}


def test_a_report_of_npm_names_what_is_vulnerable() -> None:
    """An error of the registry is no report: it must not count as clean."""
    assert vulnerable('{"vulnerabilities": {"b": {}, "a": {}}}') == ["a", "b"]
    assert vulnerable('{"vulnerabilities": {}}') == []
    assert vulnerable('{"error": {"code": "ENOAUDIT"}}') is None
    assert vulnerable("") is None


def test_a_file_that_is_not_the_locked_one_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "six-1.17.0-py2.py3-none-any.whl").write_bytes(b"another file of the same name")
    lock = tmp_path / "lock.txt"
    lock.write_text("".join(re.findall(r"six==1.17.0.*?(?=\n[a-z])", (LOCKS / "requirements.txt").read_text(), re.S)))
    command = [sys.executable, "-m", "pip", "download", "--no-index", "--find-links", str(tmp_path), "--no-deps"]
    done = subprocess.run(
        [*command, "--require-hashes", "-r", str(lock), "-d", str(tmp_path / "got")], capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert "HASHES" in done.stderr


@pytest.mark.parametrize(
    ("version", "affected"),
    [("2.11.2", True), ("2.11.3", False), ("2.0rc1", True), ("3.0", True), ("3.1.0", True), ("3.1.1", False), ("10.0", False)],
)
def test_a_version_in_a_range_of_an_advisory_is_affected(version: str, affected: bool) -> None:
    events = [{"introduced": "0"}, {"fixed": "2.11.3"}, {"introduced": "3"}, {"last_affected": "3.1.0"}]
    assert audit.affects({"versions": [], "ranges": [events]}, version) is affected


def test_a_vulnerable_version_is_named() -> None:
    advisories = json.loads(audit.SNAPSHOT.read_text())["advisories"]
    assert [line.split()[2] for line in audit.known({"jinja2": {"2.11.2"}}, advisories)][:1] == ["PYSEC-2021-66"]


def test_nothing_locked_is_known_as_vulnerable() -> None:
    assert audit.check_snapshot()


def test_the_advisories_say_their_date_and_source() -> None:
    snapshot = json.loads(audit.SNAPSHOT.read_text())
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", snapshot["date"])
    assert re.fullmatch("[0-9a-f]{40}", snapshot["commit"])


def test_the_bill_of_materials_names_the_scripts_and_styles_of_others() -> None:
    static = {f"{one['name']} {one['version']}" for one in sbom.static_components()}
    assert static == {"htmx.org 2.0.11", "@picocss/pico 2.1.1", "redoc 2.5.4"}
