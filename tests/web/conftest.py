"""A test browser without script: follows redirects, keeps cookies, submits the forms of pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from tests.applications.conftest import booked, contact, interview
from tests.engines import BASE_URL, Answer, Api, join

__all__ = ["booked", "contact", "interview"]


class Forms(HTMLParser):
    """Parses the forms of a page: [{"action", "fields": [(name, value)], "buttons": [(name, value, formaction)]}]."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({"action": given.get("action", ""), "fields": [], "buttons": []})
            self._inside = True
        elif self._inside and tag == "input" and given.get("name"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.found[-1]["fields"].append((given["name"], given.get("value", "")))
        elif self._inside and tag == "button":
            self.found[-1]["buttons"].append((given.get("name", ""), given.get("value", ""), given.get("formaction")))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


class Browser:
    """One person's browser. `page` is the last response, `html` its text."""

    def __init__(self, api: Api, language: str = "") -> None:
        self.api, self.language = api.using(None), language
        self.cookies: dict[str, str] = {}
        self.page: Answer = Answer(0, "", {})
        self.path = "/"

    @property
    def html(self) -> str:
        return str(self.page.json)

    @property
    def text(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.html)).split())

    def open(self, path: str, **headers: str) -> Answer:
        return self._go("GET", path, None, headers)

    def post(self, path: str, fields: Any, **headers: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": BASE_URL, "Sec-Fetch-Site": "same-origin"}
        body = fields if isinstance(fields, bytes) else urlencode(fields, doseq=True).encode()
        return self._go("POST", path, body, {**kind, **{name.replace("_", "-"): value for name, value in headers.items()}})

    def submit(self, action: str, button: str = "", **fields: Any) -> Answer:
        """The first form of the page whose action is `action`, else holds it, with its own fields and the given ones."""
        found = [one for one in Forms(self.html).found if action in one["action"]]
        form = next((one for one in found if re.split(r"[?#]", one["action"])[0] == action), found[0])
        sent = dict(form["fields"])
        for name, value, _ in form["buttons"]:
            if name and value == button:
                sent[name] = value
        return self.post(form["action"] or self.path, {**sent, **fields})

    @property
    def token(self) -> str:
        return next(
            str(fields["form_token"]) for form in Forms(self.html).found if "form_token" in (fields := dict(form["fields"]))
        )

    def _go(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        asks = {"Accept-Language": self.language} if self.language else {}
        sent = {**asks, **headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.path = path
        self.page = self.api(method, path, body, headers=sent)
        for cookie in filter(None, [self.page.headers.get("Set-Cookie")]):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if self.page.status == 303:
            return self.open(urljoin(path, self.page.headers["Location"]).partition("#")[0])
        return self.page


@pytest.fixture
def browser(api: Api) -> Browser:
    return Browser(api)


@pytest.fixture
def link_for(outbox: Any) -> Callable[[str], str]:
    """link_for("/sign-in/") -> the path of the last such link that was sent."""

    def find(part: str) -> str:
        found = [match[0] for entry in outbox for match in re.finditer(rf"{re.escape(BASE_URL + part)}[\w-]+", entry["body"])]
        return found[-1].removeprefix(BASE_URL)

    return find


@pytest.fixture
def signed_in(
    api: Api, employer: Api, outbox: Any, link_for: Any, stack: Any, saved_employer: tuple[Api, Any]
) -> Callable[..., Browser]:
    """signed_in(role="manager") -> a browser in which a person of that role is signed in, on Today."""

    def sign_in(role: str = "manager", name: str = "Robin Hale", email: str = "robin@example.com") -> Browser:
        def by_mail() -> dict[str, str]:
            fresh = Browser(api)
            join(employer, outbox, email, name, role)
            fresh.open("/sign-in")
            fresh.submit("/sign-in", email=email)
            fresh.open(link_for("/sign-in/"))
            fresh.submit("")
            return fresh.cookies

        fresh = Browser(api)
        fresh.cookies = stack.repeat(("sign in", role, name, email), saved_employer[1], by_mail)
        fresh.open("/")
        assert fresh.page.status == 200 and "Today" in fresh.text, fresh.page
        return fresh

    return sign_in
