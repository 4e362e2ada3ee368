"""Makes OpenAPI's Path Item and Operation Objects of registered routes and `operations_*.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from chalicelib.api.responses import Problem
from chalicelib.api.route import ROUTES, RouteSpec
from chalicelib.openapi.components import ERRORS, header, ref, success_name
from chalicelib.openapi.enums import name_enums
from chalicelib.openapi.fields.parameters import said_of_path
from chalicelib.openapi.operation import Operation, Query
from chalicelib.openapi.parts import FILE_EXAMPLES
from chalicelib.openapi.tags import tag_of

Json = dict[str, Any]
_TEXT = {"type": "string"}
_BYTES = {"type": "string", "format": "binary"}
_ERASING = (
    "DELETE /v1/candidates/{candidate_id}",
    "DELETE /v1/my",
    "DELETE /v1/my/interviews/{interview_id}",
    "DELETE /v1/my/interviews/{interview_id}/link",
    "DELETE /v1/people/{person_id}",
    "PATCH /v1/employer",
    "PATCH /v1/my",
    "POST /v1/my/invitation_address",
    "POST /v1/my/phone/confirm",
)
"""They change a record with an ETag, and answer without one or without an id."""


def path_item(path: str) -> Json:
    """Return a Path Item Object with the parameters of the path, without operations."""
    parameters = []
    for name in re.findall(r"{(\w+)}", path):
        says, example = said_of_path(path, name)
        schema = {"type": "string", "minLength": 1}
        parameters.append(
            {"name": name, "in": "path", "required": True, "description": says, "schema": schema, "example": example}
        )
    return {"parameters": parameters} if parameters else {}


def operation_object(spec: RouteSpec, operation: Operation) -> Json:
    """Return the Operation Object of a route."""
    made: Json = {
        "operationId": operation.id,
        "tags": [tag_of(spec)],
        "summary": operation.summary,
        "description": " ".join(part for part in (operation.says, _credentials(spec)) if part),
    }
    if spec.public or spec.session:
        made["security"] = [] if spec.public else [{"person": []}, {"session": []}, *[{"key": []}] * takes_key(spec)]
    elif spec.scope == "my":
        made["security"] = [{"person": []}]
    if parameters := list(_parameters(spec, operation)):
        made["parameters"] = parameters
    if operation.takes:
        media = "application/merge-patch+json" if spec.method == "PATCH" else "application/json"
        content = {"schema": ref(operation.takes), "examples": {"sample": {"value": operation.example}}}
        made["requestBody"] = {"required": True, "content": {media: content}}
    elif operation.takes_file:
        made["requestBody"] = {"required": True, "content": {media: _sent_file(media) for media in operation.takes_file}}
    elif operation.takes_form:
        form = {"schema": {"type": "object"}, "example": {"List-Unsubscribe": "One-Click"}}
        made["requestBody"] = {"content": {"application/x-www-form-urlencoded": form}}
    made["responses"] = _responses(spec, operation)
    return made


def _file(media: str) -> Json:
    """Return the Media Type Object of a file."""
    example = {"example": FILE_EXAMPLES[media]} if media in FILE_EXAMPLES else {}
    return {"schema": _TEXT if media.startswith("text/") else _BYTES, **example}


def _sent_file(media: str) -> Json:
    """Return the same for a file that a client sends: bytes whatever it is, because a text may have any encoding."""
    return {**_file(media), "schema": _BYTES}


def _credentials(spec: RouteSpec) -> str:
    if spec.public:
        return "Asks for no key."
    if spec.scope == "my":
        return "By a job seeker's access token, which has the scope `my` alone."
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


def _parameters(spec: RouteSpec, operation: Operation) -> Iterable[Json]:
    for name, query in operation.query.items():
        schema = name_enums(query.schema, set())
        yield {"name": name, "in": "query", "description": query.says, "schema": schema, "example": _example(query)}
    shared = ["LimitOfShortList" if operation.is_short else "Limit", "Cursor"] if operation.page else []
    if spec.method == "POST" and (operation.repeatable or not spec.public):
        shared.append("IdempotencyKey")
    if takes_if_match(spec, operation):
        shared.append("IfMatch")
    if operation.tagged and spec.method == "GET":
        shared.append("IfNoneMatch")
    yield from ({"$ref": f"#/components/parameters/{name}"} for name in shared)


def _example(query: Query) -> Any:
    """Return the example as JSON: `query.example` is as it stands in a URL."""
    kind = query.schema["type"]
    return int(query.example) if kind == "integer" else query.example == "true" if kind == "boolean" else query.example


def _responses(spec: RouteSpec, operation: Operation) -> Json:
    good = {operation.status: "Done", **operation.also}
    made = {str(status): _success(spec, operation, status, says) for status, says in sorted(good.items())}
    if operation.tagged and spec.method == "GET":
        made["304"] = {"description": "The client has this state already", "headers": {"ETag": header("ETag")}}
    for status in sorted(_error_statuses(spec, operation)):
        if operation.gives == "text/html" and status in (401, 403, 404, 410):
            problem = {"schema": ref(Problem), "examples": {"sample": {"$ref": f"#/components/examples/Problem{status}"}}}
            content = {"text/html": _file("text/html"), "application/problem+json": problem}
            made[str(status)] = {"description": ERRORS[status], "content": content}
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
    headers += [name for name in operation.headers if name not in headers]
    names_record = spec.method == "POST" and _has_single_get(spec.path)
    headers += ["Location"] if names_record or status == 202 else []
    headers += ["RateLimit", "RateLimit-Policy"] if not spec.public else []
    headers += ["Idempotency-Replayed"] if spec.method == "POST" and (operation.repeatable or not spec.public) else []
    made: Json = {"description": says, "headers": {name: header(name) for name in headers}}
    if operation.gives == "application/json":
        made["content"] = {"application/json": {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}}
    elif isinstance(operation.gives, str):
        made["content"] = {operation.gives: _file(operation.gives)}
    elif name := success_name(operation, status):
        sample = {"sample": {"$ref": f"#/components/examples/{name}"}}
        made["content"] = {"application/json": {"schema": ref(name), "examples": sample}}
    made["content"] = made.get("content", {}) | {media: _file(media) for media in operation.gives_files}
    if not made["content"]:
        del made["content"]
    return made
