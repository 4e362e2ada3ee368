"""Rows a second of an import, of two versions in turn: `python -m bench.imports --against COMMIT [--rows 480] [--rounds 3]`.

COMMIT may also be a folder with the other version. Only the processing is measured, not the upload: a new file, then the same
file again. The interviews are still to come: reminders of past ones would be sent, and measured with the import. The engine on
this machine answers at once, and takes its CPU from the same cores; `--latency MS` has each request to the table wait so long
before it is sent, as a network and a remote table make it wait.
"""

from __future__ import annotations

import argparse
from statistics import median

from bench.versions import in_turn

CHILD = """
import csv, io, json, sys, time
from infra.local.engines import start_dynoxide, start_ministack
from tests.conftest import Stack
from tests.engines import Api, Meter

stack = Stack(start_dynoxide(), start_ministack())
stack.refresh()
meter = Meter()
meter.install(stack.table.client())
if LATENCY:
    stack.table.client().meta.events.register("before-send.dynamodb", lambda **_: time.sleep(LATENCY))

def file_of(rows, again):
    text = io.StringIO()
    write = csv.writer(text).writerow
    write("name email candidate_ref job_title application_ref stage interview_start interview_end".split())
    for n in range(rows):
        day = f"2026-07-{1 + n % 28:02}"
        person = [f"Sam {n}", f"sam{n}.{again}@example.com", f"c{n}", "Welder", f"a{n}"]
        write([*person, "final", f"{day}T09:00:00Z", f"{day}T10:00:00Z"])
    return text.getvalue().encode()

print("ready", flush=True)
for again, line in enumerate(sys.stdin):  # other people each time: an address of two employers leads to other jobs
    employer, raw, spent = Api(stack.app.app).new_employer(), file_of(int(line), again), []
    for _ in range(2):
        answer = employer.post("/v1/imports", raw, headers={"Content-Type": "text/csv"})
        meter.reset()
        cpu, began = time.process_time(), time.monotonic()
        stack.pumps.until_nothing_is_due()
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        found = employer.get(answer.headers["Location"]).json
        assert found["state"] == "finished" and found["created"] + found["unchanged"] == int(line), found
        spent.append({"seconds": seconds, "cpu": cpu, "requests": meter.total, "writes": meter.requests["TransactWriteItems"]})
    print(json.dumps(spent), flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description="Rows a second of two versions, in turn.")
    parser.add_argument("--against", required=True, help="a commit, or a work tree, of the version to compare with")
    parser.add_argument("--rows", type=int, default=480)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="before each request to the table")
    asked = parser.parse_args()
    found = in_turn(asked.against, f"LATENCY = {asked.latency / 1000}\n{CHILD}", asked.rows, asked.rounds)
    print(f"{asked.rows} rows, medians of {asked.rounds} rounds, {asked.latency:g} ms before each request to the table")
    for place, what in enumerate(("new", "the same again")):
        rates = {}
        for name, rounds in found.items():
            one = {key: median(each[place][key] for each in rounds) for key in rounds[0][place]}
            rates[name] = asked.rows / one["seconds"]
            print(
                f"{what:15} {name:7} {rates[name]:6.0f} rows/s  {one['cpu']:5.2f} s CPU  {one['requests']:5.0f} requests"
                f"  {one['writes']:4.0f} transactions"
            )
        print(f"{what:15} {rates['now'] / rates['before']:.2f} times")


if __name__ == "__main__":
    main()
