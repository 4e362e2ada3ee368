"""The command line imports a file, shows progress, and lists errors for people."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from infra import cli
from infra.local.server import ApiServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(stack: Any, employer: Any, monkeypatch: Any) -> Any:
    """The API on a port, with its queue worked off in the background."""
    server = ApiServer(stack.app.app, 0)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(0.05):
            stack.pumps.until_nothing_is_due()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    monkeypatch.setenv("HEARDBACK_KEY", employer.key)
    yield f"http://127.0.0.1:{server.port}"
    stopped.set()
    worker.join()
    server.stop()


def test_a_file_goes_in_and_its_end_is_told(served, employer, tmp_path, capsys):
    """A new customer has a file and a shell."""
    file = tmp_path / "people.csv"
    file.write_text("name,email\n" + "".join(f"Sam {number},sam{number}@example.com\n" for number in range(50)))
    assert cli.main(["import", "--api", served, str(file)]) == 0
    said = capsys.readouterr().out
    assert "50 rows taken in" in said
    assert "50/50" in said
    assert "finished: 50 new" in said
    assert len(employer.get("/v1/candidates?limit=100").json["data"]) == 50
    assert cli.main(["follow", "--api", served, said.split(":")[0]]) == 0


def test_faults_are_told_by_line_and_column(served, tmp_path, capsys):
    file = tmp_path / "people.csv"
    file.write_text("name,email\nSam,nowhere\n")
    assert cli.main(["import", "--api", served, str(file)]) == 1
    assert 'line 2, email: "nowhere" must be an email address, like ' in capsys.readouterr().err


def test_without_a_key_it_says_which_setting_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("HEARDBACK_KEY", raising=False)
    assert cli.main(["follow", "imp_1"]) == 2
    assert "HEARDBACK_KEY" in capsys.readouterr().err


def test_a_file_or_an_api_that_is_not_there_is_told_in_a_line(served, monkeypatch, tmp_path, capsys):
    """Errors are shown without a traceback."""
    assert cli.main(["import", "--api", served, str(tmp_path / "nowhere.csv")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'nowhere.csv'}: No such file or directory\n"
    monkeypatch.setenv("HEARDBACK_KEY", "hb_x")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        api = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert cli.main(["follow", "--api", api, "imp_1"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{api} does not answer: ")


def test_a_backtest_without_its_settings_names_them():
    """The backtest reads a deployment's table; without its settings it names the missing ones."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HEARDBACK_"))}
    command = [sys.executable, "-m", "infra.cli", "backtest", "--employer", "emp_1"]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    [line] = said.stderr.splitlines()
    assert said.returncode == 2 and "HEARDBACK_TABLE is not set" in line
