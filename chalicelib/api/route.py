"""Declares routes. Each checks who calls before anything else of the request is read.

    @route(interviews, "POST", "/v1/interviews", scope="write", reads=keys_to_read)
    def post_interview(request: Request) -> Response: ...

Order of refusals: 401, 403, 404 for ids that cannot exist, then what the view refuses (400, 413, 415, 422, 404, 409, 412).
Errors of `chalicelib.errors` become problem+json here; `http_middleware` does the same for the framework's own errors.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chalice import Blueprint
from chalice import Response as ChaliceResponse
from chalice.app import Request as ChaliceRequest

from chalicelib.api.caching import finish_response, options_response
from chalicelib.api.chalice_adapter import cors_headers_for, read_request, write_response
from chalicelib.api.forms import demand_same_origin
from chalicelib.api.idempotency import once
from chalicelib.api.idempotency_record import Slot, slot_of
from chalicelib.api.ids_only import reduce_conflict, reduce_response
from chalicelib.api.problems import problem
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.serialize import to_json
from chalicelib.auth import sessions
from chalicelib.auth.api_keys import noting_use
from chalicelib.auth.authenticate import authenticate, signed_in
from chalicelib.auth.rate_limit import TokenBuckets
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthenticated
from chalicelib.rules.model import Scope
from chalicelib.storage.table import Key

Reads = Callable[[Request], Iterable[Key]]
View = Callable[..., Any]
"""Returns a Response, or the body of a 200: a response dataclass, or a dict."""

_log = logging.getLogger("heardback")
_ID = re.compile(r"[a-z]{2,5}_[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """A declared route. `scope` admits keys and people that have it, `operator` the operator's key, `public` everybody.

    `session` admits all people, by their token or by the cookie of the pages. `any_key` admits keys of any scope.
    """

    method: str
    path: str
    scope: Scope | None
    public: bool
    operator: bool
    shows_people: bool
    """Whether the response to a change shows a candidate: a key without `read` then gets ids only."""
    also_needs: Scope | None
    session: bool = False
    any_key: bool = False


ROUTES: list[RouteSpec] = []
"""All declared routes. HEAD (for every GET) and OPTIONS (for every path) exist too and are not listed."""
HANDLERS: dict[tuple[str, str], Callable[[ChaliceRequest], ChaliceResponse]] = {}
"""What answers a method and path, HEAD too. The middleware asks it itself: it takes every content type and checks its own
headers, which is all that Chalice would look at on the way."""


def route(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    scope: Scope | None = None,
    reads: Reads | None = None,
    public: bool = False,
    operator: bool = False,
    shows_people: bool | None = None,
    also_needs: Scope | None = None,
    session: bool = False,
    any_key: bool = False,
) -> Callable[[View], View]:
    """Declares a route. The view takes the request, and path parameters by name; it returns a Response, or the body of a 200.

    `reads` names items to fetch in the same read that authenticates. It runs before the caller is known: it uses
    `request.claimed_employer_id`, and its errors are ignored, because the view will raise them again.
    `shows_people` is true for the scope `write` unless given. `also_needs` names a scope that is asked for as well.
    One view may have several routes.
    """
    shown = scope == "write" if shows_people is None else shows_people
    spec = RouteSpec(method, path, scope, public, operator, shown, also_needs, session, any_key)
    if public == bool(scope or operator or session):
        raise ValueError(f"{method} {path}: give either public, or who may ask: scope, operator, session")
    ROUTES.append(spec)
    names = re.findall(r"{(\w+)}", path)

    def declare(view: View) -> View:
        def answer(asked: ChaliceRequest) -> ChaliceResponse:
            request = read_request(asked, names)
            try:
                response = _respond(view, request, spec, reads)
            except Exception as error:  # the one place where errors become responses
                response = Response(*problem(error, request.request_id))
            response.headers = {**request.quota, **response.headers}
            return write_response(response)

        @functools.wraps(view)
        def handle(**_: str) -> ChaliceResponse:
            return answer(blueprint.current_request)

        methods = ["GET", "HEAD"] if method == "GET" else [method]
        HANDLERS.update({(one, path): answer for one in methods})
        blueprint.route(path, methods=methods, content_types=["*/*"], name=f"{view.__module__}.{view.__name__}.{method}")(handle)
        return view

    if all(known.path != path for known in ROUTES[:-1]):
        _declare_options(blueprint, path)
    return declare


def _respond(view: View, request: Request, spec: RouteSpec, reads: Reads | None) -> Response:
    known = _authenticate(request, spec, reads)
    with noting_use(request.caller.key, request.now):
        slot = _admit(request, spec, known)
        try:
            response = once(slot, lambda: _run(view, request)) if slot else _run(view, request)
        except Conflict as error:
            raise (reduce_conflict(error) if _hides_people(request, spec) else error) from None
    if _hides_people(request, spec):
        response = reduce_response(response)
    if request.visitor and request.visitor.set_cookie:
        response.headers.setdefault("Set-Cookie", request.visitor.set_cookie)
    return finish_response(request, response, settings().base_url)


def _hides_people(request: Request, spec: RouteSpec) -> bool:
    return spec.shows_people and not (request.caller.operator or request.caller.may("read"))


def _run(view: View, request: Request) -> Response:
    result = view(request, **request.params)
    response = result if isinstance(result, Response) else Response(body=result)
    response.body = to_json(response.body)
    return response


def _declare_options(blueprint: Blueprint, path: str) -> None:
    def show(**_: str) -> ChaliceResponse:
        methods = {method for spec in ROUTES if spec.path == path for method in (spec.method, "OPTIONS")}
        methods |= {"HEAD"} if "GET" in methods else set()
        return write_response(options_response(sorted(methods), cors_headers_for(blueprint.current_request)))

    blueprint.route(path, methods=["OPTIONS"], content_types=["*/*"], name=f"OPTIONS {path}")(show)


def _has_possible_ids(request: Request) -> bool:
    given = [value for name, value in request.params.items() if name == "id" or name.endswith("_id")]
    return all(map(_ID.fullmatch, given))


def _authenticate(request: Request, spec: RouteSpec, reads: Reads | None) -> Slot | BadRequest | None:
    """Finds out who calls; returns where the request's Idempotency-Key is kept, or what is wrong with it.

    Raises Unauthenticated.
    """
    if spec.public:
        return None
    if spec.session and "authorization" not in request.headers:
        request.visitor = _visitor(request)
        request.caller = signed_in(request.visitor)
        return None
    slot: Slot | BadRequest | None
    try:
        slot = slot_of(request)
    except BadRequest as error:  # raised once the caller is known
        slot = error
    also = _keys_to_read(request, reads) if reads and request.token and _has_possible_ids(request) else []
    also += [slot.key] if isinstance(slot, Slot) else []
    request.caller, request.items = authenticate(
        request.headers.get("authorization"),
        settings().operator_key_sha256,
        request.now,
        also=also,
        source_ip=request.source_ip,
        token=request.token,
    )
    return slot


def _visitor(request: Request) -> Visitor:
    """Who is signed in, by the cookie. Raises Unauthenticated; Forbidden where another site's page asks in their name."""
    if request.method not in ("GET", "HEAD"):
        demand_same_origin(request)
    visitor = sessions.read(request.headers, request.method, request.now)
    if visitor is None:
        raise Unauthenticated
    return visitor


