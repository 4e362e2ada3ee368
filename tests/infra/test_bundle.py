"""What Lambda gets holds all that it imports: a dependency that only our own environment has would be missed in production."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from infra.aws import bundle


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A bundle of an app that imports one thing late."""
    (tmp_path / "app.py").write_text("import chalicelib.wiring\n")
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "chalicelib" / "__init__.py").touch()
    (tmp_path / "chalicelib" / "wiring.py").write_text("def client():\n    import jmespath\n    return jmespath\n")
    return tmp_path


def test_a_dependency_that_is_missing_fails(small):
    """It is in our own environment: only a clean interpreter notices."""
    import jmespath
    assert jmespath
    with pytest.raises(SystemExit, match="jmespath"):
        bundle.check_imports(small)


def test_a_dependency_that_is_there_passes(small):
    import jmespath
    shutil.copytree(Path(jmespath.__file__).parent, small / "jmespath")
    bundle.check_imports(small)


def test_a_bundle_that_grew_too_big_fails(small, tmp_path_factory, monkeypatch):
    """Every megabyte is unpacked at every cold start."""
    monkeypatch.setattr(bundle, "MOST_BYTES", 10)
    path = tmp_path_factory.mktemp("zip") / "deployment.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.write(small / "app.py", "app.py")
    with pytest.raises(SystemExit, match="too big"):
        bundle.check(path)


def test_a_bundle_that_took_the_tests_along_fails(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "deployment.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("tests/conftest.py", "")
    with pytest.raises(SystemExit, match="does not belong"):
        bundle.check(path)
