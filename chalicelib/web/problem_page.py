"""The page about one problem code: when the API answers it, and what to do. Every problem links here."""

from __future__ import annotations

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.openapi.problem_codes import PROBLEMS
from chalicelib.web import page_support


def show(request: Request, code: str) -> Response:
    """GET /problems/{code}"""
    entry = next((one for known, one in PROBLEMS.items() if known == code), None)
    if entry is None:
        return page_support.unknown(request)
    return page_support.page("problem.html", request, None, code=code, entry=entry)
