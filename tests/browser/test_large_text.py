"""Text at twice its size, and a company that writes 24 hours and the day first: nothing is cut off, nothing scrolls sideways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reputation.loading import load, random_loads

_CUT_OFF = """() => [...document.querySelectorAll('main *, header *, footer *')].filter(one => {
  const style = getComputedStyle(one), words = one.textContent.trim();
  if (!words || !one.checkVisibility() || one.closest('svg, .scroll, select, .skip') || style.display == 'inline') return false;
  const hides = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
  if (hides && style.position != 'absolute' && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
    return true;
  const box = one.getBoundingClientRect();
  return box.right > document.documentElement.clientWidth + 1 || box.left < -1;
}).map(one => one.outerHTML.slice(0, 120))"""
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.long
@pytest.mark.parametrize(("width", "letters"), [(640, "100%"), (1280, "200%")])
def test_text_at_twice_its_size_is_neither_cut_off_nor_scrolls_sideways(
    visit: Any, booked: Any, contact: Any, employer: Any, clock: Any, width: int, letters: str
) -> None:
    """WCAG 1.4.4: on a desk of 1280 pixels, zoomed to 200 % or with its letters doubled."""
    load(employer.employer_id, random_loads(30, clock.now, answered=0.3))
    made = booked(name="Wilhelmina Featherstonehaugh-Cholmondeley", job_title="Kraftfahrzeugmechatronikerin")["application"]
    clock.advance(hours=72)
    employer.patch("/v1/employer", {"timezone": "Europe/Berlin"})
    contact(made["id"], "voicemail", note="Nobody there, the line rang for long.")
    employer.patch(f"/v1/applications/{made['id']}", {"snooze_until": clock.text(hours=1)})
    clock.advance(hours=1)
    robin = visit(viewport={"width": width, "height": 740}, reduced_motion="reduce")
    robin.sign_in()
    found = {}
    pages = [
        "/",
        "/waiting",
        "/people",
        "/people/add",
        f"/applications/{made['id']}",
        f"/applications/{made['id']}/log",
        "/inbox",
    ]
    settings = ["/settings", "/settings?section=reminders", "/reports/risk", "/nowhere"]
    for path in [*pages, *settings]:
        robin.open(path)
        robin.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        robin.page.evaluate("size => document.documentElement.style.fontSize = size", letters)
        if (sideways := robin.page.evaluate(_SIDEWAYS)) > 0:
            found[path, "scrolls sideways"] = sideways
        if cut := robin.page.evaluate(_CUT_OFF):
            found[path, "cut off"] = cut[:6]
    assert not found


def test_the_navigation_is_one_line_on_a_phone(visit: Any) -> None:
    robin = visit(viewport={"width": 360, "height": 740})
    robin.sign_in()
    tops = robin.page.locator(".bar nav a").evaluate_all("links => links.map(one => one.getBoundingClientRect().top)")
    assert len(tops) == 5 and len(set(tops)) == 1
