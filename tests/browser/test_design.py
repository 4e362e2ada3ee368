"""The design: what every component looks like, light and dark, and that its focus can be seen.

The looks are compared as computed styles, not as pixels: a font that another machine has not, or another version of Chromium,
moves pixels and no colour, size or weight. `HEARDBACK_UPDATE_LOOKS=1 pytest tests/browser/test_design.py` writes them again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import violations
from tests.rules.test_palette import GRAPHIC, contrast

LOOKS = Path(__file__).with_name("looks.json")
_STYLES = """() => Object.fromEntries([...document.querySelectorAll('[data-shown]')].map(one => {
  const style = getComputedStyle(one);
  return [one.dataset.shown, ['color', 'background-color', 'border-left-color', 'border-left-width', 'border-bottom-width',
    'border-radius', 'padding', 'font-size', 'font-weight', 'text-align', 'text-decoration-line', 'display', 'opacity',
    'min-height'].map(name => style.getPropertyValue(name)).join(' | ')];
}))"""
_RING = """one => { const style = getComputedStyle(one); let ground = one.parentElement;
  while (getComputedStyle(ground).backgroundColor == 'rgba(0, 0, 0, 0)' && ground.parentElement) ground = ground.parentElement;
  return [style.outlineStyle, parseFloat(style.outlineWidth), style.outlineColor, getComputedStyle(ground).backgroundColor]; }"""


def _hex(colour: str) -> str:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.long)])
def design(visit: Any, request: Any) -> Any:
    """Opens /design in light or dark colours; returns the colour scheme and the page."""
    shown = visit(viewport={"width": 1280, "height": 900}, color_scheme=request.param, reduced_motion="reduce")
    shown.open("/design")
    return request.param, shown.page


def test_every_component_looks_as_it_was_agreed(design: Any) -> None:
    scheme, page = design
    found = page.evaluate(_STYLES)
    known = json.loads(LOOKS.read_text()) if LOOKS.exists() else {}
    if os.environ.get("HEARDBACK_UPDATE_LOOKS"):
        LOOKS.write_text(json.dumps({**known, scheme: found}, indent=1, sort_keys=True) + "\n")
        return
    different = {name for name in {**found, **known[scheme]} if found.get(name) != known[scheme].get(name)}
    assert not {name: (known[scheme].get(name), found.get(name)) for name in different}


def test_whoever_tabs_through_the_page_sees_where_they_are(design: Any) -> None:
    _, page = design
    found, seen = (
        {},
        page.locator("main :is(a[href], button, input, select, textarea, summary, [tabindex='0']):not(:disabled, [type=hidden])"),
    )
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert seen.count() > 30
    page.keyboard.press("Tab")  # from now on the browser shows focus as for a keyboard
    for one in seen.all():
        one.focus()
        style, width, ring, ground = one.evaluate(_RING)
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor") if "rgba" in ground else ground
        if style != "solid" or width < 2 or contrast(_hex(ring), _hex(ground)) < GRAPHIC:
            found[one.evaluate("one => one.outerHTML.slice(0, 90)")] = (style, width, ring, ground)
    assert not found


def test_axe_finds_nothing_in_the_components(design: Any) -> None:
    _, page = design
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert not violations(page), width
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
