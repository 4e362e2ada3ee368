"""`GET /v1/audit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING, one_of
from chalicelib.api.request import Request
from chalicelib.api.route import route
from chalicelib.api.validators import instant_near
from chalicelib.auth import audit_log
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import WHATS, AuditItem

if TYPE_CHECKING:
    from chalicelib.accounts.audit.responses import AuditEntry

audit = Blueprint(__name__)


@route(audit, "GET", "/v1/audit", scope="manage")
def list_audit(request: Request) -> dict[str, Any]:
    """Lists who did what, newest first."""

    query = request.read_query(
        {**PAGING, "since": lambda value: instant_near(value.replace(" ", "+"), request.now), "what": one_of(*WHATS)}
    )
    entries, what = audit_log.Entries(request.employer_id, request.now, query.get("since")), query.get("what")

    def read(some: Sequence[str]) -> list[AuditEntry | None]:
        return [serialize_entry(item) if what in (None, item.what) else None for item in entries.take(some)]

    return pagination.paginate(request, query, entries.ids_after, read)


def serialize_entry(item: AuditItem) -> AuditEntry:
    """Returns an entry as clients see it."""
    from chalicelib.accounts.audit.responses import AuditAbout, AuditEntry

    actor, about = item.actor, item.about
    return AuditEntry(
        id=item.id,
        at=item.at,
        who=Actor(actor["type"], actor.get("id"), actor.get("name")),
        what=item.what,
        from_=item.place,
        about=AuditAbout(about["type"], about["id"], about.get("name")) if about else None,
        fields=item.fields or [],
        count=int(item.times),
    )
