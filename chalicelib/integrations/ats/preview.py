"""Shows what a payload would do, and changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.json_text import dump, instant
from chalicelib.integrations.ats import ats_state, merge, process_event
from chalicelib.integrations.ats.http_client import RetryableError
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.integrations.ats.merge import Fact, Wanted
from chalicelib.integrations.ats.payload import Unmapped
from chalicelib.integrations.ats.responses import TriedOut

Json = dict[str, Any]


def describe_effect(connection: ConnectionItem, payload: Any, now: datetime) -> TriedOut:
    """Describe what a payload would do."""
    try:
        reading = process_event.read_event(connection, dump(payload).encode("utf-8", "replace"), now, now)
    except (Unmapped, RetryableError) as error:
        return TriedOut(mapped=False, note=str(error), applications=[])
    by_application = ats_state.group_by_application(reading.facts)
    return TriedOut(
        mapped=True,
        note=reading.note,
        applications=[_application_json(connection, ref, facts) for ref, facts in by_application.items()],
        people_gone=list(reading.people_gone),
        interviews_gone=list(reading.interviews_gone),
    )


def _application_json(connection: ConnectionItem, ref: str, facts: list[Fact]) -> Json:
    known = ats_state.read(connection, ref)
    wanted = merge.without_called_off(merge.wanted(merge.merge(known.seen.state if known else {}, facts)), {})
    application_id = known.seen.applied.get("application_id") if known else None
    can_open = wanted.interviews and wanted.person and wanted.job_title
    return {
        "external_id": ref,
        "application_id": application_id,
        **_wanted_json(wanted),
        "would": "update" if application_id else "open" if can_open else "wait",
    }


def _wanted_json(wanted: Wanted) -> Json:
    return {
        "candidate": wanted.person,
        "job_title": wanted.job_title,
        "status": wanted.status,
        "decided": wanted.decided,
        "decided_at": instant(wanted.decided_at),
        "interviews": [
            {"external_id": one.ref, "stage": one.stage, "start_at": instant(one.start_at), "end_at": instant(one.end_at)}
            for one in wanted.interviews
        ],
    }
