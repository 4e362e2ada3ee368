"""Builds the OpenAPI 3.1 document from registered routes, request and response models, and `operations_*.py`.

Import it late: it imports pydantic and every schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from chalicelib import __version__
from chalicelib.api.responses import Problem
from chalicelib.api.route import ROUTES, RouteSpec
from chalicelib.openapi import (
    operations_changes,
    operations_employers,
    operations_integrations,
    operations_law,
    operations_records,
    operations_risk,
    operations_webhooks,
)
from chalicelib.openapi.examples import EXAMPLES_DATE, shift_dates
from chalicelib.openapi.operation import Operation
from chalicelib.openapi.parts import HEADERS, PARAMETERS
from chalicelib.openapi.schemas import SCHEMA_REF, schemas_of
from chalicelib.openapi.tags import TAGS, tag_of

_PARTS = (
    operations_employers,
    operations_records,
    operations_changes,
    operations_integrations,
    operations_risk,
    operations_law,
    operations_webhooks,
)
OPERATIONS: dict[str, Operation] = {key: operation for part in _PARTS for key, operation in part.OPERATIONS.items()}
"""Operations by "METHOD /path"."""
Json = dict[str, Any]
_TEXT = {"type": "string"}
_BYTES = {"type": "string", "format": "binary"}
_ABOUT = """Closes the loop after a job interview: candidates get one nudge to call, employers see who to call first and what \
silence costs.

* **Keys**: `Authorization: Bearer hb_…`, for servers. The key names the employer. Scopes: `report` (figures without people), \
`read` (all records, and figures), `write`, `manage`.
* **People**: an app signs a person in by a mailed code (`POST /v1/sign_in`, `POST /v1/sessions`) and sends their access token \
the same way. `GET /v1/me` says whose a credential is. Never ship a key in an app or a web page.
* **Retries**: send an `Idempotency-Key` with every POST; the same request again is answered as it was for 24 hours.
* **Errors**: RFC 9457 `application/problem+json`; `errors` names every fault at once by JSON pointer.
* **Lists**: newest first unless the list says otherwise; `limit` (1–100) and `cursor`; `Link: rel="next"` leads on.
* **States**: single records carry an `ETag`; PATCH honours `If-Match`, GET `If-None-Match`.
* **Time**: RFC 3339 with an offset; answers are in UTC."""
_ERRORS = {
    400: "Not well-formed: JSON that is not JSON, or a header that can't be read",
    401: "No valid credential",
    403: "The scope is missing, or the employer is suspended",
    404: "There is no such record, or it is another employer's",
    409: "The record's state does not allow this, or others changed it at the same time",
    410: "The link or the token has expired",
    412: "The record has changed since it was read",
    413: "The body is too large",
    415: "The body is not sent as JSON",
    422: "Well-formed and wrong: every fault is named",
    429: "Too many requests: wait as long as `Retry-After` says",
    500: "Something went wrong here; it has been logged",
    503: "The table did not answer in time: try again",
}


def document(server: str = "/", today: date = EXAMPLES_DATE) -> Json:
    """Return the whole document. `server` is the API's URL; days in examples are moved to `today`, so that they are valid."""
    shift = today - EXAMPLES_DATE
    shown = [(spec, OPERATIONS[key]) for spec in ROUTES if (key := f"{spec.method} {spec.path}") in OPERATIONS]
    paths: Json = {}
    for spec, operation in sorted(shown, key=lambda pair: pair[0].path):
        path = paths.setdefault(spec.path, _path_item(spec.path))
        path[spec.method.lower()] = shift_dates(_operation(spec, operation), shift)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Heardback",
            "version": __version__,
            "summary": "No candidate left without word",
            "description": _ABOUT,
        },
        "servers": [{"url": server}],
        "security": [{"key": []}, {"person": []}],
        "tags": [{"name": name, "description": says} for name, says in TAGS.items()],
        "paths": paths,
        "components": _components([operation for _, operation in shown]),
    }


def _path_item(path: str) -> Json:
    names = re.findall(r"{(\w+)}", path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names]
    return {"parameters": parameters} if parameters else {}


