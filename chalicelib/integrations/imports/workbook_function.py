"""Has a workbook read by a function of its own, on AWS: with memory and concurrency of its own, and no rights.

The function (`app.read_workbook`) does what `workbook.py` does on one machine. So a file that exhausts it, or that breaks out of
the reader, finds no secret, no table and no other employer's request. Request and response are JSON, at most 6 MB each:
Lambda takes no more.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from chalicelib.errors import FieldError, Unavailable, Unprocessable
from chalicelib.integrations.imports import workbook
from chalicelib.integrations.imports.workbook import Found, refused

RESPONSE_MOST = 5_500_000
"""Characters of base64. Twenty thousand rows of people are under two million."""
Invoke = Callable[[bytes], tuple[dict[str, Any] | None, bool]]
"""The request -> (the function's response, or None where it died; whether the function was too busy to begin)."""


def ask(invoke: Invoke, raw: bytes, sheet: str | None) -> Found:
    """Have a workbook read. Raises Unprocessable, Unavailable."""
    request = {"file": base64.b64encode(raw).decode(), "sheet": sheet}
    response, busy = invoke(json.dumps(request).encode())
    if busy:
        raise Unavailable(workbook.BUSY, headers={"Retry-After": "60"})
    if response is None:
        raise refused(f"is a workbook that {workbook.TOO_MUCH}")
    if "errors" in response:
        raise Unprocessable(response["detail"], code=response["code"], errors=[FieldError(**one) for one in response["errors"]])
    found: Found = json.loads(gzip.decompress(base64.b64decode(response["found"])))
    return found


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Read a workbook, in the function. Return what was found, or why the file is refused."""
    try:
        found = workbook.find_rows(base64.b64decode(request["file"]), request["sheet"])
        packed = base64.b64encode(gzip.compress(json.dumps(found).encode(), 6)).decode()
        if len(packed) > RESPONSE_MOST:
            raise refused("holds more text than is read at once: split the file")
    except Unprocessable as error:
        return {"detail": error.detail, "code": error.code, "errors": [asdict(one) for one in error.errors]}
    return {"found": packed}
