"""Templates into pages. Everything is escaped unless it is markup of our own; what is not defined is an error."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.config import settings
from chalicelib.web import assets, words

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere. `data:` is for the small marks that the style sheet draws in boxes and arrows."""
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


def html(template: str, **values: Any) -> str:
    """A page, or a part of one, from a file of `templates/`."""
    return environment().get_template(template).render(**values)


def base_path() -> str:
    """The stage's path, which stands before every path of ours; "" where there is none."""
    return urlsplit(settings().base_url).path


def url(path: str) -> str:
    """A path of ours as a page must write it."""
    return base_path() + path


@cache
def environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 41 ms that only pages pay

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(url=url, asset=lambda name: url(assets.path(name)), count=words.count)
    made.filters.update(words.FILTERS)
    return made
