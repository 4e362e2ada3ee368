"""The door. Every route of the house is declared with `route`, which checks who asks before anything else is looked at.

    @route(pages, "POST", "/v1/interviews", scope="write", reads=wanted)
    def post_interview(call: Call) -> Reply: ...

Order: 401, then 403, then 404 for ids that can't exist, then what the view says (400, 413, 415, 422, 404, 409, 412).
Errors of the family become problem+json here; `answer` is the app's middleware and does it for the framework's own.
"""

from __future__ import annotations

import functools
import logging
import re
import uuid
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from chalice import Blueprint
from chalice import Response as ChaliceResponse
from chalice.app import Request as ChaliceRequest

from chalicelib.api.caching import asked_id, finished, options, shared_with
from chalicelib.api.idempotency import Slot, once, slot_of
from chalicelib.api.json_text import dump
from chalicelib.api.problems import finish, problem
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth.authenticate import authenticate, bearer, claimed
from chalicelib.auth.rate_limit import Buckets
from chalicelib.config import settings
from chalicelib.errors import BadRequest, Forbidden, NotFound, SettingError
from chalicelib.rules.model import Scope
from chalicelib.storage.table import Key

Reads = Callable[[Request], Iterable[Key]]
View = Callable[..., Response | dict[str, Any]]

