"""Makes the Lambda bundle: only what is needed, with all imports, identical for an identical tree."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from infra.aws.runtime import LAMBDA, Runtime

MOST_BYTES = 46_000_000
"""Unzipped, bytecode included."""
SERVICES = ("dynamodb", "lambda", "s3", "sesv2", "sns", "sqs", "ssm", "sts")
"""The SDK's service descriptions that stay, of 400: what wiring.py and the table call."""
OF_THE_RUNTIME = {"snapshot_restore_py"}
"""What Lambda's runtimes provide and no package contains."""
_DESCRIPTIONS = "botocore/data/"
_ENDPOINTS = "botocore/data/endpoints.json"
_METADATA = ".dist-info/METADATA"
_ENDPOINT_PREFIXES = {"sesv2": "email"}
_NOT_USED = re.compile(
    r"""(boto3|s3transfer|cffi|pycparser)/        # clients are botocore's; what compiles PyNaCl is not needed to run it
      | (boto3|s3transfer|cffi|pycparser)-[^/]*\.dist-info/
      | [^/]+\.dist-info/(RECORD$|sboms/)
      | icalendar/(tests|fuzzing)/
      | holidays/locale/                          # names of holidays: we ask for days
      | dateutil/zoneinfo/.*\.tar\.gz$            # a second copy of the time zones: zoneinfo reads those of tzdata
      | phonenumbers/shortdata/region_
      | pydantic/(v1/|mypy\.py)                   # models of its former version, and its plugin of the type checker
      | botocore/cacert\.pem                      # botocore takes certifi's, which requests brings
      | chalicelib/.*\.po$                        # what catalogues are compiled from
      | .*\.(pyi|typed|h|c)$""",
    re.VERBOSE,
)
"""What no function opens. `check` imports every module of ours from what is left."""
_RARELY_IMPORTED = re.compile(
    r"holidays/(countries|financial|calendars/germany_school)|phonenumbers/data/(region_(?!US)|alt_format_)|icalendar/"
)
"""Modules of which a function imports none, or one of many: without bytecode they take half the room. icalendar takes a cold
start 0.2 s more, which programs that ask for a calendar wait for, and no person.
"""
_ALWAYS_THE_SAME = (2026, 1, 1, 0, 0, 0)
_NOT_OURS = ("tests/", "infra/", "bench/", ".env")
_TELL_THE_PLATFORM = (".so", ".pyd", ".dylib", ".dist-info/WHEEL")
_IMPORT_ALL = """
import importlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path[:] = [str(root)] + [path for path in sys.path if path.endswith((".zip", "lib-dynload")) or path == sys.argv[2]]
sys.path_importer_cache.clear()
modules = ["app"] + [".".join(file.relative_to(root).with_suffix("").parts) for file in sorted(root.glob("chalicelib/**/*.py"))]
for module in modules:
    importlib.import_module(module.removesuffix(".__init__"))
for module in sys.argv[4:]:
    importlib.import_module(module)
elsewhere = [name for name, module in sys.modules.items() if (file := getattr(module, "__file__", None))
             and "site-packages" in file and not file.startswith(str(root))]
for service in filter(None, sys.argv[3].split(",")):
    __import__("botocore.session").session.get_session().create_client(service, region_name="us-east-1")
if sys.argv[3]:
    open(importlib.import_module("botocore.httpsession").get_cert_path(True)).close()
sys.exit("imported from outside the bundle: " + ", ".join(elsewhere) if elsewhere else 0)
"""


def add(path: Path, folder: Path) -> None:
    """Add a folder of installed packages. What the bundle holds already stays."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as bundle:
        there = set(bundle.namelist())
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder).as_posix()
            if file.is_file() and name not in there and not name.startswith("bin/"):
                bundle.write(file, name)


def slim(path: Path, runtime: Runtime = LAMBDA) -> None:
    """Remove what no function needs, and time stamps, so that an unchanged tree is not deployed again."""
    with zipfile.ZipFile(path) as whole:
        kept = {name: whole.read(name) for name in whole.namelist() if is_needed(name)}
    kept |= {name: without_description(content) for name, content in kept.items() if name.endswith(_METADATA)}
    if _ENDPOINTS in kept:
        kept[_ENDPOINTS] = endpoints_of_services(kept[_ENDPOINTS])
    compiled = {name: content for name, content in kept.items() if name.endswith(".py") and not _RARELY_IMPORTED.match(name)}
    kept |= bytecode(compiled, runtime.interpreter())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted(kept.items()):
            entry = zipfile.ZipInfo(name, _ALWAYS_THE_SAME)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            bundle.writestr(entry, content)


def bytecode(sources: Mapping[str, bytes], interpreter: str | None = sys.executable) -> dict[str, bytes]:
    """`__pycache__/…pyc` of every module: Lambda's file system is read-only, so a bundle without them compiles all that it
    imports at every cold start. "unchecked-hash": no time stamps, and the source is not read again.

    Only an interpreter of the runtime's minor version can make them. Where there is none, the functions compile.
    """
    if interpreter is None:
        print("No interpreter of the functions' Python here: the bundle has no bytecode, and cold starts take longer.")
        return {}
    with tempfile.TemporaryDirectory(prefix="heardback-bytecode-") as name:
        folder = Path(name)
        for path, content in sources.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        command = [interpreter, "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", name, name]
        subprocess.run(
            command, check=False, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )  # templates of other packages
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.glob("**/*.pyc")}


def endpoints_of_services(content: bytes) -> bytes:
    """Leaves the endpoints of `SERVICES`, of 300: each process reads the file at its first client, 24 ms for all of it."""
    found = json.loads(content)
    called = {_ENDPOINT_PREFIXES.get(service, service) for service in SERVICES}
    for partition in found["partitions"]:
        partition["services"] = {name: one for name, one in partition["services"].items() if name in called}
    return json.dumps(found, separators=(",", ":"), sort_keys=True).encode()


def without_description(metadata: bytes) -> bytes:
    """Leaves out of a package's metadata its read-me: a third of a megabyte. Names, versions and licenses come before it."""
    return metadata.partition(b"\n\n")[0] + b"\n"


