"""The order of dates: found where the cells of a file leave only one, and never guessed."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.integrations.imports.date_order import DateOrder, find_order, formats_of
from chalicelib.integrations.imports.dates import FORMATS_MOST, read_date_format, read_moments

NOVEMBER_20 = date(2026, 11, 20)
DAYS = st.dates(date(1990, 1, 1), date(2050, 12, 31))
WRITTEN = {
    "year": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y%m%d"),
    "day": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y %H:%M", "%d.%m.%Y %I:%M %p"),
    "month": ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p"),
    "word": ("%d %b %Y", "%b %d, %Y", "%d-%B-%Y", "%B %d, %Y %I:%M %p", "%d %B %Y %H:%M"),
}


@pytest.mark.parametrize(
    ("cells", "name", "shown"),
    [
        (["2026-11-20"], "year", "2026-11-20"),
        (["2026-11-20 09:30", "2026/11/21", "20261122"], "year", "2026-11-20"),
        (["2026-11-20T09:30:00-05:00"], "year", "2026-11-20"),
        (["2026-11-20 morning"], "year", "2026-11-20"),
        (["03/04/2026", "25/04/2026"], "day", "25/04/2026"),
        (["25.04.2026 14:00", "03.04.2026"], "day", "25.04.2026"),
        (["3/4/2026", "4/25/2026 2:30 pm"], "month", "4/25/2026"),
        (["2026-11-20", "11/20/2026"], "month", "11/20/2026"),
        (["20 Nov 2026", "2026-11-21"], "word", "20 Nov 2026"),
        (["Nov. 20, 2026 2:30 PM"], "word", "Nov. 20, 2026"),
        (["20-novembre-2026"], "word", "20-novembre-2026"),
        (["  2026-11-20  ", "", "-", "TBD", "n/a"], "year", "2026-11-20"),
        (["2026-11-20", "14:00", time(14), "soon", "2026-13-45", "31/04/2026"], "year", "2026-11-20"),
        (["25/04/2026", "Apr 26, 2026"], "day", "25/04/2026"),
        (["25.04.26 14:00", "03.04.26"], "day", "25.04.26"),
        (["Sa., 25.04.2026 14 Uhr"], "day", "25.04.2026"),
        (["4/25/26 2pm"], "month", "4/25/26"),
        (["4. Dezember 2026, 10 Uhr"], "word", "4. Dezember 2026"),
        (["piątek, 4 grudnia 2026"], "word", "4 grudnia 2026"),
        (["2026年12月4日(金) 14:30"], "year", "2026-12-4"),
    ],
)
def test_an_order_is_found_where_the_dates_leave_only_one(cells: list[Any], name: str, shown: str) -> None:
    """With the first date that shows it. What is a date in no order does not count: it is a fault of its row."""
    found = find_order(cells)
    assert found is not None and (found.name, found.shown) == (name, shown)


@pytest.mark.parametrize(
    "cells",
    [
        ["03/04/2026"],
        ["05/05/2026"],
        ["03/04/2026", "2026-11-20"],
        ["03/04/2026", "Nov 20, 2026"],
        ["03/04/2026", "31/04/2026", "soon"],
        ["25/04/2026", "04/25/2026"],
        ["25/04/2026", "04/25/2026", "2026-11-20"],
        ["25/04/26", "04-25-26"],
        ["25-04-26"],
        ["03/04/2026", "25/04/2026 or 05/03/2026"],
        ["03/04/2026", "25/04/2026/1", "25/04/20261"],
        ["soon", "14:00"],
        ["46346"],
        ["٢٥/٠٤/٢٠٢٦"],
        ["2026-11-20 " + "9" * 5_000],
    ],
)
def test_two_orders_or_none_are_not_guessed(cells: list[str]) -> None:
    """The page asks."""
    assert find_order(cells) is None


def test_dates_of_a_workbook_are_written_in_no_order() -> None:
    """They are read as they are; texts beside them say their own order."""
    assert find_order([datetime.fromisoformat("2026-11-20T09:30")]) == DateOrder("year", "", NOVEMBER_20)
    assert find_order([NOVEMBER_20, "", time(9)]) == DateOrder("year", "", NOVEMBER_20)
    assert find_order([NOVEMBER_20, "25/04/2026"]) == DateOrder("day", "25/04/2026", date(2026, 4, 25))
    assert find_order([NOVEMBER_20, "03/04/2026"]) is None


@pytest.mark.parametrize("cells", [[], ["", ""], ["TBD", "-", "?"]])
def test_no_date_at_all_needs_no_order(cells: list[str]) -> None:
    """There is nothing to ask about, and nothing to show."""
    assert find_order(cells) == DateOrder("year")


@pytest.mark.parametrize("order", WRITTEN)
def test_the_formats_of_an_order_can_be_saved(order: str) -> None:
    """In a profile, whose formats are limited."""
    formats = formats_of(order)
    assert [read_date_format(one) for one in formats] == list(formats) and len(formats) <= FORMATS_MOST


def test_an_unknown_order_is_refused() -> None:
    """It comes from a form."""
    with pytest.raises(ValueError, match="one of those offered"):
        formats_of("backwards")


@given(st.sampled_from(sorted(WRITTEN)), st.lists(DAYS, min_size=1, max_size=8), st.data())
def test_a_found_order_reads_every_date_as_it_was_meant(order: str, days: list[date], data: st.DataObject) -> None:
    """By its formats. Where it is not found, every date is one of two days."""
    cells = [datetime.combine(day, time(14, 30)).strftime(data.draw(st.sampled_from(WRITTEN[order]))) for day in days]
    found = find_order(cells)
    if found is None:
        assert order in ("day", "month") and all(day.day <= 12 for day in days)
        return
    assert found.name == order and found.day in days
    assert [read_moments(cell, formats_of(found.name))[0].day for cell in cells] == days


@given(st.lists(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9]{1,4}[-/. ]\w{1,5}[-/. ]+[0-9]{2,4}.{0,10}"))))
def test_no_cell_breaks_it(cells: list[str]) -> None:
    """Strangers' files hold anything."""
    assert find_order(cells) == find_order([*cells, *cells])
