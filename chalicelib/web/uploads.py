"""Reads a form that carries a file."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP

from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.errors import BadRequest


def read_upload(request: Request, file_field: str) -> tuple[Form, str, bytes]:
    """Return the form, the file's name and its bytes. Raises BadRequest, and NotFromOurPage where the browser names another site.

    The caller limits the length of the body.
    """
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
        if field == file_field:
            name, raw = part.get_filename() or "", content
        else:
            given.setdefault(field, []).append(content.decode(errors="replace").strip())
    return given, name, raw
