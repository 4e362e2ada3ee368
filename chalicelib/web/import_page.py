"""The page that imports a spreadsheet: the file is checked first, and the report shows what would happen."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
from collections.abc import Callable
from typing import Any

from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.phone_numbers import read_country
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.spreadsheet import FORMAT, spreadsheet
from chalicelib.api.validators import read_name, read_zone
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import ApiError, BadRequest, FieldError, TooLarge, Unprocessable
from chalicelib.integrations.imports import file_quota, service
from chalicelib.integrations.imports.check_file import Checked, check
from chalicelib.integrations.imports.columns import find_layout
from chalicelib.integrations.imports.date_order import DateOrder, formats_of, read_example
from chalicelib.integrations.imports.dates import read_length, read_time_of_day
from chalicelib.integrations.imports.encodings import read_encoding
from chalicelib.integrations.imports.profiles import INSTANTS, Profile
from chalicelib.integrations.imports.read_file import FILE_MOST
from chalicelib.integrations.imports.report import report
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.web import import_columns, import_dates, import_words, page_support, render, uploads
from chalicelib.web.import_columns import Choice

BODY_MOST = FILE_MOST * 3 // 2
"""A file that was checked comes back in the page's form as Base64, compressed."""
ON_FAULT = {
    "refuse": "Import nothing",
    "skip_cell": "Leave out the wrong cells and import the rest",
    "skip_row": "Leave out the wrong rows and import the rest",
}
_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "timezone": ("timezone", read_zone),
    "date_order": ("date_format", formats_of),
    "date_format": ("date_format", read_example),
    "default_time": ("default_time", read_time_of_day),
    "minutes": ("minutes", read_length),
    "job_title": ("job_title", read_name),
    "country": ("country", lambda text: read_country(text.upper())),
}
"""The form's fields that stand above the profile's own: {field: (name in the profile, reader)}. The later one counts."""
_CHOICES = ("profile", "encoding", *_READERS, "on_fault", "remember")
Problems = list[tuple[str, str]]
"""(field of the form or "", message)"""


def form(request: Request, visitor: Visitor) -> Response:
    """GET /people/import"""
    return _page(request, visitor, Form())


def save(request: Request, visitor: Visitor) -> Response:
    """POST /people/import: checks the file; imports it where the button says so."""
    given, name, raw = read_upload(request)
    forms.demand(given, visitor.session.id, request)
    page_support.demand_active(visitor)
    choice: Choice | None = None
    encodings = import_columns.encodings_of(raw)
    try:
        if not raw:
            raise Unprocessable(errors=[FieldError("/file", f"“{name[:80]}” is empty" if name else "choose a file")])
        with file_quota.counted(raw, visitor.employer.id, request.now):
            choice = _choice(given, raw, visitor)
            checked, order = _checked(given, raw, choice, visitor, request)
        if given.one("do") == "import" and _was_shown(given, choice, order):
            remember = choice is not None and given.has("remember")
            return page_support.once(request, visitor, given, lambda: _started(request, visitor, checked, remember=remember))
    except ApiError as error:
        problems = _problems(error, given, is_unread=choice is None, has_encodings=bool(encodings))
        choice = choice or _former_choice(given, raw, visitor, request)
        return _page(request, visitor, given, choice, (name, raw), encodings=encodings, problems=problems, status=error.status)
    found = report(checked, visitor.employer, request.now)
    zone = checked.profile.timezone
    return _page(request, visitor, given, choice, (name, raw), encodings=encodings, found=found, zone=zone, order=order)


def _was_shown(given: Form, choice: Choice | None, order: DateOrder | None) -> bool:
    """Whether the form showed how this file is read. Other columns are shown first, and an order that the dates show too."""
    has_columns = choice is None or choice.was_shown or not given.has("columns")
    return has_columns and (order is None or order.day is None or given.one("order_shown") == order.name)


def _problems(error: ApiError, given: Form, *, is_unread: bool, has_encodings: bool) -> Problems:
    """Return what is wrong, each with its field. A file that cannot be read at all may be read in another way."""
    problems = [import_words.problem(fault) for fault in error.errors] or [("", error.detail)]
    sheet = given.one("sheet")
    if is_unread and has_encodings and not given.has("encoding"):
        return [("encoding", "Some letters of this file can be read in several ways: choose the one in which names look right")]
    if is_unread and sheet and sheet != import_columns.former_reading(given)[2]:
        reasons = " ".join(message.strip() for _, message in problems)
        return [("sheet", f"Sheet “{import_columns.visible(sheet)}” cannot be used: {reasons}")]
    return problems


def _former_choice(given: Form, raw: bytes, visitor: Visitor, request: Request) -> Choice | None:
    """Return the choice by the reading that the form showed: what was entered stays where another reading fails."""
    profile, encoding, sheet = import_columns.former_reading(given)
    if not given.has("former"):
        return None
    former = Form({**given, "profile": [profile], "encoding": [encoding], "sheet": [sheet]})
    try:
        with file_quota.counted(raw, visitor.employer.id, request.now):
            return _choice(former, raw, visitor)
    except ApiError:
        return None


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