_log = logging.getLogger("heardback")
_request: ContextVar[ChaliceRequest | None] = ContextVar("request", default=None)
_ID = re.compile(r"[a-z]{2,5}_[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """A route as it was declared: `scope` admits employers' keys that have it, `operator` the operator's, `public` everybody."""

    method: str
    path: str
    scope: Scope | None
    public: bool
    operator: bool


ROUTES: list[RouteSpec] = []
"""HEAD stands with every GET, and OPTIONS with every path, without being listed."""


def route(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    scope: Scope | None = None,
    reads: Reads | None = None,
    public: bool = False,
    operator: bool = False,
) -> Callable[[View], View]:
    """Declares a route. The view gets the Call, and path parameters as keyword arguments; it answers a Reply, or a dict (200).

    `reads` names items to fetch in the one read that authenticates; it runs before the caller is known, so it uses
    `call.claimed_employer_id`, and what it raises is passed over (the view will find the same fault).
    Several routes may stand on one view.
    """
    spec = RouteSpec(method, path, scope, public, operator)
    if public == bool(scope or operator):
        raise ValueError(f"{method} {path}: say either who may come in, or that it is public")
    ROUTES.append(spec)
    names = re.findall(r"{(\w+)}", path)

    def declare(view: View) -> View:
        @functools.wraps(view)
        def door(**_: str) -> ChaliceResponse:
            request = _request.get() or blueprint.current_request
            call = _call(request, names)
            try:
                slot = _admit(call, spec, reads)
                reply = once(slot, lambda: _reply(view, call)) if slot else _reply(view, call)
                reply = finished(call, reply, settings().base_url)
            except Exception as error:  # the one place where errors become answers
                return _response(Response(*problem(error, call.request_id)))
            return _response(reply)

        methods = ["GET", "HEAD"] if method == "GET" else [method]
        blueprint.route(path, methods=methods, content_types=["*/*"], name=f"{view.__module__}.{view.__name__}.{method}")(door)
        return view

    if all(known.path != path for known in ROUTES[:-1]):
        _declare_options(blueprint, path)
    return declare


def _declare_options(blueprint: Blueprint, path: str) -> None:
    def show(**_: str) -> ChaliceResponse:
        methods = {method for spec in ROUTES if spec.path == path for method in (spec.method, "OPTIONS")}
        request = _request.get() or blueprint.current_request
        return _response(options(sorted(methods | ({"HEAD"} if "GET" in methods else set())), _shared(request)))

    blueprint.route(path, methods=["OPTIONS"], content_types=["*/*"], name=f"OPTIONS {path}")(show)


def _shared(request: ChaliceRequest) -> dict[str, str]:
    return shared_with(request.headers.get("origin"), settings().cors_origins)


def _call(request: ChaliceRequest, names: list[str]) -> Request:
    """The framework's request as a Call. API Gateway leaves path parameters encoded."""
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    given = request.uri_params or {}
    params = {name: unquote(given.get(name, "")) for name in names}
    query = request.query_params
    return Request(
        method=request.method,
        path=re.sub(r"{(\w+)}", lambda match: params[match[1]], request.path),
        params=params,
        query={name: [str(value) for value in query.getlist(name)] for name in query} if query else {},
        headers=headers,
        raw_body=_raw_body(request),
        now=request.context["heardback_now"],
        request_id=request_id(request),
        source_ip=str((request.context.get("identity") or {}).get("sourceIp") or ""),
        claim=claimed(bearer(headers.get("authorization"))),
    )


def _raw_body(request: ChaliceRequest) -> bytes:
    """The body's bytes. What can't even be encoded is not JSON, and is left for its reader to refuse."""
    try:
        raw = request.raw_body
    except ValueError:
        return b"\xff"
    return raw.encode() if isinstance(raw, str) else raw


def _reply(view: View, request: Request) -> Response:
    reply = view(request, **request.params)
    return reply if isinstance(reply, Response) else Response(body=reply)


def _admit(request: Request, spec: RouteSpec, reads: Reads | None) -> Slot | None:
    """Where the request's Idempotency-Key is kept, if it has one. Raises Unauthenticated, Forbidden, NotFound, BadRequest."""
    possible = all(_ID.fullmatch(value) for name, value in request.params.items() if name == "id" or name.endswith("_id"))
    slot: Slot | None = None
    if not spec.public:
        bad_key: BadRequest | None = None
        try:
            slot = slot_of(request)
        except BadRequest as error:  # told to those who may come in
            bad_key = error
        also = _wanted(request, reads) if possible and reads and request.claim else []
        also += [slot.key] if slot else []
        request.caller, request.items = authenticate(
            request.headers.get("authorization"), settings().operator_key_sha256, also=also
        )
        _allow(request, spec)
        _buckets(settings().requests_per_second).take(request.caller.key_id or "operator")
        if bad_key:
            raise bad_key
    if not possible:
        raise NotFound
    return slot


@functools.cache
def _buckets(per_second: float) -> Buckets:
    return Buckets(per_second)


def _wanted(request: Request, reads: Reads) -> list[Key]:
    try:
        return list(reads(request))
    except Exception:  # before the caller is known, no fault may be told
        _log.debug("reads failed", exc_info=True)
        return []


def _allow(request: Request, spec: RouteSpec) -> None:
    caller = request.caller
    if caller.operator:
        if not spec.operator:
            caller.owner  # noqa: B018 - raises Forbidden: the operator's key manages employers and keys only
        return
    if spec.scope is None:
        raise Forbidden("This is for the operator's key.", code="operator_key_needed")
    if spec.scope not in caller.scopes:
        raise Forbidden(f"This key lacks the scope {spec.scope!r}.", code="missing_scope")
    if caller.employer and caller.employer.suspended and request.method not in ("GET", "HEAD"):
        raise Forbidden("This employer is suspended: it can read and not write.", code="suspended")


def _response(reply: Response) -> ChaliceResponse:
    headers: dict[str, Any] = {name: value.replace("\r", "").replace("\n", "") for name, value in reply.headers.items()}
    if reply.body is None:
        return ChaliceResponse("", headers=headers, status_code=reply.status)
    if isinstance(reply.body, str):
        return ChaliceResponse(reply.body, headers=headers, status_code=reply.status)
    headers.setdefault("Content-Type", "application/json")
    return ChaliceResponse(dump(reply.body), headers=headers, status_code=reply.status)


def request_id(request: ChaliceRequest) -> str:
    """The caller's own id of a request, else the gateway's, else a fresh one."""
    gateways = request.context.get("requestId") or getattr(request.lambda_context, "aws_request_id", None)
    known = asked_id(request.headers) or gateways
    if not known:
        known = request.context["requestId"] = str(uuid.uuid4())
    return str(known)


def http_middleware(
    request: ChaliceRequest, get_response: Callable[[ChaliceRequest], ChaliceResponse], now: datetime, start: Callable[[], None]
) -> ChaliceResponse:
    """The app's HTTP middleware: starts the house, stamps the clock, and finishes whatever comes out, the framework's own
    errors and a setting that is missing included.

    @app.middleware("http")
    def door(request, get_response):
        return answer(request, get_response, now(), wiring.start)
    """
    request.context["heardback_now"] = now
    token = _request.set(request)
    try:
        start()
        response, shared = get_response(request), _shared(request)
    except SettingError as error:  # named in the log, for whoever runs the deployment; nothing of it is told outside
        response, shared = _response(Response(*problem(error, request_id(request)))), {}
    finally:
        _request.reset(token)
    response.status_code, response.body, response.headers = finish(
        response.status_code, response.body, {**response.headers, **shared}, request_id(request)
    )
    if request.method == "HEAD":
        response.body = ""
    return response


__all__ = ["ROUTES", "Request", "Response", "RouteSpec", "http_middleware", "request_id", "route"]
