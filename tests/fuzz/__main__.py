"""`make fuzz CASES=20000`: starts and seeds the stack, and runs Schemathesis in portions until so many cases were sent.

Prints the responses of each operation, and fails on any failure that tests/fuzz/explained.py does not explain.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.seed import seed

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FUZZER = Path(os.environ.get("SCHEMATHESIS", ROOT / ".engines" / "fuzz" / "bin" / "schemathesis"))
CASES_A_SECOND = 80


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="how many at least (default: 20000)")
    parser.add_argument("--portion-seconds", type=int, default=120, help="each portion has a seed of its own (default: 120)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a regular expression of paths")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="heardback-fuzz-") as folder:
        data = Path(folder)
        options = ["--data", folder, "--seed", "demo", "--port", "0", "--console-port", "0"]
        with (data / "stack.log").open("w") as log:
            stack = subprocess.Popen([sys.executable, "-m", "tests.fuzz.stack", *options], cwd=ROOT, stdout=log, stderr=log)
        try:
            about = ready(data / "ready.json", stack)
            ids = seed(about["api"], about["console"], about["employer_key"])
            (data / "schemathesis.toml").write_text((HERE / "schemathesis.toml").read_text() + dictionaries(ids))
            return fuzz(about, data, ids, asked)
        finally:
            stack.terminate()
            stack.wait(20)
            wrong = [line for line in (data / "stack.log").read_text().splitlines() if "Traceback" in line or '"ERROR"' in line]
            print(f"the stack's log: {len(wrong)} errors")


def ready(file: Path, stack: subprocess.Popen[bytes]) -> dict[str, str]:
    until = time.monotonic() + 60
    while not file.exists():
        if stack.poll() is not None or time.monotonic() > until:
            sys.exit("the local stack did not come up")
        time.sleep(0.1)
    about: dict[str, str] = json.loads(file.read_text())
    return about


def dictionaries(ids: dict[str, list[str]]) -> str:
    """Use the seeded ids in every second request of a path that takes them. Incoming and outgoing events have
    ids of different kinds under one name."""
    by_name = {f"path.{name}": name for name in ids if name not in ("event_id", "told")}
    lines = [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in ids.items() if values]
    lines += ["[parameters]", *_bound(by_name)]
    for path, name in (("^/v1/integrations/.*/events/", "event_id"), ("^/v1/events/", "told")):
        lines += ["[[operations]]", f'include-path-regex = "{path}"', "[operations.parameters]", *_bound({"path.event_id": name})]
    return "\n" + "\n".join(lines) + "\n"


def _bound(names: dict[str, str]) -> list[str]:
    return [f'"{where}" = {{ dictionary = "{name}", probability = 0.5 }}' for where, name in names.items()]


def fuzz(about: dict[str, str], data: Path, ids: dict[str, list[str]], asked: argparse.Namespace) -> int:
    sent, failed, number, began = 0, 0, asked.seed, time.monotonic()
    called: dict[str, Counter[str]] = {}
    explained: Counter[str] = Counter()
    unexplained: Counter[str] = Counter()
    while sent < asked.cases:
        seconds = min(asked.portion_seconds, 5 + (asked.cases - sent) // CASES_A_SECOND)
        done = portion(about, data, number, seconds, asked.only, ids)
        sent, failed, number = sent + done["cases"], failed + done["failed"], number + 1
        for operation, statuses in done["called"].items():
            called.setdefault(operation, Counter()).update(statuses)
        explained.update(done["explained"])
        unexplained.update(done["unexplained"])
    told(called, explained)
    for fault, count in unexplained.most_common():
        print(f"UNEXPLAINED {count:6}  {fault}")
    print(f"{sent} cases in {time.monotonic() - began:.0f} s, {number - asked.seed} portions, {failed} of them with failures")
    return 1 if failed else 0


def portion(about: dict[str, str], data: Path, number: int, seconds: int, only: str, ids: dict[str, list[str]]) -> dict:
    _, employer, key_id, _ = about["employer_key"].split("_")
    counts = data / "counts.json"
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "explained",
        "PYTHONPATH": str(HERE),
        "NO_PROXY": "127.0.0.1",
        "HEARDBACK_FUZZ_KEY": about["employer_key"],
        "HEARDBACK_FUZZ_OPERATOR_KEY": about["operator_key"],
        "HEARDBACK_FUZZ_KEY_ID": f"key_{key_id}",
        "HEARDBACK_FUZZ_EMPLOYER_ID": f"emp_{employer}",
        "HEARDBACK_FUZZ_COUNTS": str(counts),
        "HEARDBACK_FUZZ_HELPED": "no" if number % 2 else "yes",
        "HEARDBACK_FUZZ_SEEDS": json.dumps([one for values in ids.values() for one in values]),
    }
    command = [
        str(FUZZER),
        "--config-file",
        str(data / "schemathesis.toml"),
        "run",
        about["api"] + "/openapi.json",
        "--no-color",
        "--suppress-health-check",
        "filter_too_much",  # `filter_case` spares the seeds, which some operations are mostly called with
        "--max-time",
        str(seconds),
        "--seed",
        str(number),
        "--warnings",
        "off",
        "--generation-database",
        "none",
    ]
    command += ["--include-path-regex", only] if only else []
    done = subprocess.run(command, cwd=data, env=environment, capture_output=True, text=True, check=False)
    found = re.search(r"(\d+) generated", done.stdout)
    if done.returncode or not found:
        print(done.stdout[-40_000:], done.stderr[-4000:])
    cases = int(found[1]) if found else sys.exit("the fuzzer did not run")
    print(f"portion {number}: {cases} cases, {'failures' if done.returncode else 'no failure'}", flush=True)
    return {**json.loads(counts.read_text()), "cases": cases, "failed": int(done.returncode != 0)}


def told(called: dict[str, Counter[str]], explained: Counter[str]) -> None:
    print(f"\n{'operation':78} requests  answers")
    for operation, statuses in sorted(called.items(), key=lambda pair: pair[0].partition(" ")[2]):
        print(f"{operation:78} {statuses.total():8}  {_in_words(statuses)}")
    whole: Counter[str] = sum(called.values(), Counter())
    print(f"{'all':78} {whole.total():8}  {_in_words(whole)}")
    never = [name for name, statuses in called.items() if "405" not in statuses and min(statuses) > "299"]
    print(f"\nnever answered 2xx: {', '.join(never) or 'none'}")
    print("well-formed and rightly refused:")
    for reason, count in explained.most_common():
        print(f"  {count:6}  {reason}")


def _in_words(statuses: Counter[str]) -> str:
    return "  ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))


if __name__ == "__main__":
    sys.exit(main())
