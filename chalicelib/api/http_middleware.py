"""The app's HTTP middleware: starts the process, notes the time, and gives every response its common headers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chalice import Response as ChaliceResponse
from chalice.app import Request as ChaliceRequest

from chalicelib.api.chalice_adapter import NOW, REQUEST_ID, cors_headers_for, request_id, write_response
from chalicelib.api.problems import finish, problem
from chalicelib.api.response import Response
from chalicelib.api.route import HANDLERS
from chalicelib.config import settings
from chalicelib.errors import SettingError


def http_middleware(
    request: ChaliceRequest, get_response: Callable[[ChaliceRequest], ChaliceResponse], now: datetime, start: Callable[[], None]
) -> ChaliceResponse:
    """Runs a request and finishes its response, the framework's own errors included.

    A missing setting is named in the log, for the operator; the client is told only that something went wrong.
    """
    known_as = request.context[REQUEST_ID] = request_id(request)
    request.context[NOW] = now
    try:
        start()
        answer = HANDLERS.get((request.method, request.path), get_response)
        response, cors = answer(request), cors_headers_for(request)
    except Exception as error:  # a view's own has become a response already
        response, cors = write_response(Response(*problem(error, known_as))), {}
    headers = {**response.headers, **cors}
    response.status_code, response.body, response.headers = finish(
        response.status_code, response.body, headers, known_as, base_url=_base_url()
    )
    if request.method == "HEAD":
        response.body = ""
    return response


def _base_url() -> str:
    """Returns the public address of this deployment. Without settings nothing is known, and nothing is promised."""
    try:
        return settings().base_url
    except SettingError:
        return ""
