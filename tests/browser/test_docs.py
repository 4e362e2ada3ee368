"""The reference of the API in a browser: drawn in our colours, by our own files alone."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import __version__
from chalicelib.rules.copy import palette
from tests.browser.conftest import violations
from tests.browser.test_design import _hex


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_reference_is_in_our_look_accessible_and_asks_no_other_site(
    chromium: Any, site: str, width: int, scheme: Any
) -> None:
    """No request elsewhere, nothing that the policy blocks, nothing missing, no sideways scrolling, a way back.
    Axe finds nothing, by all of its rules.

    Redoc warns of types that `oneOf` narrows; warnings are not errors.
    """
    context = chromium.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
    page, asked, wrong = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: wrong.append(response.url) if response.status >= 400 else None)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        page.goto(f"{site}/docs")
        page.get_by_role("heading", name="Get the key's own employer").first.wait_for(timeout=60_000)
        assert not wrong
        assert not [url for url in asked if not url.startswith((f"{site}/", f"blob:{site}/", "data:"))]
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert _hex(ground) == (palette.DARK if scheme == "dark" else palette.LIGHT)["page"]
        assert not violations(page)
        header = page.get_by_role("banner")
        assert f"Version {__version__}" in header.inner_text()
        assert header.get_by_role("link", name="Back to Heardback").evaluate("one => one.href") == f"{site}/"
    finally:
        context.close()
