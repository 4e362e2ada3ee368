"""Operations of ATS connections, their events, and imports."""

from __future__ import annotations

from chalicelib.api.response import XLSX
from chalicelib.api.schema_types import NAME
from chalicelib.api.spreadsheet import FORMATS
from chalicelib.integrations.ats.responses import (
    Connection,
    Event,
    NewConnection,
    PolledConnection,
    Replayed,
    TriedOut,
    WholeEvent,
)
from chalicelib.integrations.ats.schema import ConnectionIn, ConnectionPatch, ReplayIn, TryIn
from chalicelib.integrations.imports.dates import DATE_FORMATS
from chalicelib.integrations.imports.responses import Import, ImportProgress, ImportReport, Profile
from chalicelib.integrations.imports.routes import BINARY_TYPES
from chalicelib.integrations.imports.schema import ProfileIn
from chalicelib.openapi.operation import TRUE_OR_FALSE, Operation, Query, one_of, text
from chalicelib.rules.model import ATS_EVENT_STATUSES, STAGES

_EVENT = "/v1/integrations/{integration_id}/events/{event_id}"
_CSV = "text/csv"
_CALENDAR = "text/calendar"
_OCTETS = "application/octet-stream"
_HOW_TO_READ = {
    "profile": text("A saved profile, or one of ours.", "heardback"),
    "dry_run": Query(TRUE_OR_FALSE, "Say what would be done, and do nothing.", "true"),
    "skip_faulty": Query(TRUE_OR_FALSE, "As `on_fault=skip_row`.", "true"),
    "on_fault": one_of(
        "refuse", "skip_cell", "skip_row", says="Refuse the file, leave out the wrong cells, or leave out their rows."
    ),
    "encoding": text("Of a CSV file without a byte order mark; UTF-8 by default.", "windows-1252"),
    "delimiter": one_of("comma", "semicolon", "tab", "pipe", says="Of a CSV file."),
    "sheet": text("Of a workbook.", "Candidates"),
    "date_format": text(
        "How dates are written; several formats with | between them.", "%d.%m.%Y %H:%M", maxLength=500, pattern=DATE_FORMATS
    ),
    "default_time": text("The hour of dates without a time.", "17:00", pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    "timezone": text("Whose clock times are on.", "America/New_York"),
    "country": text("Where numbers without a country code are.", "US"),
    "minutes": Query({"type": "integer", "minimum": 1, "maximum": 1440}, "How long interviews last that have no end.", "60"),
    "job_title": text("For rows that name none.", "Welder", **NAME),
    "stage": one_of(*STAGES, says="As above."),
    "system": text("What the ids in the file are of.", "import", **NAME),
}
_STATUS = one_of(*ATS_EVENT_STATUSES, example="unmapped", says="What was made of it; `unmapped` by default.")

OPERATIONS = {
    "POST /v1/integrations": Operation(
        "connect_system",
        "Connect an applicant tracking system",
        NewConnection,
        201,
        takes=ConnectionIn,
        example={"system": "greenhouse", "emails_rejections": True},
        says="Give its `url` and `secret` to the system. A secret that we make is shown once.",
    ),
    "GET /v1/integrations": Operation("list_connections", "List connections", Connection, page=True, is_short=True),
    "GET /v1/integrations/{integration_id}": Operation("get_connection", "Get a connection", PolledConnection),
    "PATCH /v1/integrations/{integration_id}": Operation(
        "patch_connection", "Change a connection", Connection, takes=ConnectionPatch, example={"emails_rejections": False}
    ),
    "DELETE /v1/integrations/{integration_id}": Operation("disconnect_system", "End a connection", None, 204),
    "POST /v1/integrations/{integration_id}/test": Operation(
        "try_payload",
        "Show what a payload would do",
        TriedOut,
        takes=TryIn,
        example={"payload": {"action": "ping"}},
        says="Nothing is done.",
    ),
    "GET /v1/integrations/{integration_id}/events": Operation(
        "list_events", "List events that came in", Event, page=True, query={"status": _STATUS}
    ),
    f"GET {_EVENT}": Operation("get_event", "Get an event with its body", WholeEvent),
    f"POST {_EVENT}/replay": Operation("replay_event", "Work an event again", Event, 202, says="Twice is once."),
    "POST /v1/integrations/{integration_id}/replay": Operation(
        "replay_events",
        "Work all events of a status again",
        Replayed,
        202,
        takes=ReplayIn,
        example={"status": "unmapped"},
        says="Up to 500 at a time.",
    ),
    "POST /v1/imports": Operation(
        "import_file",
        "Take in a file of candidates, applications and interviews",
        Import,
        202,
        also={200: "What would be done (`dry_run`)"},
        gives_also={200: ImportReport},
        takes_file=(_CSV, *BINARY_TYPES, _CALENDAR, _OCTETS),
        example="name,email,job_title\nSam Sample,sam@example.com,Welder\n",
        query=_HOW_TO_READ,
        faults=(400, 413, 415),
        says="The body is the file. Nothing is imported while a row is wrong, unless `on_fault` says otherwise. 429 "
        "`too_many_unreadable_files` for workbooks where ten within the hour could not be read.",
    ),
    "GET /v1/imports/{import_id}": Operation("get_import", "How far an import is", ImportProgress, faults=(422,)),
    "GET /v1/imports/{import_id}/faults.csv": Operation(
        "get_import_faults",
        "All that was wrong in a file, as a spreadsheet",
        "text/csv",
        query={"format": one_of(*FORMATS, example="xlsx", says="CSV, or a workbook (XLSX).")},
        gives_files=(XLSX,),
        headers=("Content-Disposition",),
    ),
    "GET /v1/imports": Operation("list_imports", "List imports", ImportProgress, page=True),
    "GET /v1/import_profiles": Operation("list_import_profiles", "List import profiles", Profile, page=True, is_short=True),
    "PUT /v1/import_profiles/{name}": Operation(
        "save_import_profile",
        "Save an import profile",
        Profile,
        takes=ProfileIn,
        example={"columns": {"name": ["Applicant"], "email": ["E-mail"]}, "timezone": "America/New_York"},
    ),
    "DELETE /v1/import_profiles/{name}": Operation("delete_import_profile", "Delete an import profile", None, 204),
}
