"""python -m infra.cli backtest --employer emp_... [--svg calibration.svg] [--as-of 2026-11-23]

Replays an employer's history week by week: reviews that mention silence, predicted from what was known before each week,
beside those that came. Reads the table named by the environment variables of the functions; writes nothing.

python -m infra.cli import FILE [--profile applicants] [--dry-run] ...: import_file.py
python -m infra.cli listen: prints and verifies the webhooks of the stack on this machine: listen.py
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from chalicelib import wiring
from chalicelib.errors import SettingError
from chalicelib.reputation import counters, reviews
from chalicelib.rules.risk.learning import MAX_NEGATIVE_STARS, Band, Week, backtest, calibration, posterior
from infra import import_file, listen


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.cli", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("backtest", help="predicted beside observed, week by week")
    one.add_argument("--employer", required=True, help="emp_...")
    one.add_argument("--svg", type=Path, help="where to write the plot")
    one.add_argument("--as-of", type=_date, default=None, help="yyyy-mm-dd; now where it is not said")
    import_file.declare(commands)
    listen.declare(commands)
    asked = parser.parse_args(arguments)
    if "run" in asked:
        return int(asked.run(asked))
    try:
        wiring.start()
    except SettingError as error:
        print(f"The table is named by the environment of a deployment: {error}", file=sys.stderr)
        return 2
    return run(asked.employer, asked.as_of or wiring.now(), asked.svg)


def _date(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def run(employer_id: str, as_of: datetime, svg: Path | None) -> int:
    """Prints the calibration table; 1 where there is nothing to replay."""
    waits = [wait for wait, _ in counters.waits_of(employer_id) if wait.word_due_at < as_of]
    seen = [item.posted_at for item in reviews.read(employer_id) if item.mentions_silence and item.rating <= MAX_NEGATIVE_STARS]
    if not waits:
        print("no waits that fell due: nothing to replay")
        return 1
    weeks = backtest(waits, seen, min(wait.word_due_at for wait in waits), as_of)
    print(table(weeks))
    if svg:
        svg.write_text(plot(calibration(weeks)), encoding="utf-8")
        print(f"plot: {svg}")
    return 0


def table(weeks: Sequence[Week]) -> str:
    """The last weeks, the calibration by band, and the current p."""
    lines = ["week of     exposure  predicted (90 %)   observed"]
    lines += [
        f"{w.begins:%Y-%m-%d}  {w.exposure:8.2f}  {w.predicted:6.2f} ({w.low}–{w.high})".ljust(40) + f"{w.observed}"
        for w in weeks[-12:]
    ]
    lines += ["", "predicted per week   weeks  predicted  observed  within the 90 % interval"]
    lines += [
        f"from {b.at_least:<14g} {b.weeks:6}  {b.predicted:9.2f}  {b.observed:8}  {b.covered / b.weeks:6.0%}"
        for b in calibration(weeks)
    ]
    came = sum(w.observed for w in weeks)
    belief = posterior(came, sum(w.exposure for w in weeks)).p
    low, central, high = (f"{belief[which]:.3f}" for which in ("low", "central", "high"))
    return "\n".join([*lines, "", f"p now: {central} ({low}–{high}) after {came} reviews"])


def plot(bands: Sequence[Band]) -> str:
    """A plot of observed over predicted with equal axes: good predictions lie on the line. Readable without colour."""
    most = max([1.0, *(max(b.predicted, b.observed) for b in bands)]) * 1.1
    size, edge = 420, 50

    def at(value: float) -> float:
        return edge + value / most * (size - 2 * edge)

    dots = "".join(
        f'<circle cx="{at(b.predicted):.1f}" cy="{size - at(b.observed):.1f}" r="5" fill="#1746a2"><title>{b.weeks} weeks: '
        f"predicted {b.predicted:.2f}, observed {b.observed}</title></circle>"
        for b in bands
    )
    axis = 'stroke="#57606a" stroke-width="1"'
    words = 'font-family="system-ui, sans-serif" font-size="13" fill="#1f2328"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" aria-label="Observed reviews over '
        f'predicted ones"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<line x1="{edge}" y1="{size - edge}" x2="{size - edge}" y2="{size - edge}" {axis}/>'
        f'<line x1="{edge}" y1="{size - edge}" x2="{edge}" y2="{edge}" {axis}/>'
        f'<line x1="{edge}" y1="{size - edge}" x2="{size - edge}" y2="{edge}" {axis} stroke-dasharray="5 4"/>{dots}'
        f'<text x="{size / 2}" y="{size - 15}" text-anchor="middle" {words}>predicted reviews, 0 to {most:.1f}</text>'
        f'<text x="18" y="{size / 2}" text-anchor="middle" transform="rotate(-90 18 {size / 2})" {words}>observed reviews</text>'
        f"</svg>\n"
    )


if __name__ == "__main__":
    sys.exit(main())
