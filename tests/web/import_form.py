"""The form of the import page, sent as a browser sends it: with everything that stands in it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from tests.web.test_import_page import multipart


class FormReader(HTMLParser):
    """Reads the fields of a page's form for an upload, with the values that a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select = ""
        self._is_upload = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        if tag == "form":
            self._is_upload = said.get("enctype") == "multipart/form-data"
        if not self._is_upload:
            return
        if tag == "input" and said.get("type") != "file" and said.get("name"):
            self.fields[said["name"] or ""] = said.get("value") or ""
        elif tag == "select":
            self._select = said["name"] or ""
        elif tag == "option" and (self._select not in self.fields or "selected" in said):
            self.fields[self._select] = said.get("value") or ""


def fields_of(html: str) -> dict[str, str]:
    reader = FormReader()
    reader.feed(html)
    return reader.fields


def send_form(browser: Any, raw: bytes | None = None, name: str = "people.csv", **changes: str) -> Any:
    """Send the page's form with what somebody changes in it, and return the browser with the response."""
    if "/people/import" not in browser.path:
        browser.open("/people/import")
    shown = fields_of(browser.html)
    assert changes.keys() <= {*shown, "do"}, "only what the page offers can be changed"
    body, kind = multipart({**shown, "do": "check", **changes}, raw, name)
    browser.post("/people/import", body, Content_Type=kind)
    return browser


def uses_of(browser: Any) -> dict[str, str]:
    """What the page says that each column is used as; "" for one that is not used."""
    return {name: value for name, value in fields_of(browser.html).items() if name.startswith("use_")}
