"""The bundle holds everything that it imports: a dependency of our environment alone would fail in production."""

from __future__ import annotations

import email
import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.aws import bundle
from infra.aws.package import ROOT
from infra.aws.runtime import local


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A bundle of an app with one late import."""
    (tmp_path / "app.py").write_text("import chalicelib.wiring\n")
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "chalicelib" / "__init__.py").touch()
    (tmp_path / "chalicelib" / "wiring.py").write_text("def client():\n    import jmespath\n    return jmespath\n")
    return tmp_path


def test_a_dependency_that_is_missing_fails(small):
    """Our environment has the module; only a clean interpreter notices that the bundle lacks it."""
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


def test_what_the_app_calls_is_described(small):
    """Without its service description a client cannot be made, and only the first call in production would show it."""
    code = "".join(path.read_text() for path in (ROOT / "chalicelib").rglob("*.py"))
    called = set(re.findall(r'(?:_client|_sender|\.client)\("(\w+)"', code))
    assert {"sqs", "sns", "sesv2", "ssm"} <= called <= set(bundle.SERVICES)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("chalicelib/wiring.py", True),
        ("botocore/client.py", True),
        ("botocore/data/endpoints.json", True),
        ("botocore/data/sqs/2012-11-05/service-2.json.gz", True),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("botocore/data/partitions.json", True),
        ("botocore/cacert.pem", False),
        ("certifi/cacert.pem", True),
        ("boto3/session.py", False),
        ("_cffi_backend.cpython-314-aarch64-linux-gnu.so", True),
        ("cffi/api.py", False),
        ("nacl-1.6.2.dist-info/licenses/LICENSE", True),
        ("nacl-1.6.2.dist-info/RECORD", False),
        ("holidays/countries/germany.py", True),
        ("holidays/locale/en_US/LC_MESSAGES/DE.mo", False),
    ],
)
def test_only_descriptions_of_other_services_are_left_out(name, needed):
    assert bundle.is_needed(name) == needed


_USES_IT = """
import sys
sys.path[:] = [sys.argv[1]] + [path for path in sys.path if path.endswith((".zip", "lib-dynload")) or path == sys.argv[2]]
import datetime, holidays, icalendar, phonenumbers
from nacl.secret import Aead
for country in holidays.list_supported_countries(include_aliases=False):
    datetime.date(2026, 1, 1) in holidays.country_holidays(country)
assert datetime.date(2026, 10, 3) in holidays.country_holidays("DE")
for region in phonenumbers.SUPPORTED_REGIONS:
    example = phonenumbers.example_number(region)
    assert example is None or phonenumbers.is_valid_number(example), region
box = Aead(b"k" * 32)
assert box.decrypt(box.encrypt(b"secret", b"")) == b"secret"
assert b"BEGIN:VEVENT" in icalendar.Event.new(summary="Call", start=datetime.date(2026, 1, 1)).to_ical()
"""
_PACKAGES = (
    "holidays",
    "nacl",
    "cffi",
    "_cffi_backend",
    "icalendar",
    "dateutil",
    "six",
    "tzdata",
    "phonenumbers",
    "typing_extensions",
)


@pytest.mark.long
def test_nothing_that_is_left_out_is_opened(tmp_path):
    """Days off of every country, numbers of every region, encryption and calendars work without it."""
    packages = Path(importlib.util.find_spec("holidays").origin).parents[1]  # type: ignore[union-attr, arg-type]
    for file in packages.rglob("*"):
        name = file.relative_to(packages).as_posix()
        if re.split("[/.-]", name)[0] in _PACKAGES and file.is_file() and "__pycache__" not in name and bundle.is_needed(name):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).symlink_to(file)
    standard = next(path for path in sys.path if path.endswith(f"python{sys.version_info.major}.{sys.version_info.minor}"))
    command = [sys.executable, "-I", "-S", "-B", "-c", _USES_IT, str(tmp_path), standard]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_only_the_endpoints_of_our_services_are_left(tmp_path, monkeypatch):
    """A client finds the same address without the other 300, which every cold start would read."""
    import botocore
    import botocore.session

    whole = (Path(botocore.__file__).parent / "data" / "endpoints.json").read_bytes()
    left = bundle.endpoints_of_services(whole)
    assert len(left) * 20 < len(whole)
    (tmp_path / "endpoints.json").write_bytes(left)

    def addresses() -> list[str]:
        session = botocore.session.get_session()
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "s"}
        regions = ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1")
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        return [
            session.create_client(service, region_name=region, **keys).meta.endpoint_url
            for service in bundle.SERVICES
            for region in regions
        ]

    before = addresses()
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert addresses() == before


def test_packages_keep_their_name_version_and_license_without_their_read_me():
    """Packages ask for their own version, and an operator for licenses."""
    found = list(importlib.metadata.distributions())
    for package in found:
        whole = package.read_text("METADATA") or ""
        left = email.message_from_string(bundle.without_description(whole.encode()).decode())
        assert left.items() == email.message_from_string(whole).items(), package.name
        assert not str(left.get_payload()).strip()
    assert len(found) > 20


def test_the_same_tree_makes_the_same_bundle(tmp_path):
    """A bundle with another time stamp would deploy every function again."""
    made = []
    for second in (1, 2):
        path = tmp_path / f"{second}.zip"
        with zipfile.ZipFile(path, "w") as file:
            for name in ("b.py", "a.py") if second == 1 else ("a.py", "b.py"):
                file.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, second, 0)), "x = 1\n")
        bundle.slim(path, local())
        made.append(path.read_bytes())
    assert made[0] == made[1]


def test_a_module_starts_from_its_bytecode(tmp_path):
    """Lambda cannot keep bytecode: without it every cold start compiles 500 modules."""
    path = tmp_path / "deployment.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("chalicelib/one.py", "x = 1\n")
        file.writestr("vendor/template.py", "x = {{ not python }}\n")
    bundle.slim(path, local())
    with zipfile.ZipFile(path) as file:
        file.extractall(tmp_path)
    (tmp_path / "chalicelib" / "one.py").write_text("raise SystemError('the source was compiled')\n")
    code = "import sys; sys.path.insert(0, '.'); import chalicelib.one as one; print(one.__cached__, one.x)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.endswith(".pyc 1\n")


def test_the_same_source_makes_the_same_bytecode():
    """Sets in bytecode have an order that must not depend on the hash seed."""
    names = ", ".join(f"'n{number}'" for number in range(40))
    source = {f"{module}.py": f"def f(x):\n    return x in {{{names}}}\n".encode() for module in ("one", "two")}
    assert bundle.bytecode(source) == bundle.bytecode(dict(reversed(source.items())))


def test_whatever_our_code_imports_is_installed_from_the_lock_or_of_the_runtime():
    """The check before a deployment imports it all from the bundle: seen here first, without building one."""
    wanted = {name.partition(".")[0] for name in bundle.late_imports(ROOT)} - {"chalicelib", "app"}
    assert not [name for name in wanted if importlib.util.find_spec(name) is None]
