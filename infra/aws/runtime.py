"""What the functions run on, and the packages for it, whatever Python and machine the operator has.

Lambda's Python is pinned here: Chalice would take the operator's. pip fetches wheels for that Python,
Linux and architecture, each with a hash of the lock; nothing is compiled.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_GLIBC_MINORS = (34, 28, 27, 24, 17, 12, 5)
"""Versions of glibc 2 that wheels are built for. Amazon Linux 2023, on which Python 3.12 and newer run, has 2.34."""
_ELF_MACHINES = {"x86_64": 62, "aarch64": 183}
_LAMBDA_NAMES = {"x86_64": "x86_64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Runtime:
    """A Python version ("3.13") and a machine ("x86_64", "aarch64") on Linux. `is_local`: this interpreter on this machine."""

    python: str
    machine: str
    is_local: bool = False

    @property
    def name(self) -> str:
        """Lambda's name of the runtime."""
        return f"python{self.python}"

    @property
    def architecture(self) -> str:
        """Lambda's name of the machine."""
        return _LAMBDA_NAMES.get(self.machine, self.machine)

    @property
    def runs_here(self) -> bool:
        """Whether this interpreter can import packages made for this runtime."""
        return self.is_local or (self.python, self.machine, "Linux") == (_this_python(), platform.machine(), platform.system())

    def interpreter(self) -> str | None:
        """An interpreter of the same version, which can make bytecode for it, or None."""
        path = sys.executable if self.python == _this_python() else shutil.which(self.name)
        if path is None or subprocess.run([path, "-c", ""], check=False, capture_output=True).returncode:
            return None  # a shim of a version manager may be there without its Python
        return path

    def install(self, lock: Path, folder: Path) -> None:
        """Installs the wheels of a lock into a folder. Ends the program where a package has none for this runtime."""
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"]
        command += ["--target", str(folder), "--require-hashes", "--requirement", str(lock), *self._pip_options()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"The packages of {lock.name} could not be installed for {self.name} on {self.machine}:\n{done.stderr}")

    def _pip_options(self) -> list[str]:
        if self.is_local:
            return ["--only-binary", ":all:"]
        legacy = ["manylinux2014", "manylinux2010", "manylinux1"] if self.machine == "x86_64" else ["manylinux2014"]
        platforms = [f"manylinux_2_{minor}_{self.machine}" for minor in _GLIBC_MINORS] + [
            f"{one}_{self.machine}" for one in legacy
        ]
        options = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", self.python]
        return options + [word for one in platforms for word in ("--platform", one)]

    def fits_tag(self, tag: str) -> bool:
        """Whether a wheel of this tag, like `cp313-cp313-manylinux_2_17_x86_64`, runs here."""
        interpreter, abi, wanted = tag.split("-")
        if wanted == "any":
            return interpreter.startswith("py") or abi == "none"
        linux = re.fullmatch(rf"manylinux(?:_2_(\d+)|1|2010|2014)_{self.machine}", wanted)
        minor, ours = interpreter.removeprefix("cp3"), self.python.partition(".")[2]
        is_ours = minor == ours or (abi == "abi3" and minor.isdigit() and int(minor) <= int(ours))
        return bool(linux) and int((linux and linux[1]) or 17) <= max(_GLIBC_MINORS) and is_ours

    def fits_library(self, name: str, content: bytes) -> bool:
        """Whether a compiled module is for this runtime, by its name and by the machine in its header."""
        own_suffix = re.search(r"\.(cpython-(\d+)-[\w-]+|abi3)\.so$", name)
        is_ours = own_suffix is None or own_suffix[1] == "abi3" or own_suffix[2] == self.python.replace(".", "")
        machine = int.from_bytes(content[18:20], "little")
        return content[:4] == b"\x7fELF" and machine == _ELF_MACHINES[self.machine] and is_ours


def _this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


LAMBDA = Runtime("3.13", "x86_64")
"""The runtime of the functions on AWS. requirements.txt has wheels for it, which tests/infra/test_runtime.py checks."""


def local() -> Runtime:
    """This interpreter on this machine: what the local engine runs functions with."""
    return Runtime(_this_python(), platform.machine(), is_local=True)
