"""A real browser: Debian's Chromium under Playwright, against the app served on loopback.

Chromium comes from the system (`apt-get install chromium`, or CHROMIUM names one), axe-core by npm (`make setup`). Where they
are missing these tests are skipped, loudly; never in CI, where they fail.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import config
from infra.local import design
from infra.local.server import ApiServer
from tests.applications.conftest import booked, contact, interview
from tests.engines import join

__all__ = ["booked", "contact", "interview"]

RUN_AXE = """rules => axe.run({resultTypes: ["violations"], ...(rules && {runOnly: rules})}).then(found =>
  found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 150)).slice(0, 3)]))"""
"""Told that only violations are wanted, axe takes a third of the time: it describes no element that passes."""

AXE = Path(__file__).parents[2] / ".engines" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> str | None:
    if CHROMIUM is None:
        return "Chromium is not installed: apt-get install chromium, or name one in CHROMIUM"
    return None if AXE.exists() else "axe-core is not installed: run `make setup`"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if why := missing():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(f"NO BROWSER TEST WAS RUN. {why}")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(stack_of_session: Any) -> Iterator[ApiServer]:
    """Serves the app on loopback, for all tests of a worker."""
    server = ApiServer(stack_of_session.app.app, 0, design.PAGES)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    server.stop()
    thread.join(5)


@pytest.fixture
def site(stack: Any, server: ApiServer, monkeypatch: Any) -> Iterator[str]:
    """Returns the URL of the served app; links in messages lead there."""
    url = f"http://127.0.0.1:{server.port}"
    monkeypatch.setenv("HEARDBACK_BASE_URL", url)
    config.forget()
    yield url
    monkeypatch.undo()
    config.forget()


def violations(page: Any, only: list[str] | None = None) -> list[Any]:
    """What axe finds on a page, as [rule, elements]; all rules, or only some. Loads axe where the page has not got it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[Any] = page.evaluate(RUN_AXE, only)
    return found


class Visit:
    """One person's browser. It records requests to other sites and errors of the console."""

    def __init__(self, chromium: Any, site: str, outbox: Any, **options: Any) -> None:
        self.site, self._outbox = site, outbox
        self.context = chromium.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.elsewhere: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self._requested(request.url))
        self.page.on("console", lambda message: self.said.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _requested(self, url: str) -> None:
        if not url.startswith((self.site + "/", "data:image/svg+xml")):
            self.elsewhere.append(url)

    def open(self, path: str) -> None:
        self.page.goto(self.site + path if path.startswith("/") else path)

    def link(self, part: str) -> str:
        """The last link of that kind that was sent."""
        found = [
            match[0] for entry in self._outbox for match in re.finditer(rf"{re.escape(self.site + part)}[\w-]+", entry["body"])
        ]
        return found[-1]

    def sign_in(self, email: str = "robin@example.com") -> None:
        self.open("/sign-in")
        self.page.get_by_label("Work email").fill(email)
        self.press("Email me a sign-in link")
        self.page.get_by_text("Check your email").first.wait_for()
        self.open(self.link("/sign-in/"))
        self.press("Sign in on this device")
        self.page.get_by_role("heading", name="Today").wait_for()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def unfold(self, summary: str) -> None:
        self.page.locator("summary", has_text=summary).first.click()

    def text(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    def score(self) -> float:
        return float(self.page.locator("#figures strong").inner_text())


@pytest.fixture
def visit(chromium: Any, site: str, outbox: Any, employer: Any) -> Iterator[Callable[..., Visit]]:
    """visit(java_script_enabled=False, ...) -> a browser; Robin, a manager, can sign in."""
    join(employer, outbox, "robin@example.com", "Robin Hale", "manager")
    visits: list[Visit] = []

    def start(**options: Any) -> Visit:
        visits.append(Visit(chromium, site, outbox, **{"viewport": {"width": 360, "height": 740}, **options}))
        return visits[-1]

    yield start
    for one in visits:
        one.context.close()
    for one in visits:
        assert not one.elsewhere, f"asked for elsewhere: {one.elsewhere}"
        assert not [said for said in one.said if "Failed to load resource" not in said], one.said
