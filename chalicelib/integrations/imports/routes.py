"""Endpoints of imports: upload a file, follow its progress, and saved profiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.phone_numbers import read_country
from chalicelib.api.query_params import PAGING, one_of, text, true_or_false
from chalicelib.api.request import Request
from chalicelib.api.response import XLSX, Response
from chalicelib.api.route import route
from chalicelib.api.serialize import extend
from chalicelib.api.validators import read_name, read_zone
from chalicelib.errors import NotFound, UnsupportedMediaType
from chalicelib.integrations.imports.items import ImportItem, import_key
from chalicelib.rules.model import STAGES
from chalicelib.storage import table

if TYPE_CHECKING:
    from chalicelib.integrations.imports.responses import ImportProgress, Profile

imports = Blueprint(__name__)
Json = dict[str, Any]
Query = dict[str, Callable[[str], Any]]
BINARY_TYPES = (XLSX, "application/vnd.ms-excel", "application/vnd.oasis.opendocument.spreadsheet")
"""Of files that are no text. Windows with Excel sends CSV as application/vnd.ms-excel too."""
_TYPES = ("text/csv", *BINARY_TYPES, "text/calendar", "application/octet-stream")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def _how() -> Query:
    """Return the parameters that say how to read a file."""
    from chalicelib.integrations.imports.encodings import read_encoding
    from chalicelib.integrations.imports.read_file import DELIMITERS

    return {"encoding": read_encoding, "delimiter": one_of(*DELIMITERS), "sheet": text}


def _instead() -> Query:
    """Return the parameters that stand above the profile's own fields."""
    from chalicelib.integrations.imports.dates import read_date_formats, read_length, read_time_of_day

    return {
        "date_format": read_date_formats,
        "default_time": read_time_of_day,
        "timezone": read_zone,
        "country": read_country,
        "minutes": read_length,
        "job_title": read_name,
        "stage": one_of(*STAGES),
        "system": read_name,
    }


def _read_charset(content_type: str) -> str | None:
    """Return the encoding that a media type states; None for UTF-8, which is taken anyway. Raises UnsupportedMediaType."""
    from chalicelib.integrations.imports.encodings import read_encoding

    media, _, parameters = content_type.partition(";")
    if media.strip().lower() not in _TYPES:
        raise UnsupportedMediaType(f"Send the file itself, as {', '.join(_TYPES)}.")
    stated = re.search(r"(?i)(?:^|;)\s*charset\s*=\s*\"?([^\";\s]+)", parameters)
    if stated is None or stated[1].lower() in ("utf-8", "utf8", "us-ascii"):
        return None
    try:
        return read_encoding(stated[1])
    except ValueError:
        raise UnsupportedMediaType(f'The charset "{stated[1][:40]}" is not known: send UTF-8, or state ?encoding=.') from None


@route(imports, "POST", "/v1/imports", scope="write")
def post_import(request: Request) -> Response:
    """Import a file, which is the body itself. While a row is wrong nothing is imported, unless `on_fault` says otherwise."""
    from chalicelib.integrations.imports import file_quota, service
    from chalicelib.integrations.imports.check_file import check
    from chalicelib.integrations.imports.mapper import ON_FAULT
    from chalicelib.integrations.imports.report import report, warnings
    from chalicelib.integrations.imports.responses import Import

    in_query, above_profile = _how(), _instead()
    own = {"profile": text, "dry_run": true_or_false, "skip_faulty": true_or_false, "on_fault": one_of(*ON_FAULT)}
    query = request.read_query({**own, **in_query, **above_profile})
    charset = _read_charset(request.headers.get("content-type", ""))
    profile = service.find_profile(request.employer_id, query.get("profile", "heardback"))
    instead = {name: query[name] for name in above_profile if name in query}
    how = {name: query[name] for name in in_query if name in query}
    if charset and not profile.encoding:
        how = {"encoding": charset, **how}
    on_fault = query.get("on_fault", "skip_row" if query.get("skip_faulty") else "refuse")
    with file_quota.counted(request.raw_body, request.employer_id, request.now):
        checked = check(request.raw_body, profile.overlaid(instead), request.now, on_fault=on_fault, how=how)
    if query.get("dry_run"):
        return Response(200, report(checked, request.employer, request.now))
    item = service.start_import(request.employer, checked, request.now, committer=request.committer)
    found = service.serialize_import(item, request.now)
    shown = extend(Import, found, skipped=checked.skipped(), causes=checked.causes(), warnings=warnings(checked))
    return Response(202, shown, {"Location": f"/v1/imports/{item.id}"})


