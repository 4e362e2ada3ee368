"""Storage behaves the same with HEARDBACK_FAST_PATH=0, where botocore and PynamoDB work as they come."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib import config
from chalicelib.errors import SettingError

BOTH_WAYS = ("tests/storage/test_table.py", "tests/storage/test_fast_path.py")


def test_storage_behaves_the_same_with_the_fast_path_off() -> None:
    """An operator who suspects the fast path turns it off; that must work on the day."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *BOTH_WAYS],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HEARDBACK_FAST_PATH": "0"},
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch):
    yield lambda value: (monkeypatch.setenv("HEARDBACK_FAST_PATH", value), config.forget())
    monkeypatch.undo()
    config.forget()


@pytest.mark.parametrize(("value", "on"), [("", True), ("1", True), ("0", False)])
def test_the_fast_path_is_on_unless_it_is_turned_off(switch, value: str, on: bool) -> None:
    """It has been measured and tested; off is for the day on which it is suspected."""
    switch(value)
    assert config.fast_path() is on


def test_a_switch_that_is_neither_stops_the_program_by_name(switch) -> None:
    """ "off" must not silently mean on."""
    switch("off")
    with pytest.raises(SettingError, match="HEARDBACK_FAST_PATH is neither 0 nor 1"):
        config.fast_path()
