"""The worksheet of docs/: its formulas, evaluated here, give what the code gives."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from chalicelib.rules.model import Wait
from chalicelib.rules.risk.ranking import Outlook, delay_cost, horizon_days
from chalicelib.rules.risk.report import assess
from chalicelib.rules.tally import tally
from infra import worksheet

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Sheet:
    """Evaluates the few functions that the worksheet uses."""

    def __init__(self, path: Path) -> None:
        self.cells = {cell.coordinate: cell.value for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row}

    def __getitem__(self, place: str) -> Any:
        value = self.cells.get(place)
        return self._evaluate(value[1:]) if isinstance(value, str) and value.startswith("=") else value

    def _evaluate(self, formula: str) -> Any:
        text = formula.replace("$", "").replace("^", "**")
        text = re.sub(r"(?<![=<>])=(?!=)", "==", text)
        text = re.sub(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", lambda m: f"many('{m[1]}',{m[2]},{m[4]})", text)
        text = re.sub(r"(?<!')\b([A-Z]\d+)\b(?!')", r"one('\1')", text)
        return eval(text, {"__builtins__": {}}, self._functions)  # noqa: S307 - our own file

    @property
    def _functions(self) -> dict[str, Any]:
        return {
            "one": self.__getitem__,
            "many": lambda column, first, last: [self[f"{column}{n}"] for n in range(first, last + 1)],
            "EXP": math.exp,
            "MAX": max,
            "MIN": min,
            "SUM": sum,
            "COUNT": len,
            "IF": lambda test, yes, no: yes if test else no,
            "RANK": lambda value, values: 1 + sum(other > value for other in values),
            "COUNTIF": lambda values, wanted: sum(value == wanted for value in values),
            "COUNTIFS": lambda some, a, others, b: sum(x == a and y == b for x, y in zip(some, others, strict=True)),
            "ROUNDUP": lambda value, _: math.ceil(value),
        }


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return Sheet(worksheet.PATH)


def waits() -> list[tuple[Wait, bool]]:
    """The example's waits. The first answered one was due 40 days ago; answers come an hour past the edge of their bucket."""
    found = []
    for number, (stage, _, state, days) in enumerate(worksheet.WAITS):
        due = NINE - timedelta(days=days if state == "open" else 40 if number == 5 else 30)
        late = timedelta(days=days, hours=1) if days else timedelta(0)
        answered = (due + late) if state == "answered" else None
        found.append((Wait("int_1", stage, due, due, state, answered, "contact" if answered else None, "rejected"), True))
    return found


def test_the_committed_file_is_what_the_script_writes(tmp_path: Path) -> None:
    """To change it: python -m infra.worksheet."""
    worksheet.write(tmp_path / "again.xlsx")
    assert Sheet(tmp_path / "again.xlsx").cells == Sheet(worksheet.PATH).cells


def test_the_formulas_give_what_the_code_gives(sheet: Sheet) -> None:
    """Score, horizon, order, expected reviews, and the share who heard on time."""
    counted = tally(waits())
    risk = assess(counted, NINE)
    assert sheet["B26"] == risk.tally.waits == 11
    assert sheet["B29"] == horizon_days(counted, NINE) == risk.outlook.horizon_days == 35
    assert sheet["B30"] == pytest.approx(risk.score, abs=1e-9)
    assert sheet["B31"] == pytest.approx(risk.incurred["central"], abs=1e-12)
    heard = risk.heard_on_time
    assert (sheet["B32"], sheet["B33"], sheet["B34"]) == (heard.on_time, heard.due, pytest.approx(heard.share))
    assert (sheet["B35"], sheet["B36"]) == (pytest.approx(heard.low), pytest.approx(heard.high))
    for n, (stage, _, state, days) in enumerate(worksheet.WAITS, worksheet.FIRST):
        if state == "open":
            assert sheet[f"I{n}"] == pytest.approx(delay_cost(stage, days, Outlook(35)), abs=1e-12)
    assert [sheet[f"J{n}"] for n in range(13, 18)] == EXAMPLE_ORDER


EXAMPLE_ORDER = [5, 1, 3, 4, 2]


def test_the_page_quotes_the_figures_of_the_worksheet(sheet: Sheet) -> None:
    """Who works through docs/risk.md by hand must arrive where it does."""
    page = (worksheet.PATH.parent / "risk.md").read_text()
    assert f"**{sheet['B30']:.2f}**" in page and "T = 35" in page and f"{sheet['B31']:.4f}" in page
