"""The page that imports a spreadsheet: the file is checked first, and the report shows what would happen."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.spreadsheet import FORMAT, spreadsheet
from chalicelib.api.validators import read_zone
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import ApiError, BadRequest, FieldError, TooLarge, Unprocessable
from chalicelib.integrations.imports import file_quota, service
from chalicelib.integrations.imports.check_file import Checked, check, fitting_profile
from chalicelib.integrations.imports.dates import read_date_formats, read_time_of_day
from chalicelib.integrations.imports.profiles import INSTANTS
from chalicelib.integrations.imports.read_file import FILE_MOST
from chalicelib.integrations.imports.report import report
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.web import page_support, render

BODY_MOST = FILE_MOST * 3 // 2
"""A file that was checked comes back in the page's form as Base64, compressed."""
ON_FAULT = {
    "refuse": "Import nothing",
    "skip_cell": "Leave out the wrong cells and import the rest",
    "skip_row": "Leave out the wrong rows and import the rest",
}
_READERS: dict[str, Callable[[str], Any]] = {
    "timezone": read_zone,
    "date_format": read_date_formats,
    "default_time": read_time_of_day,
}
_LABELS = {
    "file": "File:",
    "profile": "Layout",
    "timezone": "Time zone",
    "date_format": "Date format",
    "default_time": "Time for dates without one",
}
_CHOICES = ("profile", "timezone", "date_format", "default_time", "on_fault")


def form(request: Request, visitor: Visitor) -> Response:
    """GET /people/import"""
    return _page(request, visitor, Form())


def save(request: Request, visitor: Visitor) -> Response:
    """POST /people/import: checks the file; imports it where the button says so."""
    given, name, raw = read_upload(request)
    forms.demand(given, visitor.session.id, request)
    page_support.demand_active(visitor)
    try:
        if not raw:
            raise Unprocessable(errors=[FieldError("/file", "choose a file")])
        with file_quota.counted(raw, visitor.employer.id, request.now):
            checked = _checked(given, raw, visitor, request)
        if given.one("do") == "import":
            return page_support.once(request, visitor, given, lambda: _started(request, visitor, checked))
    except ApiError as error:
        problems = [f"{_label(fault.pointer)} {fault.message}" for fault in error.errors]
        return _page(request, visitor, given, problems=problems or [error.detail], status=error.status)
    found = report(checked, visitor.employer, request.now)
    return _page(request, visitor, given, found=found, name=name, kept=base64.b64encode(gzip.compress(raw)).decode())


def _label(pointer: str) -> str:
    """Return what the page calls a field or a place in the file."""
    name, *within = pointer.strip("/").split("/")
    return ", ".join([_LABELS.get(name, f"Line {name}" if name.isdigit() else name.capitalize()), *within])


def progress(request: Request, visitor: Visitor, started: str) -> Response:
    """GET /people/import/{started}"""
    item = service.read(visitor.employer.id, page_support.demand_id(started, "imp"))
    template = "import_state.html" if request.headers.get("hx-request") else "import_progress.html"
    return page_support.page(template, request, visitor, found=service.serialize_import(item, request.now))


def faults(request: Request, visitor: Visitor, started: str) -> Response:
    """GET /people/import/{started}/faults: all that was wrong in the file, as a spreadsheet."""
    query = request.read_query(FORMAT)
    item = service.read(visitor.employer.id, page_support.demand_id(started, "imp"))
    response = spreadsheet(service.fault_table(item), query.get("format", "xlsx"), request.now)
    response.headers = {**render.HEADERS, **response.headers}
    return response


def _checked(given: Form, raw: bytes, visitor: Visitor, request: Request) -> Checked:
    """Read the file by the profile and the form's choices. Raises Unprocessable."""
    instead: dict[str, Any] = {"timezone": visitor.employer.timezone}
    for name, reader in _READERS.items():
        if given.has(name):
            try:
                instead[name] = reader(given.one(name))
            except ValueError as error:
                raise Unprocessable(errors=[FieldError(f"/{name}", str(error))]) from None
    if given.has("profile"):
        profile = service.find_profile(visitor.employer.id, given.one("profile"))
    else:
        profile = fitting_profile(raw, [*service.saved_profiles(visitor.employer.id), *SHIPPED.values()])
    on_fault: Any = given.one("on_fault") if given.one("on_fault") in ON_FAULT else "refuse"
    return check(raw, profile.overlaid(instead), request.now, on_fault=on_fault, how={})


def _started(request: Request, visitor: Visitor, checked: Checked) -> Response:
    item = service.start_import(visitor.employer, checked, request.now, committer=request.committer)
    return page_support.see_other(request, f"/people/import/{item.id}")


def _page(
    request: Request,
    visitor: Visitor,
    given: Form,
    *,
    problems: list[str] | None = None,
    status: int = 200,
    found: Any = None,
    name: str = "",
    kept: str = "",
) -> Response:
    saved = [profile.name for profile in service.saved_profiles(visitor.employer.id)]
    typed = {choice: given.one(choice) for choice in _CHOICES}
    typed["timezone"] = typed["timezone"] or visitor.employer.timezone
    return page_support.page(
        "import.html",
        request,
        visitor,
        status,
        typed=typed,
        profiles=[*saved, *(one for one in SHIPPED if one not in saved)],
        on_fault=ON_FAULT,
        problems=problems or [],
        found=found,
        instants=INSTANTS,
        name=name,
        kept=kept,
    )


def read_upload(request: Request) -> tuple[Form, str, bytes]:
    """Return the form, the file's name and its bytes. Raises BadRequest, TooLarge."""
    if len(request.raw_body) > BODY_MOST:
        raise TooLarge("A file to import has at most 4 MB.")
    forms.demand_same_origin(request)
    kind = request.headers.get("content-type", "")
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.raw_body)
    if message.get_content_type() != "multipart/form-data" or not message.is_multipart():
        raise BadRequest("The form cannot be read.")
    given, name, raw = Form(), "", b""
    for part in message.iter_parts():
        field = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(field, str) or not isinstance(content, bytes):
            continue
        if field == "file":
            name, raw = part.get_filename() or "", content
        else:
            given.setdefault(field, []).append(content.decode(errors="replace").strip())
    if not raw and given.has("kept"):
        raw = _unpacked(given.pop("kept")[0])
        name = given.one("kept_name")
    return given, name, raw


def _unpacked(text: str) -> bytes:
    """Return the file that the page kept. Raises BadRequest, TooLarge."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(base64.b64decode(text, validate=True))) as stream:
            raw = stream.read(FILE_MOST + 1)
    except (binascii.Error, OSError, EOFError):
        raise BadRequest("The form cannot be read.") from None
    return raw
