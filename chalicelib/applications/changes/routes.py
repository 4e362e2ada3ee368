"""`/v1/changes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib.api.query_params import LIMIT_MOST, cursor_text, limit
from chalicelib.api.request import Request
from chalicelib.api.route import route
from chalicelib.config import settings
from chalicelib.storage.feed import Change

if TYPE_CHECKING:
    from chalicelib.applications.changes.responses import ChangedRecord, Changes

changes = Blueprint(__name__)


@route(changes, "GET", "/v1/changes", scope="read")
def list_changes(request: Request) -> Changes:
    """Lists records that changed since a token. Without a token it gives one for now."""
    from chalicelib.applications.changes import service
    from chalicelib.applications.changes.responses import Changes

    query = request.read_query({"since": cursor_text, "limit": limit})
    most = query["limit"] if "limit" in request.query else LIMIT_MOST
    keys, employer_id, now = settings().sign, request.employer_id, request.now
    if "since" not in query:
        position = service.start(employer_id, now)
        return Changes([], service.token_of(position, employer_id, keys, now), False)
    page = service.read(employer_id, service.position_of(query["since"], employer_id, keys, now), most, now)
    return Changes([_shown(one) for one in page.changes], service.token_of(page.position, employer_id, keys, now), page.more)


def _shown(change: Change) -> ChangedRecord:
    from chalicelib.applications.changes.responses import ChangedRecord

    return ChangedRecord(
        type=change.type,
        id=change.id,
        changed_at=change.at,
        deleted=change.deleted,
        changes=list(change.events),
        application_id=change.application_id,
    )
