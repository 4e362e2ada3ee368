"""Makes OpenAPI's Components Object: schemas, examples, errors, headers and credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from chalicelib.api.responses import Problem
from chalicelib.errors import ProblemCode
from chalicelib.integrations.webhooks.payloads import EVENT_DATA
from chalicelib.openapi.enums import name_enums, schema_of
from chalicelib.openapi.fields import said_of
from chalicelib.openapi.operation import Operation
from chalicelib.openapi.parts import HEADERS, PARAMETERS, SECURITY_SCHEMES
from chalicelib.openapi.problem_codes import PROBLEMS, first_of_status
from chalicelib.openapi.samples import sample_of
from chalicelib.openapi.schemas import SCHEMA_REF, add_samples, described, schemas_of
from chalicelib.openapi.variants import split_all

Json = dict[str, Any]
ERRORS = {
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
_MORE_HEADERS = {401: ["WWW-Authenticate"], 429: ["Retry-After", "RateLimit", "RateLimit-Policy"], 503: ["Retry-After"]}


def ref(model: type[Any] | str) -> Json:
    """Return a reference to the schema of a model."""
    return {"$ref": SCHEMA_REF.format(model=model if isinstance(model, str) else model.__name__)}


def header(name: str) -> Json:
    """Return a reference to a header."""
    return {"$ref": f"#/components/headers/{name}"}


def success_name(operation: Operation, status: int) -> str | None:
    """Return the name of the schema of a success; None where it is no JSON of a model."""
    gives = operation.gives_also.get(status, operation.gives)
    return None if gives is None or isinstance(gives, str) else f"{gives.__name__}Page" if operation.page else gives.__name__


def components_of(operations: Sequence[Operation]) -> Json:
    """Return the components that the operations refer to."""
    named = [Problem, *(model for one in operations for model in (one.takes, one.gives, *one.gives_also.values()))]
    models = {model for model in named if isinstance(model, type)} | set(EVENT_DATA.values())
    schemas = schemas_of(sorted(models, key=lambda model: model.__name__))
    for one in operations:
        if one.page and isinstance(one.gives, type):
            schemas[f"{one.gives.__name__}Page"] = _page_of(one.gives, one.page_also)
    add_samples(schemas)
    split_all(schemas)
    used: set[str] = set()
    schemas = name_enums(schemas, used)
    name_enums([query.schema for one in operations for query in one.query.values()], used)
    schemas |= {name: schema_of(name) for name in used}
    schemas["ProblemCode"]["x-enumDescriptions"] = {code: PROBLEMS[code].when for code in get_args(ProblemCode)}
    answers = {name for one in operations for status in (one.status, *one.also) if (name := success_name(one, status))}
    examples = {name: {"summary": "A sample", "value": sample_of(schemas[name], schemas)} for name in sorted(answers)}
    with_410 = any(one.gives != "text/html" and 410 in one.faults for one in operations)
    errors = {str(status): _error_response(status, says) for status, says in ERRORS.items() if status != 410 or with_410}
    return {
        "securitySchemes": SECURITY_SCHEMES,
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "responses": errors,
        "examples": examples | {f"Problem{status}": _problem(status) for status in ERRORS},
        "schemas": dict(sorted(schemas.items())),
    }


def _problem(status: int) -> Json:
    """Return the example of a problem with this status."""
    code = first_of_status(status)
    entry = PROBLEMS[code]
    errors = [{"pointer": "/candidate/email", "message": "must be an email address"}] if status == 422 else []
    value = {
        "type": f"urn:heardback:problem:{code}",
        "title": entry.title,
        "status": status,
        "detail": entry.detail,
        "code": code,
        "request_id": "01KT4A4MR0S1K0FS1KR9M52VB2",
        "errors": errors,
    }
    return {"summary": entry.title, "value": value}


def _error_response(status: int, says: str) -> Json:
    sample = {"sample": {"$ref": f"#/components/examples/Problem{status}"}}
    return {
        "description": says,
        "headers": {name: header(name) for name in ("X-Request-Id", "Link", *_MORE_HEADERS.get(status, ()))},
        "content": {"application/problem+json": {"schema": ref(Problem), "examples": sample}},
    }


class _Page:
    """Stands for a page of any list where fields are described."""


def _page_of(model: type[Any], also: Mapping[str, Json]) -> Json:
    properties: Json = {
        "data": {"type": "array", "items": ref(model)},
        "next_cursor": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
    }
    made = {name: described(one, *said_of(_Page, name)) for name, one in properties.items()}
    return {
        "type": "object",
        "description": "A page of a list; `next_cursor` leads to the next.",
        "required": ["data", "next_cursor", "has_more", *also],
        "properties": {**made, **also},
    }