def _operation(spec: RouteSpec, operation: Operation) -> Json:
    made: Json = {
        "operationId": operation.id,
        "tags": [tag_of(spec)],
        "summary": operation.summary,
        "description": " ".join(part for part in (operation.says, _credentials(spec)) if part),
    }
    if spec.public or spec.session:
        made["security"] = [] if spec.public else [{"person": []}, {"session": []}, *[{"key": []}] * takes_key(spec)]
    if parameters := list(_parameters(spec, operation)):
        made["parameters"] = parameters
    if operation.takes:
        media = "application/merge-patch+json" if spec.method == "PATCH" else "application/json"
        content = {"schema": _ref(operation.takes), "examples": {"sample": {"value": operation.example}}}
        made["requestBody"] = {"required": True, "content": {media: content}}
    elif operation.takes_file:
        files = {media: {"schema": _TEXT if media.startswith("text/") else _BYTES} for media in operation.takes_file}
        made["requestBody"] = {"required": True, "content": files}
    elif operation.takes_form:
        made["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}
    made["responses"] = _responses(spec, operation)
    return made


def _credentials(spec: RouteSpec) -> str:
    if spec.public:
        return "Asks for no key."
    if spec.session:
        keys = "any key or the operator's" if spec.any_key else f"a key with the scope `{spec.scope}`" if spec.scope else ""
        also = f", or by {keys}" if keys else ""
        return f"By a person's access token, or the cookie of the pages{also}. Another site's page gets 403 `cross_site`."
    scope = "`report` or `read`" if spec.scope == "report" else f"`{spec.scope}`"
    scope += f" and the scope `{spec.also_needs}`" if spec.also_needs else ""
    by = [f"a key or a person with the scope {scope}"] * bool(spec.scope) + ["the operator's key"] * spec.operator
    reduced = " Without `read` the response holds ids and `created` only." if spec.shows_people else ""
    return f"By {' or '.join(by)}.{reduced}"


def takes_key(spec: RouteSpec) -> bool:
    """Return whether a route that takes people's sessions also takes API keys."""
    return spec.any_key or bool(spec.scope)


def takes_if_match(spec: RouteSpec, operation: Operation) -> bool:
    """Return whether an operation changes one record that has an ETag."""
    return (operation.tagged and "{" in spec.path and spec.method != "GET") or f"{spec.method} {spec.path}" in _ERASING


_ERASING = ("DELETE /v1/candidates/{candidate_id}", "DELETE /v1/people/{person_id}", "PATCH /v1/employer")
"""They change a record with an ETag, and answer without one or without an id."""


def _parameters(spec: RouteSpec, operation: Operation) -> Iterable[Json]:
    for name, query in operation.query.items():
        example = {"example": int(query.example) if query.schema["type"] == "integer" else query.example} if query.example else {}
        yield {"name": name, "in": "query", "description": query.says, "schema": query.schema, **example}
    shared = ["Limit", "Cursor"] if operation.page else []
    if spec.method == "POST" and (operation.repeatable or not spec.public):
        shared.append("IdempotencyKey")
    if takes_if_match(spec, operation):
        shared.append("IfMatch")
    if operation.tagged and spec.method == "GET":
        shared.append("IfNoneMatch")
    yield from ({"$ref": f"#/components/parameters/{name}"} for name in shared)


def _responses(spec: RouteSpec, operation: Operation) -> Json:
    good = {operation.status: "Done", **operation.also}
    made = {str(status): _success(spec, operation, status, says) for status, says in sorted(good.items())}
    if operation.tagged and spec.method == "GET":
        made["304"] = {"description": "The client has this state already", "headers": {"ETag": _header("ETag")}}
    media_is_html = operation.gives == "text/html"
    for status in sorted(_error_statuses(spec, operation)):
        if media_is_html and status in (401, 403, 404, 410):
            made[str(status)] = {
                "description": _ERRORS[status],
                "content": {"text/html": {"schema": {"type": "string"}}, "application/problem+json": {"schema": _ref(Problem)}},
            }
        else:
            made[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return made


def _error_statuses(spec: RouteSpec, operation: Operation) -> set[int]:
    """Return the error statuses of an operation."""
    found = {500, *operation.faults}
    found |= set() if spec.path in ("/openapi.json", "/docs") else {503}
    if not spec.public:
        found |= {401, 403, 429}
    if "{" in spec.path:
        found.add(404)
    if operation.takes:
        found |= {400, 413, 415, 422}
    if operation.query or operation.page:
        found.add(422)
    if not spec.public and spec.method not in ("GET", "HEAD"):
        found.add(409)
    if not spec.public and spec.method == "POST":
        found |= {400, 422}
    if takes_if_match(spec, operation):
        found.add(412)
    return found


def _has_single_get(path: str) -> bool:
    return any(spec.method == "GET" and re.fullmatch(re.escape(path) + r"/{\w+}", spec.path) for spec in ROUTES)


def _success(spec: RouteSpec, operation: Operation, status: int, says: str) -> Json:
    headers = ["X-Request-Id"]
    headers += ["ETag"] if operation.tagged else []
    headers += ["Link"] if operation.page else []
    made_one = status == 201 and spec.method == "POST" and _has_single_get(spec.path)
    headers += ["Location"] if made_one or status == 202 else []
    headers += ["RateLimit", "RateLimit-Policy"] if not spec.public else []
    headers += ["Idempotency-Replayed"] if spec.method == "POST" and (operation.repeatable or not spec.public) else []
    made: Json = {"description": says, "headers": {name: _header(name) for name in headers}}
    if isinstance(operation.gives, str):
        made["content"] = {operation.gives: {"schema": {"type": "object"} if operation.gives == "application/json" else _TEXT}}
    elif gives := operation.gives_also.get(status, operation.gives):
        schema = {"$ref": SCHEMA_REF.format(model=f"{gives.__name__}Page")} if operation.page else _ref(gives)
        made["content"] = {"application/json": {"schema": schema}}
    for media in operation.gives_files:
        made["content"][media] = {"schema": _TEXT if media.startswith("text/") else _BYTES}
    return made


def _ref(model: type[Any]) -> Json:
    return {"$ref": SCHEMA_REF.format(model=model.__name__)}


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


def _components(operations: list[Operation]) -> Json:
    named = [Problem, *(model for one in operations for model in (one.takes, one.gives, *one.gives_also.values()))]
    models = {model for model in named if isinstance(model, type)}
    schemas = schemas_of(sorted(models, key=lambda model: model.__name__))
    for one in operations:
        if one.page and isinstance(one.gives, type):
            schemas[f"{one.gives.__name__}Page"] = _page_of(one.gives, one.page_also)
    with_410 = any(one.gives != "text/html" and 410 in one.faults for one in operations)
    errors = {str(status): _error_response(status, says) for status, says in _ERRORS.items() if status != 410 or with_410}
    return {
        "securitySchemes": {
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "__Host-heardback_session",
                "description": "The cookie of a person who is signed in to the pages.",
            },
            "person": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "hba_…",
                "description": "A person's access token, from `POST /v1/sessions`. It lasts an hour. A recruiter has the scopes "
                "`read` and `write`, a manager `manage` too. `POST /v1/sessions/refresh` gets the next one.",
            },
            "key": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "hb_…",
                "description": "An employer's API key, or the operator's key.",
            },
        },
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "responses": errors,
        "schemas": dict(sorted(schemas.items())),
    }


def _error_response(status: int, says: str) -> Json:
    names = [
        "X-Request-Id",
        *(
            {401: ["WWW-Authenticate"], 429: ["Retry-After", "RateLimit", "RateLimit-Policy"], 503: ["Retry-After"]}.get(
                status, []
            )
        ),
    ]
    return {
        "description": says,
        "headers": {name: _header(name) for name in names},
        "content": {"application/problem+json": {"schema": _ref(Problem)}},
    }


def _page_of(model: type[Any], also: Mapping[str, Json]) -> Json:
    return {
        "type": "object",
        "description": "A page of a list; `next_cursor` leads to the next.",
        "required": ["data", "next_cursor", "has_more", *also],
        "properties": {
            "data": {"type": "array", "items": _ref(model)},
            "next_cursor": {"type": ["string", "null"]},
            "has_more": {"type": "boolean"},
            **also,
        },
    }
