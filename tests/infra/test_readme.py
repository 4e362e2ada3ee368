"""The README's commands work in a shell, against the local runner."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.infra.test_runner import start

__all__ = ["start"]
README = (Path(__file__).parents[2] / "README.md").read_text()


def commands() -> list[str]:
    """The commands of the story, each with all its lines."""
    block = re.search(r"## The story, by curl\n\n```\n(.*?)```", README, re.S)
    assert block
    lines = "\n".join(line for line in block[1].splitlines() if not line.startswith("#"))
    return [one for one in re.split(r"\n(?=curl |export )", lines) if one.strip()]


def learn(answer: Any, known: dict[str, str]) -> None:
    """Collect what a reader copies from one response into the next command."""
    if "secret" in answer:
        known["<the secret>"] = answer["secret"]
    elif answer.get("id", "").startswith("emp_"):
        known["<the id>"] = answer["id"]
    elif answer.get("id", "").startswith("int_"):
        known |= {"<application_id>": answer["application_id"], "<next_reminder_at>": answer["application"]["next_reminder_at"]}


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_readmes_story_works_on_any_day_as_it_stands(start: Any) -> None:
    """A newcomer can copy the commands on any day."""
    run = start()
    known = {
        "<operator key>": run.ready["operator_key"],
        "http://127.0.0.1:8000": run.ready["api"],
        "http://127.0.0.1:8001": run.ready["console"],
    }
    typed, answers = "", {}
    for command in commands():
        for shown, meant in known.items():
            command = command.replace(shown, meant)
        assert "<" not in command, command
        if command.startswith("export"):
            typed += command.strip() + "\n"
            continue
        said = subprocess.run(["bash", "-c", typed + command], capture_output=True, text=True, timeout=60, check=True)
        answers[re.sub(r".*?\$(\S+).*", r"\1", command.splitlines()[0])] = answer = json.loads(said.stdout)
        assert "errors" not in answer, answer
        learn(answer, known)
    [text] = [one for one in answers["CONSOLE/outbox"]["data"] if one["channel"] == "sms"]
    assert text["to"] == "+12025550123" and "Call Dana Reyes on +12025550100" in text["body"]
    assert answers["API/v1/risk"]["tally"]["overdue"] == 1
    assert [row["candidate"]["name"] for row in answers["API/v1/call_list"]["data"]] == ["Sam Sample"]
    assert answers[f"API/v1/applications/{known['<application_id>']}/contacts"]["application"]["loop"] == "answered"
