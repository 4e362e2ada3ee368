"""Builds the OpenAPI 3.1 document from registered routes, request and response models, and `operations_*.py`.

Import it late: it imports pydantic and every schema.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib import __version__
from chalicelib.api.route import ROUTES
from chalicelib.openapi import (
    operations_changes,
    operations_check_in,
    operations_employers,
    operations_integrations,
    operations_law,
    operations_messages,
    operations_records,
    operations_risk,
    operations_seekers,
    operations_webhooks,
)
from chalicelib.openapi.components import components_of
from chalicelib.openapi.examples import EXAMPLES_DATE, shift_dates
from chalicelib.openapi.operation import Operation
from chalicelib.openapi.operation_object import operation_object, path_item
from chalicelib.openapi.tags import TAGS
from chalicelib.openapi.webhook_events import webhooks_of

_PARTS = (
    operations_employers,
    operations_records,
    operations_check_in,
    operations_messages,
    operations_changes,
    operations_integrations,
    operations_risk,
    operations_law,
    operations_webhooks,
    operations_seekers,
)
OPERATIONS: dict[str, Operation] = {key: operation for part in _PARTS for key, operation in part.OPERATIONS.items()}
"""Operations by "METHOD /path"."""
Json = dict[str, Any]
_ABOUT = """Closes the loop after a job interview: candidates get one nudge to call, employers see who to call first and what \
silence costs.

* **Keys**: `Authorization: Bearer hb_…`, for servers. The key names the employer. Scopes: `report` (figures without people), \
`read` (all records, and figures), `write`, `manage`.
* **People**: an app signs a person in by a mailed code (`POST /v1/sign_in`, `POST /v1/sessions`) and sends their access token \
the same way. `GET /v1/me` says whose a credential is. Never ship a key in an app or a web page.
* **Job seekers** sign up by mail (`POST /v1/seekers`), sign in the same way, and see their own interviews alone: `/v1/my/…`.
* **Retries**: send an `Idempotency-Key` with every POST; the same request again is answered as it was for 24 hours.
* **Errors**: RFC 9457 `application/problem+json`; `errors` names every fault at once by JSON pointer.
* **Lists**: newest first unless the list says otherwise; `limit` (1–100) and `cursor`; `Link: rel="next"` leads on.
* **States**: single records carry an `ETag`; PATCH honours `If-Match`, GET `If-None-Match`.
* **Time**: RFC 3339 with an offset; answers are in UTC."""


def document(server: str = "/", today: date = EXAMPLES_DATE) -> Json:
    """Return the whole document. `server` is the API's URL; days in examples are moved to `today`, so that they are valid."""
    shown = [(spec, OPERATIONS[key]) for spec in ROUTES if (key := f"{spec.method} {spec.path}") in OPERATIONS]
    paths: Json = {}
    for spec, operation in sorted(shown, key=lambda pair: pair[0].path):
        path = paths.setdefault(spec.path, path_item(spec.path))
        path[spec.method.lower()] = operation_object(spec, operation)
    operations = [operation for _, operation in shown]
    components = components_of(operations)
    webhooks = webhooks_of(components["schemas"])
    made: Json = shift_dates({"paths": paths, "webhooks": webhooks, "components": components}, today - EXAMPLES_DATE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Heardback",
            "version": __version__,
            "summary": "No candidate left without word",
            "description": _ABOUT,
            "contact": {"name": "The operator of this deployment"},
        },
        "servers": [{"url": server}],
        "security": [{"key": []}, {"person": []}],
        "tags": [{"name": name, "description": says} for name, says in TAGS.items()],
        **made,
    }
