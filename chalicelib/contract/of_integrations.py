"""Connections to applicant tracking systems, their events, and what candidates wrote back."""

from __future__ import annotations

from chalicelib.contract import answers_of_integrations as answers
from chalicelib.contract.operation import Operation, one_of
from chalicelib.integrations.schema import ConnectionIn, ConnectionPatch, ReplayIn, TryIn

_EVENT = "/v1/integrations/{integration_id}/events/{event_id}"
_STATUS = one_of("unmapped", "queued", "done", "waiting", "ignored", "failed", says="What was made of it; `unmapped` by default.")

OPERATIONS = {
    "POST /v1/integrations": Operation(
        "connect_system", "Connect an applicant tracking system", answers.NewConnection, 201, takes=ConnectionIn,
        example={"system": "greenhouse", "emails_rejections": True},
        says="Give its `url` and `secret` to the system. A secret that we make is shown once."),
    "GET /v1/integrations": Operation("list_connections", "List connections", answers.Connections, faults=(422,)),
    "GET /v1/integrations/{integration_id}": Operation("get_connection", "Get a connection", answers.Connection),
    "PATCH /v1/integrations/{integration_id}": Operation(
        "patch_connection", "Change a connection", answers.Connection, takes=ConnectionPatch, example={"emails_rejections": False}),
    "DELETE /v1/integrations/{integration_id}": Operation("disconnect_system", "End a connection", None, 204),
    "POST /v1/integrations/{integration_id}/test": Operation(
        "try_payload", "Show what a payload would do", answers.TriedOut, takes=TryIn, example={"payload": {"action": "ping"}},
        says="Nothing is done."),
    "GET /v1/integrations/{integration_id}/events": Operation(
        "list_events", "List events that came in", answers.Event, page=True, query={"status": _STATUS}),
    f"GET {_EVENT}": Operation("get_event", "Get an event with its body", answers.WholeEvent),
    f"POST {_EVENT}/replay": Operation("replay_event", "Work an event again", answers.Event, 202, says="Twice is once."),
    "POST /v1/integrations/{integration_id}/replay": Operation(
        "replay_events", "Work all events of a status again", answers.Replayed, 202, takes=ReplayIn, example={"status": "unmapped"},
        says="Up to 500 at a time."),
    "GET /v1/replies": Operation("list_replies", "List what candidates answered by text", answers.Reply, page=True),
    "GET /v1/applications/{application_id}/replies": Operation(
        "list_replies_of_application", "List what this candidate answered", answers.Reply, page=True),
}  # fmt: skip
