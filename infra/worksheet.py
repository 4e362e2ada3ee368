"""`python -m infra.worksheet`: writes docs/risk-worksheet.xlsx, the example of docs/risk.md with its formulas.

An analyst changes a cell and sees what moves. The formulas are written down here a second time: a test evaluates
them and compares them with the code.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

PATH = Path(__file__).parents[1] / "docs" / "risk-worksheet.xlsx"
CONSTANTS = (
    ("Severity of silence, days", 14),
    ("Review scale, days", 30),
    ("Review probability, central", 0.02),
    ("Effect of a call", 0.75),
    ("What a late answer leaves", 0.25),
    ("Prior, waits", 5),
    ("Days from the first due date of the window to today, both counted", 41),
)
"""In B3 to B9."""
WAITS = (
    ("final", 1.00, "open", 23),
    ("final", 1.00, "open", 18),
    ("interview", 0.78, "open", 9),
    ("screen", 0.67, "open", 6),
    ("interview", 0.78, "open", 4),
    ("final", 1.00, "answered", 0),
    ("interview", 0.78, "answered", 0),
    ("interview", 0.78, "answered", 0),
    ("screen", 0.67, "answered", 0),
    ("screen", 0.67, "answered", 3),
    ("final", 1.00, "answered", 7),
)
"""Stage, weight, state, and days past the deadline: of an answer the lower edge of its bucket. In rows 13 to 23."""
FIRST, LAST = 13, 23
COLUMNS = (
    "Stage",
    "Weight m",
    "State",
    "Days past the deadline",
    "Severity v",
    "Adds to the score",
    "Not written yet S",
    "Has written, weighed",
    "Waiting T days costs",
    "Place on the call list",
)


def _row(n: int) -> tuple[str, ...]:
    return (
        f"=1-EXP(-MAX(0,D{n})/$B$3)",
        f'=IF(C{n}="open",1,$B$7)*B{n}*E{n}',
        f"=EXP(-(MAX(0,D{n})/$B$4)^2)",
        f"=B{n}*(1-G{n})",
        f'=IF(C{n}="open",$B$6*$B$5*B{n}*(G{n}-EXP(-(MAX(0,D{n}+$B$29)/$B$4)^2)),0)',
        f'=IF(C{n}="open",RANK(I{n},$I${FIRST}:$I${LAST}),"")',
    )


RESULTS = (
    ("Waits N", f"=COUNT(D{FIRST}:D{LAST})"),
    ("Open", f'=COUNTIF(C{FIRST}:C{LAST},"open")'),
    ("Answered", "=B26-B27"),
    ("Horizon T, days", "=IF(B28<5,7,MAX(7,MIN(90,ROUNDUP(B27*B9/B28,0))))"),
    ("Score", f"=100*SUM(F{FIRST}:F{LAST})/(B26+$B$8)"),
    ("Expected reviews by now, central", f"=$B$5*SUM(H{FIRST}:H{LAST})"),
    ("Heard on time", f'=COUNTIFS(C{FIRST}:C{LAST},"answered",D{FIRST}:D{LAST},0)'),
    ("Of so many due", "=B27+B28"),
    ("Share", "=B32/B33"),
    ("Share, low (Wilson 90 %)", "=(B34+1.6449^2/(2*B33)-1.6449*(B34*(1-B34)/B33+1.6449^2/(4*B33^2))^0.5)/(1+1.6449^2/B33)"),
    ("Share, high", "=(B34+1.6449^2/(2*B33)+1.6449*(B34*(1-B34)/B33+1.6449^2/(4*B33^2))^0.5)/(1+1.6449^2/B33)"),
)
"""In B26 and below."""


def write(path: Path = PATH) -> None:
    """Write the workbook."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    book.set_properties(
        {
            "created": datetime(2026, 12, 1, tzinfo=UTC).replace(tzinfo=None),
            "title": "Heardback: review risk, method 2026-12, an example",
        }
    )
    sheet, bold = book.add_worksheet("Example"), book.add_format({"bold": True})
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(COLUMNS), 14)
    sheet.write_string(0, 0, "Review risk, method 2026-12: an example. docs/risk.md explains each line.", bold)
    for at, (name, value) in enumerate(CONSTANTS, 2):
        sheet.write_string(at, 0, name)
        sheet.write_number(at, 1, value)
    sheet.write_row(FIRST - 2, 0, COLUMNS, bold)
    for n, wait in enumerate(WAITS, FIRST):
        sheet.write_row(n - 1, 0, wait)
        for column, formula in enumerate(_row(n), len(wait)):
            sheet.write_formula(n - 1, column, formula)
    for at, (name, formula) in enumerate(RESULTS, 25):
        sheet.write_string(at, 0, name)
        sheet.write_formula(at, 1, formula)
    book.close()


if __name__ == "__main__":
    write()
