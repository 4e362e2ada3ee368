"""A logo is uploaded and seen in a real browser, under the policy of the pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Visit, violations
from tests.rules.test_logo import JPEG, png

SIZE = "one => one.complete && [one.naturalWidth, one.naturalHeight]"


def loaded(visitor: Visit) -> Any:
    """The size of the page's first logo as the browser read it, by the employer's name."""
    image = visitor.page.get_by_role("img", name="Acme Robotics").first
    image.wait_for()
    visitor.page.wait_for_function("() => [...document.images].every(one => one.complete)")
    return image.evaluate(SIZE)


@pytest.mark.parametrize(
    "script", [pytest.param(True, id="with script"), pytest.param(False, id="without script", marks=pytest.mark.long)]
)
def test_a_logo_loads_on_the_pages_of_the_team_and_of_candidates(
    visit: Any, booked: Any, clock: Any, run_ticks: Any, script: bool
) -> None:
    """Of both kinds, with what draws nothing left out. Nothing is blocked, nothing scrolls sideways, axe finds nothing."""
    booked(name="Sam Sample", candidate={"email": "sam@example.com", "phone": None})
    clock.advance(hours=51)
    run_ticks()
    robin = visit(java_script_enabled=script)
    own = robin.link("/f/")
    robin.sign_in()
    for name, kind, raw, size in (("a.png", "image/png", png(300, 40), [300, 40]), ("b.jpg", "image/jpeg", JPEG, [8, 6])):
        robin.open("/settings")
        robin.page.locator("#logo").set_input_files({"name": name, "mimeType": kind, "buffer": raw})
        robin.press("Save logo")
        robin.page.get_by_role("status").filter(has_text="Saved").first.wait_for()
        for path in ("/", "/settings", own):
            robin.open(path)
            assert loaded(robin) == size, path
            if script:
                wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert robin.page.evaluate(wider) <= 0
                assert kind != "image/png" or violations(robin.page) == []  # its rules see the wide one; they read no pixels
    robin.open("/settings")
    robin.press("Remove logo")
    robin.page.get_by_role("status").filter(has_text="Saved").first.wait_for()
    assert robin.page.locator("img.logo").count() == 0
    assert not [said for said in robin.said if "Content Security Policy" in said or "Failed to load" in said]