def _choice(given: Form, raw: bytes, visitor: Visitor) -> Choice | None:
    """Return what the columns of a file are used as; None for a calendar, which has none. Raises TooLarge, Unprocessable."""
    try:
        encoding = read_encoding(given.one("encoding")) if given.has("encoding") else None
    except ValueError as error:
        raise Unprocessable(errors=[FieldError("/encoding", str(error))]) from None
    how: dict[str, Any] = {"encoding": encoding, "sheet": given.one("sheet") or None}
    if given.has("profile"):
        profile = service.find_profile(visitor.employer.id, given.one("profile"))
        layout = find_layout(raw, [profile], profile, **how)
    else:
        layout = find_layout(raw, [*service.saved_profiles(visitor.employer.id), *SHIPPED.values()], **how)
    return import_columns.read_choice(given, layout) if layout else None


def _checked(
    given: Form, raw: bytes, choice: Choice | None, visitor: Visitor, request: Request
) -> tuple[Checked, DateOrder | None]:
    """Read the file by the choice and the form's settings; where no format reads its dates, by the order of its cells.

    Raises Unprocessable.
    """
    profile = (
        import_columns.profile_of(choice, given)
        if choice
        else service.find_profile(visitor.employer.id, given.one("profile") or "heardback")
    )
    profile = profile.overlaid(_settings(given, profile, choice, visitor))
    is_chosen = given.has("date_order") or given.has("date_format")
    profile, order = import_dates.settle(profile, choice.layout, is_chosen=is_chosen) if choice else (profile, None)
    if choice and given.has("remember"):
        profile = import_columns.remembered(profile, choice, given, visitor)
    on_fault: Any = given.one("on_fault") if given.one("on_fault") in ON_FAULT else "refuse"
    sheet = choice.layout.sheet if choice else None
    return check(raw, profile, request.now, on_fault=on_fault, how={}, sheet=sheet), order


def _settings(given: Form, profile: Profile, choice: Choice | None, visitor: Visitor) -> dict[str, Any]:
    """Return what the form says above the profile. Raises Unprocessable with every fault."""
    settings: dict[str, Any] = {"timezone": visitor.employer.timezone}
    faults = []
    for field, (name, reader) in _READERS.items():
        if given.has(field):
            try:
                settings[name] = reader(given.one(field))
            except ValueError as error:
                faults.append(FieldError(f"/{field}", str(error)))
    if faults:
        raise Unprocessable(errors=faults)
    is_remembered = choice and not choice.was_shown and profile.headings == choice.layout.headings
    if is_remembered and profile.timezone and settings["timezone"] == visitor.employer.timezone:
        settings["timezone"] = profile.timezone  # the form has only shown the employer's yet
    return settings


def _started(request: Request, visitor: Visitor, checked: Checked, *, remember: bool) -> Response:
    service.demand_importable(checked)
    if remember:
        fields, origin = import_columns.stored(checked.profile, request.now), page_support.origin(request, visitor)
        service.save_profile(visitor.employer.id, fields, request.now, origin=origin)
    item = service.start_import(visitor.employer, checked, request.now, committer=request.committer)
    return page_support.see_other(request, f"/people/import/{item.id}")


def _page(
    request: Request,
    visitor: Visitor,
    given: Form,
    choice: Choice | None = None,
    upload: tuple[str, bytes] = ("", b""),
    *,
    encodings: dict[str, str] | None = None,
    problems: Problems | None = None,
    status: int = 200,
    found: Any = None,
    zone: str | None = None,
    order: DateOrder | None = None,
) -> Response:
    saved = [profile.name for profile in service.saved_profiles(visitor.employer.id)]
    typed = {name: given.one(name) for name in _CHOICES}
    typed["timezone"] = zone or typed["timezone"] or visitor.employer.timezone
    name, raw = upload if choice or found or encodings else ("", b"")
    return page_support.page(
        "import.html",
        request,
        visitor,
        status,
        typed=typed,
        profiles=[*saved, *(one for one in SHIPPED if one not in saved)],
        on_fault=ON_FAULT,
        problems=problems or [],
        at_field=dict(reversed(problems or [])),
        found=found,
        instants=INSTANTS,
        previewed=list(
            dict.fromkeys(field for row in (found.preview if found else ()) for field, value in row.items() if value is not None)
        ),
        name=name,
        kept=base64.b64encode(gzip.compress(raw)).decode() if raw else "",
        choice=choice,
        sheets=import_columns.sheets_of(choice.layout.sheet) if choice else {},
        encodings=encodings or {},
        uses=import_columns.USES,
        orders=import_dates.choices(order),
        order=order.name if order else "",
        dates_read=import_dates.sentence(order, visitor.employer.timezone),
        plain=import_words.plain,
        place=import_words.place,
    )


def read_upload(request: Request) -> tuple[Form, str, bytes]:
    """Return the form, the file's name and its bytes. Raises BadRequest, TooLarge."""
    if len(request.raw_body) > BODY_MOST:
        raise TooLarge("A file to import has at most 4 MB.")
    given, name, raw = uploads.read_upload(request, "file")
    if raw or name:  # another file than the one whose sheets and letters the form showed
        given.pop("sheet", None)
        given.pop("encoding", None)
        given.pop("former", None)
        given.pop("kept", None)
    elif given.has("kept"):
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
