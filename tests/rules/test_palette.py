"""The palette: every pair of colours that meets on a page can be told apart, light and dark."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chalicelib.rules.copy import palette

TEXT, GRAPHIC = 4.5, 3.0
"""The least contrast of text, and of lines and rings that carry meaning: WCAG 2.2, 1.4.3 and 1.4.11."""
GROUNDS = ("page", "card", "wash")
WORDS = ("text", "soft", "link", "link-hover", "good", "warning", "high", "bad")
PALETTES = pytest.mark.parametrize("colours", [palette.LIGHT, palette.DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@PALETTES
def test_words_can_be_read_on_every_ground(colours: Mapping[str, str]) -> None:
    pairs = {(word, ground): contrast(colours[word], colours[ground]) for word in WORDS for ground in GROUNDS}
    pairs |= {("on-action", ground): contrast(colours["on-action"], colours[ground]) for ground in ("action", "action-hover")}
    assert not {pair: round(found, 2) for pair, found in pairs.items() if found < TEXT}


@PALETTES
def test_the_focus_ring_and_the_edge_of_a_field_stand_out(colours: Mapping[str, str]) -> None:
    found = {(line, ground): contrast(colours[line], colours[ground]) for line in ("focus", "field") for ground in GROUNDS}
    assert not {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < GRAPHIC}


def test_light_and_dark_name_the_same_colours() -> None:
    assert set(palette.LIGHT) == set(palette.DARK)