def _admit(request: Request, spec: RouteSpec, slot: Slot | BadRequest | None) -> Slot | None:
    """Checks what a known caller may do. Raises Forbidden, TooManyRequests, BadRequest, NotFound."""
    if not spec.public:
        _check_scope(request, spec)
        request.quota = _token_buckets(settings().requests_per_second).take(request.caller.credential_id)
    if isinstance(slot, BadRequest):
        raise slot
    if not _has_possible_ids(request):
        raise NotFound
    return slot


@functools.cache
def _token_buckets(per_second: float) -> TokenBuckets:
    return TokenBuckets(per_second)


def _keys_to_read(request: Request, reads: Reads) -> list[Key]:
    try:
        return list(reads(request))
    except Exception:  # before the caller is known, no error may be told
        _log.debug("reads failed", exc_info=True)
        return []


def _check_scope(request: Request, spec: RouteSpec) -> None:
    caller = request.caller
    if caller.operator:
        if not spec.operator:
            caller.owner  # noqa: B018 - raises Forbidden: the operator's key manages employers and keys only
        return
    if (caller.person and spec.session) or (caller.key and spec.any_key):
        return
    if spec.scope is None:
        if spec.session:
            raise Forbidden("This is for a person's token.", code="person_needed")
        raise Forbidden("This is for the operator's key.", code="operator_key_needed")
    for scope in (spec.scope, spec.also_needs):
        if scope and not caller.may(scope):
            has = f"A {caller.person.role} does not have" if caller.person else "This key lacks"
            raise Forbidden(f"{has} the scope {scope!r}.", code="missing_scope")
    if caller.employer and caller.employer.suspended and request.method not in ("GET", "HEAD"):
        raise Forbidden("This employer is suspended: it can read and not write.", code="suspended")
