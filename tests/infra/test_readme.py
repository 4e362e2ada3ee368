"""The README's story works as a script, against the local runner."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.infra.test_runner import start

__all__ = ["start"]
ROOT = Path(__file__).parents[2]
STORY = ROOT / "examples" / "story.sh"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_readmes_story_works_on_any_day_pasted_whole(start: Any) -> None:
    """A newcomer pastes it into a shell: nothing has to be filled in, and the shell is still there afterwards."""
    run = start()
    names = {"API": "api", "CONSOLE": "console", "OPERATOR": "operator_key"}
    known = "".join(f"export {name}={run.ready[key]}\n" for name, key in names.items())
    pasted = known + STORY.read_text() + "echo still there\n"
    said = subprocess.run(["bash"], input=pasted, capture_output=True, text=True, timeout=120, check=True)
    assert said.stdout.rstrip().endswith("still there"), said
    answers = [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]
    _, tick, outbox, risk, call_list, contact, after = answers
    [text] = [one for one in outbox["data"] if one["channel"] == "sms"]
    assert text["to"] == "+12025550123" and "Dana Reyes" in text["body"]
    assert tick["sent"] >= 1 and risk["tally"]["overdue"] == 1 and after["tally"]["overdue"] == 0
    assert [row["candidate"]["name"] for row in call_list["data"]] == ["Sam Sample"]
    assert contact["application"]["loop"] == "answered"


def test_the_readme_names_the_script_and_is_short() -> None:
    """It is read in five minutes."""
    readme = (ROOT / "README.md").read_text()
    assert "examples/story.sh" in readme and len(readme.splitlines()) <= 120
