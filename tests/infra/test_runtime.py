"""The bundle is for Lambda's Python on Linux, whatever the operator has; a foreign one is refused before it is uploaded."""

from __future__ import annotations

import struct
import sys

import pytest

from infra.aws import bundle
from infra.aws.package import LOCK
from infra.aws.runtime import LAMBDA, Runtime, local

ARM = Runtime("3.13", "aarch64")
X86, AARCH64 = 62, 183


def elf(machine: int) -> bytes:
    return b"\x7fELF" + bytes(14) + struct.pack("<H", machine) + bytes(40)


def wheel(*tags: str) -> bytes:
    return "\n".join(["Wheel-Version: 1.0", *(f"Tag: {tag}" for tag in tags)]).encode()


@pytest.mark.parametrize(
    ("tag", "fits"),
    [
        ("py3-none-any", True),
        ("py2-none-any", True),
        ("cp313-cp313-manylinux_2_17_x86_64", True),
        ("cp313-cp313-manylinux2014_x86_64", True),
        ("cp38-abi3-manylinux_2_34_x86_64", True),
        ("cp314-abi3-manylinux_2_17_x86_64", False),
        ("cp311-cp311-manylinux_2_17_x86_64", False),
        ("cp313-cp313-manylinux_2_39_x86_64", False),
        ("cp313-cp313-manylinux_2_17_aarch64", False),
        ("cp313-cp313-musllinux_1_2_x86_64", False),
        ("cp313-cp313-macosx_11_0_arm64", False),
        ("cp313-cp313-win_amd64", False),
    ],
)
def test_a_wheel_fits_by_its_python_machine_and_glibc(tag, fits):
    assert LAMBDA.fits_tag(tag) is fits


@pytest.mark.parametrize(
    ("name", "content", "fits"),
    [
        ("nacl/_sodium.abi3.so", elf(X86), True),
        ("a.cpython-313-x86_64-linux-gnu.so", elf(X86), True),
        ("libs/plain.so", elf(X86), True),
        ("a.cpython-311-x86_64-linux-gnu.so", elf(X86), False),
        ("nacl/_sodium.abi3.so", elf(AARCH64), False),
        ("a.cpython-313-darwin.so", b"\xcf\xfa\xed\xfe" + bytes(60), False),
        ("a.pyd", b"MZ" + bytes(60), False),
        ("liba.dylib", b"\xcf\xfa\xed\xfe" + bytes(60), False),
    ],
)
def test_a_compiled_module_fits_by_its_header_too(name, content, fits):
    """An operator's Mac would put its own modules into the bundle, and every function would fail at its first request."""
    assert LAMBDA.fits_library(name, content) is fits
    assert ARM.fits_library("a.abi3.so", elf(AARCH64))


def test_a_foreign_bundle_is_named_and_refused():
    with pytest.raises(SystemExit, match=r"not for python3.13 on x86_64: a-1.dist-info/WHEEL \(cp311-cp311-macosx_11_0_arm64\)"):
        bundle.check_platform(
            {"a-1.dist-info/WHEEL": wheel("cp311-cp311-macosx_11_0_arm64"), "b-1.dist-info/WHEEL": wheel("py3-none-any")}
        )
    with pytest.raises(SystemExit, match=r"c\.abi3\.so"):
        bundle.check_platform({"c.abi3.so": elf(AARCH64)})
    bundle.check_platform({"c.abi3.so": elf(X86)})


def test_a_bundle_that_cannot_be_imported_here_is_checked_by_its_contents(tmp_path):
    """On a Mac nothing of the bundle runs; a module that it lacks is found all the same."""
    (tmp_path / "app.py").write_text("import json\nimport chalicelib\ndef late():\n    import jmespath.parser, _cffi_backend\n")
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "_cffi_backend.cpython-313-x86_64-linux-gnu.so").touch()
    with pytest.raises(SystemExit, match="lacks something: jmespath"):
        bundle.check_contents(tmp_path)
    (tmp_path / "jmespath").mkdir()
    bundle.check_contents(tmp_path)


def test_bytecode_is_only_made_by_the_runtimes_own_version(capsys):
    """Another version's files would be passed over, and take room."""
    assert bundle.bytecode({"a.py": b"x = 1\n"}, None) == {}
    assert "no bytecode" in capsys.readouterr().out
    assert local().interpreter() == sys.executable
    assert Runtime("3.98", "x86_64").interpreter() is None


def test_only_this_interpreter_on_this_machine_imports_a_bundle():
    assert local().runs_here
    assert not Runtime("3.98", "x86_64").runs_here and not Runtime("3.98", "riscv64").runs_here


def test_a_package_added_never_replaces_our_code(tmp_path):
    import zipfile

    (packages := tmp_path / "packages").mkdir()
    (packages / "app.py").write_text("theirs = 1\n")
    (packages / "bin").mkdir()
    (packages / "bin" / "script").touch()
    (packages / "one.py").touch()
    with zipfile.ZipFile(path := tmp_path / "deployment.zip", "w") as file:
        file.writestr("app.py", "ours = 1\n")
    bundle.add(path, packages)
    with zipfile.ZipFile(path) as file:
        assert sorted(file.namelist()) == ["app.py", "one.py"] and file.read("app.py") == b"ours = 1\n"


@pytest.mark.long
@pytest.mark.parametrize("runtime", [LAMBDA, ARM], ids=["x86_64", "aarch64"])
def test_every_package_has_a_wheel_for_the_runtime(runtime, tmp_path):
    """Fetched from the registry for Lambda's Python, on both architectures; nothing is compiled by the operator."""
    runtime.install(LOCK, tmp_path)
    told = (".so", ".pyd", ".dylib")
    files = {str(file): file.read_bytes() for file in tmp_path.rglob("*") if file.suffix in told or file.name == "WHEEL"}
    assert len(files) > 20
    bundle.check_platform(files, runtime)