def is_needed(name: str) -> bool:
    """Remove descriptions of services that are not called, half of the bundle, and what no function opens.

    Files directly in data/ serve all.
    """
    if _NOT_USED.match(name):
        return False
    folder, _, below = name.removeprefix(_DESCRIPTIONS).partition("/")
    return not name.startswith(_DESCRIPTIONS) or not below or (folder in SERVICES and "/examples-" not in name)


def check(path: Path, runtime: Runtime = LAMBDA) -> int:
    """Ends the program where the bundle is too big, holds what it must not, or lacks an import. Returns its unzipped bytes."""
    with zipfile.ZipFile(path) as bundle:
        names = bundle.namelist()
        size = sum(entry.file_size for entry in bundle.infolist())
        strange = [name for name in names if name.startswith(_NOT_OURS)]
        if strange:
            sys.exit(f"the bundle holds what does not belong there: {', '.join(strange[:5])}")
        print(
            f"The bundle: {path.stat().st_size / 1e6:.1f} MB zipped, {size / 1e6:.1f} MB unzipped "
            f"(at most {MOST_BYTES / 1e6:.0f}), {len(names)} files, for {runtime.name} on {runtime.machine}."
        )
        if size > MOST_BYTES:
            sys.exit("the bundle is too big")
        if not runtime.is_local:
            check_platform({name: bundle.read(name) for name in names if name.endswith(_TELL_THE_PLATFORM)}, runtime)
        with tempfile.TemporaryDirectory(prefix="heardback-bundle-") as folder:
            bundle.extractall(folder)
            if runtime.runs_here:
                check_imports(Path(folder))
            else:
                check_contents(Path(folder))
    return size


def check_platform(files: Mapping[str, bytes], runtime: Runtime = LAMBDA) -> None:
    """Ends the program where a wheel or a compiled module is for another Python or machine."""
    foreign = []
    for name, content in files.items():
        if name.endswith("/WHEEL"):
            tags = [line.partition(":")[2].strip() for line in content.decode().splitlines() if line.startswith("Tag:")]
            if not any(runtime.fits_tag(tag) for tag in tags):
                foreign.append(f"{name} ({', '.join(tags)})")
        elif not runtime.fits_library(name, content):
            foreign.append(name)
    if foreign:
        sys.exit(f"not for {runtime.name} on {runtime.machine}: {', '.join(foreign)}")


def check_contents(folder: Path) -> None:
    """Where the bundle cannot be imported here: every module that our code imports lies in it or is Python's own."""
    wanted = {name.partition(".")[0] for name in late_imports(folder)} - sys.stdlib_module_names
    missing = sorted(name for name in wanted if not _holds(folder, name))
    if missing:
        sys.exit(f"the bundle lacks something: {', '.join(missing)}")


def _holds(folder: Path, module: str) -> bool:
    return (folder / module).is_dir() or (folder / f"{module}.py").exists() or any(folder.glob(f"{module}.*.so"))


def check_imports(folder: Path) -> None:
    """Import every module of ours, with late imports, from the bundle and the standard library alone."""
    standard = next(path for path in sys.path if path.endswith(f"python{sys.version_info.major}.{sys.version_info.minor}"))
    services = ",".join(SERVICES) if (folder / "botocore").exists() else ""
    command = [sys.executable, "-I", "-S", "-c", _IMPORT_ALL, str(folder), standard, services, *sorted(late_imports(folder))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        sys.exit(f"the bundle lacks something:\n{done.stderr}")


def late_imports(folder: Path) -> set[str]:
    """Modules that our code imports, also inside functions, which importing our modules would not reach."""
    found: set[str] = set()
    for file in [folder / "app.py", *folder.glob("chalicelib/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return found - OF_THE_RUNTIME


if __name__ == "__main__":
    check(Path(sys.argv[1]))
