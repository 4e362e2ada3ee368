"""The QR code of a check-in card, read off the page as a phone's camera reads it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

GREY_PIXELS = """async ({png, turned, width}) => {
  const image = new Image(); image.src = "data:image/png;base64," + png; await image.decode();
  const side = Math.round(width * 1.5), canvas = new OffscreenCanvas(side, side), ink = canvas.getContext("2d");
  ink.fillStyle = "#b9ad98"; ink.fillRect(0, 0, side, side);
  ink.translate(side / 2, side / 2); ink.rotate(turned * Math.PI / 180);
  ink.drawImage(image, -width / 2, -width / 2, width, width * image.height / image.width);
  const seen = ink.getImageData(0, 0, side, side).data, grey = new Uint8Array(side * side);
  for (let at = 0; at < grey.length; at++) grey[at] = (seen[4 * at] * 3 + seen[4 * at + 1] * 6 + seen[4 * at + 2]) / 10;
  let text = ""; for (const one of grey) text += String.fromCharCode(one);
  return {side, pixels: btoa(text)};
}"""
"""Draws a picture on a table top, small and turned, as a camera sees it; returns its pixels in shades of grey."""


def read(visit: Any, png: bytes, turned: float, width: int) -> list[str]:
    """What the codes in a picture say, after it was turned by some degrees and shrunk to some pixels."""
    import zxingcpp

    blank = visit.context.new_page()  # without the site's content security policy
    seen = blank.evaluate(GREY_PIXELS, {"png": base64.b64encode(png).decode(), "turned": turned, "width": width})
    blank.close()
    pixels = memoryview(base64.b64decode(seen["pixels"])).cast("B", (seen["side"], seen["side"]))
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_a_phone_reads_the_card_off_screen_and_paper(visit: Any, employer: Any, scheme: str) -> None:
    """Held straight or slanted, small, and with the middle of the code covered by a thumb."""
    card = employer.post("/v1/check_in_cards", {"job_title": "Welder", "stage": "interview", "minutes": 45}).json
    robin = visit(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    robin.sign_in()
    link = card["url"].split("/c/")[1]
    robin.open(f"/people/cards/{card['id']}")
    code = robin.page.locator("svg.qr")
    on_screen = code.screenshot()
    robin.page.emulate_media(media="print")
    on_paper = code.screenshot()
    held = [(0, 300), (12, 150), (90, 200), (200, 150)]
    for picture in (on_screen, on_paper):
        for turned, width in held if scheme == "light" else held[:2]:  # how it is held does not depend on the colours
            assert [found.rpartition("/c/") for found in read(robin, picture, turned, width)] == [(robin.site, "/c/", link)]
    code.evaluate("svg => svg.insertAdjacentHTML('beforeend', '<circle cx=50% cy=50% r=8% fill=#c98></circle>')")
    assert len(read(robin, code.screenshot(), 7, 300)) == 1
