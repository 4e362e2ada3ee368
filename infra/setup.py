"""`make setup`: install what the project needs on this machine. Does nothing when it is all there.

Standard library only. Any Python from 3.8 on can run it: it finds the Python 3.11 or newer that the rest needs.
Everything comes from a lock, which names each file's hash: infra/locks/ for PyPI, infra/npm/*/package-lock.json for npm. No
script of an npm package runs.

    .venv/               requirements.txt and requirements-dev.txt
    .engines/node/       Node and its npm, from requirements-node.txt: only where npm is missing
    .engines/dynoxide/   DynamoDB on one machine, an npm package
    .engines/axe/        axe-core, an npm package: the accessibility checks of the browser tests
    .engines/ministack/  SQS, SNS and SES on one machine, from requirements-engines.txt
    .engines/redocly/    Redocly's linter of the OpenAPI document, an npm package: only for `make lint-openapi`
    .engines/spectral/   Spectral, another one: only for `make lint-openapi`
    .engines/fuzz/       Schemathesis, from requirements-fuzz.txt: only for `make fuzz`
    .engines/lint/       cfn-lint and checkov, from requirements-lint.txt: only for `make lint-template`
    .engines/supply/     uv, pip-audit and cyclonedx-bom, from requirements-supply.txt: only for `make lock`, `audit`, `sbom`
    .engines/client/     the generator of the Python client, from requirements-client.txt: only for `make client`
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
LOCKS = ROOT / "infra" / "locks"
NPM = ROOT / "infra" / "npm"
DYNOXIDE_VERSION = "1.2.1"
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14", "python3", "python")
MACHINES = {"x86_64": "x64", "AMD64": "x64", "arm64": "arm64", "aarch64": "arm64"}
LINKED = (
    "{0} is a link to {1}, which does not hold what this tree needs: "
    "remove the link, or run `make setup` in the tree to which {1} belongs."
)
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}


def main(*more):
    # type: (*str) -> None
    ENGINES.resolve().mkdir(exist_ok=True)  # resolved: it may be a link
    with (ENGINES / "lock").open("w") as lock:  # `make run` and `make test` may be started at once
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        except ImportError:
            pass  # not on Windows
        set_up(*more)


def set_up(*more):
    # type: (*str) -> None
    make_venv(ROOT / ".venv", "requirements-dev.txt")
    make_venv(ENGINES / "ministack", "requirements-engines.txt")
    install_dynoxide()
    install_npm_package("axe")
    for name in more:
        if name in ("redocly", "spectral"):
            install_npm_package(name)
            continue
        make_venv(ENGINES / name, "requirements-{}.txt".format(name))


def make_venv(folder, requirements):
    # type: (Path, str) -> None
    make(folder, stamp_of(folder, requirements), partial(install_venv, folder.resolve(), requirements))


def stamp_of(folder, requirements):
    # type: (Path, str) -> str
    """A hash of the lock and of the path of the tree in which the folder is: a virtual environment holds absolute paths.

    Trees that share a folder by a link agree on its stamp, if they have the same lock.
    """
    tree = folder.resolve().parents[len(folder.relative_to(ROOT).parts) - 1]
    digest = hashlib.sha256(str(tree).encode())
    digest.update((LOCKS / requirements).read_bytes())
    return digest.hexdigest()


def make(folder, stamp, install):
    # type: (Path, str, object) -> None
    """Install into an empty folder unless its stamp is current. The stamp is written last."""
    marker = folder / "stamp"
    if marker.exists() and marker.read_text() == stamp:
        return
    if folder.is_symlink():
        sys.exit(LINKED.format(folder.relative_to(ROOT), os.path.realpath(str(folder))))
    print("setting up " + str(folder.relative_to(ROOT)) + " ...", flush=True)
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.mkdir(parents=True)
    install()
    marker.write_text(stamp)


def install_venv(folder, requirements):
    # type: (Path, str) -> None
    run(find_python(), "-m", "venv", str(folder))
    run(
        str(scripts_of(folder) / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--requirement",
        str(LOCKS / requirements),
    )


def install_dynoxide():
    # type: () -> None
    """Install the DynamoDB engine of this platform: from the lock, or its exact version where the lock has no hash of it."""
    package = "@dynoxide/{}-{}".format(SYSTEMS[platform.system()], MACHINES[platform.machine()])
    if package in (NPM / "dynoxide" / "package-lock.json").read_text():
        install_npm_package("dynoxide")
        return
    print("{} is not in the lock: its version is checked, and its hash is not".format(package), flush=True)
    wanted = "{}@{}".format(package, DYNOXIDE_VERSION)
    make(ENGINES / "dynoxide", wanted, partial(npm, ENGINES / "dynoxide", "install", "--no-save", wanted))


def install_npm_package(name):
    # type: (str) -> None
    lock = NPM / name / "package-lock.json"
    make(ENGINES / name, hashlib.sha256(lock.read_bytes()).hexdigest(), partial(npm_ci, name))


def npm_ci(name):
    # type: (str) -> None
    for file in ("package.json", "package-lock.json"):
        shutil.copy(str(NPM / name / file), str(ENGINES / name / file))
    npm(ENGINES / name, "ci")


def npm(folder, *command):
    # type: (Path, *str) -> None
    """Run npm in a folder. No package's script runs."""
    program = find_npm()
    scripts = os.pathsep.join([str(Path(program).parent), os.environ.get("PATH", "")])  # npm starts the `node` beside it
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    run(program, command[0], "--prefix", str(folder), *quiet, *command[1:], env=dict(os.environ, PATH=scripts))


def find_npm():
    # type: () -> str
    """The machine's npm, or the one of the Node on PyPI, in a virtual environment of its own."""
    npm = shutil.which("npm")
    if npm:
        return npm
    folder = ENGINES / "node"
    make_venv(folder, "requirements-node.txt")
    return str(scripts_of(folder) / ("npm.exe" if os.name == "nt" else "npm"))


def scripts_of(folder):
    # type: (Path) -> Path
    return folder / ("Scripts" if os.name == "nt" else "bin")


def find_python():
    # type: () -> str
    for name in PYTHONS:
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]) == 0:
            return path
    sys.exit("Python 3.11 or newer is needed, and none of {} is it.".format(", ".join(PYTHONS)))


def run(*command, **options):
    # type: (*str, **object) -> None
    if subprocess.call(command, cwd=str(ROOT), **options) != 0:
        sys.exit("failed: " + " ".join(command))


if __name__ == "__main__":
    main(*sys.argv[1:])
