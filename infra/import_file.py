"""The command line's import: sends a file to the API, and shows how far it is.

    python -m infra.cli import people.csv --profile mine --date-format "%d.%m.%Y %H:%M" --timezone Europe/Berlin --minutes 45
    python -m infra.cli follow imp_01...

The key comes from HEARDBACK_KEY, so that no shell history holds it. An import goes on without this program;
`follow` shows it again. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = (
    "profile",
    "date_format",
    "timezone",
    "country",
    "minutes",
    "default_time",
    "on_fault",
    "job_title",
    "stage",
    "system",
    "encoding",
    "delimiter",
    "sheet",
)
WIDTH = 40


def declare(commands: Any) -> None:
    """The commands `import` and `follow`, for cli.py."""
    sending = commands.add_parser("import", help="send a CSV or XLSX file of candidates, applications and interviews")
    sending.add_argument("file", type=Path)
    for name in OPTIONS:
        sending.add_argument("--" + name.replace("_", "-"))
    sending.add_argument("--dry-run", action="store_true", help="say how the file is understood, and import nothing")
    sending.add_argument("--skip-faulty", action="store_true", help="import the good rows and name the others")
    following = commands.add_parser("follow", help="show how far an import is")
    following.add_argument("id")
    for command in (sending, following):
        command.add_argument("--api", default="http://127.0.0.1:8000", help="where the API is (default: this machine's)")
        command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    key = os.environ.get("HEARDBACK_KEY")
    if not key:
        print("Set HEARDBACK_KEY to a key with the scopes read and write.", file=sys.stderr)
        return 2
    api = Api(options.api, key)
    try:
        import_id = options.id if options.command == "follow" else send(api, options)
        return follow(api, import_id) if import_id else 0
    except Refused as refused:
        print(refused, file=sys.stderr)
    except (OSError, HTTPException) as error:
        missing = isinstance(error, OSError) and error.filename
        print(f"{missing}: {error.args[1]}" if missing else f"{options.api} does not answer: {error}", file=sys.stderr)
    return 1


class Refused(Exception):
    """The API refused; the message lists its errors."""


class Api:
    """A minimal HTTP client."""

    def __init__(self, url: str, key: str) -> None:
        self._url = urlsplit(url)
        self._key = key

    def __call__(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        connect = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = connect(self._url.hostname or "", self._url.port, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": kind}
        connection.request(method, self._url.path.rstrip("/") + path, body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read() or b"null")
        if answer.status >= 400:
            raise Refused("\n".join([f"{answer.status} {said['detail']}", *_faults(said["errors"])]))
        return said


def _faults(errors: list[dict[str, str]]) -> list[str]:
    """ "/7/Email" is line 7, column Email."""
    found = []
    for error in errors:
        line, _, column = error["pointer"].lstrip("/").partition("/")
        where = f"line {line}, {column}" if column else error["pointer"]
        found.append(f"  {where}: {error['message']}")
    return found


def send(api: Api, options: argparse.Namespace) -> str | None:
    """Send the file. Return the import's id, or None after a dry run."""
    query = {name: value for name in OPTIONS if (value := getattr(options, name)) is not None}
    query |= {name: "true" for name in ("dry_run", "skip_faulty") if getattr(options, name)}
    raw = options.file.read_bytes()
    kind = XLSX if raw[:4] == b"PK\x03\x04" else "text/csv" if options.encoding in (None, "utf-8") else "application/octet-stream"
    said = api("POST", "/v1/imports?" + urlencode(query), raw, kind)
    if options.dry_run:
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return None
    taken_in = f"{said['id']}: {said['rows']} rows taken in; work on them begins within a minute"
    print("\n".join([taken_in, *_faults(said["skipped"])]))
    return str(said["id"])


def follow(api: Api, import_id: str, pause: float = 0.5) -> int:
    """Show a progress bar until the import is finished. Return 0 where every row was imported."""
    while True:
        said = api("GET", f"/v1/imports/{import_id}")
        share = said["done"] / max(1, said["rows"])
        bar = "#" * round(WIDTH * share)
        is_over = said["state"] != "running"
        if is_over or sys.stdout.isatty():
            print(f"\r[{bar:<{WIDTH}}] {said['done']}/{said['rows']}", end="", flush=True)
        if is_over:
            break
        time.sleep(pause)
    print(
        f"\n{said['state']}: {said['created']} new, {said['updated']} updated, {said['matched']} known and filled, "
        f"{said['unchanged']} unchanged, "
        f"{said['failed']} refused"
    )
    for fault in said["faults"]:
        print(f"  line {fault['line']}: {fault['message']}")
    return 0 if said["state"] == "finished" and not said["failed"] else 1