@route(imports, "GET", "/v1/imports/{import_id}", scope="read")
def get_import(request: Request, import_id: str) -> ImportProgress:
    """Read the progress of an import."""
    from chalicelib.integrations.imports import service

    request.read_query({})
    return service.serialize_import(service.read(request.employer_id, import_id), request.now)


@route(imports, "GET", "/v1/imports/{import_id}/faults.csv", scope="read")
def get_faults(request: Request, import_id: str) -> Response:
    """Read all that was wrong in a file, as a spreadsheet."""
    from chalicelib.api.spreadsheet import FORMAT, spreadsheet
    from chalicelib.integrations.imports import service

    query = request.read_query(FORMAT)
    table = service.fault_table(service.read(request.employer_id, import_id))
    return spreadsheet(table, query.get("format", "csv"), request.now)


@route(imports, "GET", "/v1/imports", scope="read")
def list_imports(request: Request) -> Json:
    """List imports, newest first."""
    from chalicelib.integrations.imports import service

    query = request.read_query(PAGING)

    def read(some: Sequence[str]) -> list[Any]:
        keys = [import_key(request.employer_id, one) for one in some]
        found = table.get_many(keys)
        return [
            service.serialize_import(item, request.now) if isinstance(item := found.get(key), ImportItem) else None
            for key in keys
        ]

    return pagination.paginate(request, query, pagination.ids_of_kind(request.employer_id, "IMPORT"), read)


@route(imports, "GET", "/v1/import_profiles", scope="read")
def list_profiles(request: Request) -> Json:
    """List saved profiles, then the built-in ones."""
    from chalicelib.integrations.imports import service
    from chalicelib.integrations.imports.profiles import serialize_profile
    from chalicelib.integrations.imports.shipped_profiles import SHIPPED

    saved = [serialize_profile(profile, False) for profile in service.saved_profiles(request.employer_id)]
    return pagination.paginate_few(request, [*saved, *(serialize_profile(profile, True) for profile in SHIPPED.values())])


@route(imports, "PUT", "/v1/import_profiles/{name}", scope="manage")
def put_profile(request: Request, name: str) -> Profile:
    """Save a profile."""
    from chalicelib.integrations.imports import service
    from chalicelib.integrations.imports.profiles import serialize_profile
    from chalicelib.integrations.imports.schema import ProfileIn
    from chalicelib.integrations.imports.shipped_profiles import SHIPPED

    if not _NAME.fullmatch(name) or name in SHIPPED:
        raise NotFound("A profile's name is lower-case letters, digits, - and _, and none of ours.")
    given = request.body(ProfileIn).model_dump()
    fields = {"name": name, **{key: value for key, value in given.items() if value is not None}}
    return serialize_profile(service.save_profile(request.employer_id, fields, request.now, origin=request.origin), False)


@route(imports, "DELETE", "/v1/import_profiles/{name}", scope="manage")
def delete_profile(request: Request, name: str) -> Response:
    """Delete a saved profile."""
    from chalicelib.integrations.imports import service

    if not _NAME.fullmatch(name):
        raise NotFound
    service.delete_profile(request.employer_id, name, request.now, origin=request.origin)
    return Response(204)
