"""What a text counts for, by the country of its number, in US dollars.

Upper estimates, put together by hand in 2026-11 from price lists that providers of texts publish, rounded up, with US carriers'
fees. They were not seen on a bill. A country that is missing counts for the most that a text may cost, because some
countries cost thirty times as much as others and change often. An operator sets its own prices (`SmsPrices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

AS_OF = "2026-11"
PRICES: Mapping[str, Decimal] = {
    country: Decimal(price)
    for country, price in (
        ("AT", "0.12"),
        ("AU", "0.06"),
        ("BE", "0.12"),
        ("BR", "0.06"),
        ("CA", "0.02"),
        ("CH", "0.09"),
        ("DE", "0.12"),
        ("DK", "0.08"),
        ("ES", "0.11"),
        ("FI", "0.11"),
        ("FR", "0.09"),
        ("GB", "0.05"),
        ("IE", "0.10"),
        ("IT", "0.11"),
        ("JP", "0.10"),
        ("KR", "0.05"),
        ("MX", "0.06"),
        ("NL", "0.13"),
        ("NO", "0.10"),
        ("NZ", "0.14"),
        ("PL", "0.06"),
        ("PT", "0.07"),
        ("SE", "0.09"),
        ("SG", "0.07"),
        ("US", "0.02"),
        ("ZA", "0.05"),
    )
}


def price_of_text(country: str | None, own: Mapping[str, Decimal], *, least: Decimal, most: Decimal) -> Decimal:
    """Returns the price of one segment to a country: the operator's own, else the table's, else `most`.

    It is never below `least`; 0 there means that texts are not counted. Where the provider charges more than `most`, it
    refuses the text.
    """
    if not least:
        return Decimal(0)
    known = own.get(country or "", PRICES.get(country or "", most))
    return max(least, min(known, most))
