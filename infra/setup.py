"""`make setup`: everything that the project needs on this machine, once. Does nothing when all is as the files ask.

Standard library only, and no newer Python than 3.8 to read it: it finds the 3.11 that the rest wants.

    .venv/               requirements.txt and requirements-dev.txt
    .engines/dynoxide/   DynamoDB on one machine, an npm package; without npm MiniStack's own DynamoDB serves
    .engines/axe/        axe-core, an npm package: what the pages' browser tests ask about accessibility
    .engines/ministack/  SQS, SNS and SES on one machine, from requirements-engines.txt
    .engines/redocly/    Redocly's linter of the API's document, an npm package: where asked for, as `make lint-openapi` does
    .engines/fuzz/       Schemathesis, from requirements-fuzz.txt: where asked for, as `make fuzz` does
    .engines/lint/       cfn-lint and checkov, from requirements-lint.txt: only where asked for, as `make lint-template` does
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ROOT / ".engines"
DYNOXIDE_VERSION = "1.2.1"
AXE_VERSION = "4.14.1"
REDOCLY_VERSION = "2.77.0"
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14", "python3", "python")
MACHINES = {"x86_64": "x64", "AMD64": "x64", "arm64": "arm64", "aarch64": "arm64"}
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}


def main(*more):
    # type: (*str) -> None
    ENGINES.mkdir(exist_ok=True)
    with (ENGINES / "lock").open("w") as lock:  # `make run` and `make test` may be started at once
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        except ImportError:
            pass  # not on Windows
        set_up(*more)


def set_up(*more):
    # type: (*str) -> None
    make(
        ROOT / ".venv",
        stamp_of("requirements.txt", "requirements-dev.txt"),
        lambda: install_venv(ROOT / ".venv", "requirements-dev.txt"),
    )
    make(
        ENGINES / "ministack",
        stamp_of("requirements-engines.txt"),
        lambda: install_venv(ENGINES / "ministack", "requirements-engines.txt"),
    )
    npm = shutil.which("npm")
    if npm:
        make(ENGINES / "dynoxide", "dynoxide " + DYNOXIDE_VERSION, lambda: install_dynoxide(npm))
        make(ENGINES / "axe", "axe " + AXE_VERSION, lambda: install_npm(npm, "axe", "axe-core@" + AXE_VERSION))
    elif not (ENGINES / "dynoxide" / "stamp").exists():
        print("npm is not installed: MiniStack's own DynamoDB will serve, which keeps data only over a clean stop.")
    for name in more:
        if name == "redocly":
            if not npm:
                sys.exit("npm is not installed, and Redocly's linter comes by it.")
            package = "@redocly/cli@" + REDOCLY_VERSION
            make(ENGINES / name, package, partial(install_npm, npm, name, package))
            continue
        requirements = "requirements-{}.txt".format(name)
        make(ENGINES / name, stamp_of(requirements), partial(install_venv, ENGINES / name, requirements))


def stamp_of(*names):
    # type: (*str) -> str
    """Changes when one of the files does, or when the tree was moved: a virtual environment holds absolute paths."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make(folder, stamp, install):
    # type: (Path, str, object) -> None
    """Installs into an empty folder unless its stamp says that it is done; the stamp is written last."""
    marker = folder / "stamp"
    if marker.exists() and marker.read_text() == stamp:
        return
    print("setting up " + str(folder.relative_to(ROOT)) + " ...", flush=True)
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.mkdir(parents=True)
    install()
    marker.write_text(stamp)


def install_venv(folder, requirements):
    # type: (Path, str) -> None
    run(find_python(), "-m", "venv", str(folder))
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    run(
        str(scripts / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
        str(ROOT / requirements),
    )


def install_dynoxide(npm):
    # type: (str) -> None
    package = "@dynoxide/{}-{}@{}".format(SYSTEMS[platform.system()], MACHINES[platform.machine()], DYNOXIDE_VERSION)
    install_npm(npm, "dynoxide", package)


def install_npm(npm, folder, package):
    # type: (str, str, str) -> None
    run(npm, "install", "--prefix", str(ENGINES / folder), "--no-save", "--no-audit", "--no-fund", "--silent", package)


def find_python():
    # type: () -> str
    for name in PYTHONS:
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]) == 0:
            return path
    sys.exit("Python 3.11 or newer is needed, and none of {} is it.".format(", ".join(PYTHONS)))


def run(*command):
    # type: (*str) -> None
    if subprocess.call(command, cwd=str(ROOT)) != 0:
        sys.exit("failed: " + " ".join(command))


if __name__ == "__main__":
    main(*sys.argv[1:])
