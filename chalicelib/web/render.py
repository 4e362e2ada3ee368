"""Render templates. Values are escaped unless they are our own markup; an undefined name is an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.config import settings
from chalicelib.rules.copy.language import catalogue
from chalicelib.rules.employer import Employer
from chalicelib.web import assets, formatting, labels

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Allows nothing from other sites. The style sheet draws its small icons from `data:` URLs."""
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
    """Render a file of `templates/`."""
    return environment().get_template(template).render(**values)


def base_path() -> str:
    """Return the path of the API Gateway stage, the prefix of all our paths; "" where there is none."""
    return urlsplit(settings().base_url).path


def url(path: str) -> str:
    """Return one of our paths with the stage's prefix."""
    return base_path() + path


def logo(employer: Employer) -> str:
    """Return the URL of an employer's logo; "" where it has none, or is suspended."""
    return url(f"/logo/{employer.id}/{employer.logo}") if employer.logo and not employer.suspended else ""


def _with_now(shown: Callable[[datetime, str, datetime | None], str]) -> Callable[..., str]:
    """Return a filter that knows the page's `now`, so that days that are far from it get their year."""
    from jinja2 import pass_context

    @pass_context
    def show(context: Context, instant: datetime, zone: str) -> str:
        return shown(instant, zone, context.get("now"))

    return show


@cache
def environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: 41 ms of a cold start, which only pages need

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(url=url, logo=logo, asset=lambda name: url(assets.path(name)), count=formatting.count)
    made.globals.update(say=catalogue("en").say)
    made.globals.update(page_language="en", page_direction="ltr")  # of pages for people at an employer
    made.globals.update(channel_labels=labels.CHANNELS, decision_labels=labels.DECISIONS)
    made.filters.update(formatting.FILTERS)
    made.filters.update(day=_with_now(formatting.day), moment=_with_now(formatting.moment))
    return made
