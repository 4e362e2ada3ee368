"""The doors of imports: a file in, how far it is, and saved profiles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib import table
from chalicelib.access.call import Call, Reply
from chalicelib.access.routes import route
from chalicelib.applications import lists
from chalicelib.errors import NotFound, UnsupportedMediaType
from chalicelib.http import PAGING, one_of, text, true_or_false
from chalicelib.integrations.imports import reading, service
from chalicelib.integrations.imports.mapper import read_date_format
from chalicelib.integrations.imports.profiles import BUILT_IN, profile_json
from chalicelib.integrations.imports.table import ImportItem, import_key
from chalicelib.rules.records import STAGES
from chalicelib.values import read_country, read_name, read_zone

imports = Blueprint(__name__)
Json = dict[str, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = ("text/csv", XLSX, "application/octet-stream")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def _minutes(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= 1440:
        raise ValueError("must be a whole number from 1 to 1440")
    return int(value)


_HOW = {"encoding": one_of(*reading.ENCODINGS), "delimiter": one_of(*reading.DELIMITERS), "sheet": text}
_INSTEAD = {"date_format": read_date_format, "timezone": read_zone, "country": read_country, "minutes": _minutes,
            "job_title": read_name, "stage": one_of(*STAGES), "system": read_name}  # fmt: skip


@route(imports, "POST", "/v1/imports", scope="write")
def post_import(call: Call) -> Reply:
    """The body is the file itself. Nothing is imported while a row is wrong, unless `skip_faulty=true`."""
    query = call.read_query({"profile": text, "dry_run": true_or_false, "skip_faulty": true_or_false, **_HOW, **_INSTEAD})
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() not in _TYPES:
        raise UnsupportedMediaType(f"Send the file itself, as {', '.join(_TYPES)}.")
    profile = service.profile_named(call.employer_id, query.get("profile", "heardback"))
    instead = {name: query[name] for name in _INSTEAD if name in query}
    how = {name: query[name] for name in _HOW if name in query}
    checked = service.check(call.raw_body, profile.overlaid(instead), call.now, **how)
    if query.get("dry_run"):
        return Reply(200, checked.report())
    item = service.begin(call.employer, checked, call.now, skip_faulty=query.get("skip_faulty", False))
    skipped = {"skipped": [{"pointer": fault.pointer, "message": fault.message} for fault in checked.fault_list()]}
    return Reply(202, {**service.import_json(item, call.now), **skipped}, {"Location": f"/v1/imports/{item.id}"})


@route(imports, "GET", "/v1/imports/{import_id}", scope="read")
def get_import(call: Call, import_id: str) -> Json:
    call.read_query({})
    return service.import_json(service.read(call.employer_id, import_id), call.now)


@route(imports, "GET", "/v1/imports", scope="read")
def list_imports(call: Call) -> Json:
    query = call.read_query(PAGING)

    def read(some: Sequence[str]) -> list[Json | None]:
        keys = [import_key(call.employer_id, one) for one in some]
        found = table.get_many(keys)
        return [service.import_json(item, call.now) if isinstance(item := found.get(key), ImportItem) else None for key in keys]

    return lists.page(call, query, lists.of_kind(call.employer_id, "IMPORT"), read)


@route(imports, "GET", "/v1/import_profiles", scope="read")
def list_profiles(call: Call) -> Json:
    """Yours, then ours."""
    call.read_query({})
    return {"data": [profile_json(profile) for profile in (*service.saved_profiles(call.employer_id), *BUILT_IN.values())]}


@route(imports, "PUT", "/v1/import_profiles/{name}", scope="write")
def put_profile(call: Call, name: str) -> Json:
    from chalicelib.integrations.imports.schema import ProfileIn

    if not _NAME.fullmatch(name) or name in BUILT_IN:
        raise NotFound("A profile's name is lower-case letters, digits, - and _, and none of ours.")
    fields = call.body(ProfileIn).model_dump(exclude_none=True)
    return profile_json(service.save_profile(call.employer_id, {**fields, "name": name}, call.now))


@route(imports, "DELETE", "/v1/import_profiles/{name}", scope="write")
def delete_profile(call: Call, name: str) -> Reply:
    if not _NAME.fullmatch(name):
        raise NotFound
    service.drop_profile(call.employer_id, name)
    return Reply(204)
