"""The public page of an employer's heard-back rate, its signed figures and its badge."""

from __future__ import annotations

from html import escape
from typing import Any

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.reputation import heard_back
from chalicelib.reputation.items import RateItem
from chalicelib.rules.copy.clean import EMPLOYER, clean
from chalicelib.rules.copy.palette import LIGHT
from chalicelib.rules.risk.heard_back import LEAST_DUE
from chalicelib.web import page_support

_CACHED = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
_SVG_POLICY = "default-src 'none'"
_BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="270" height="24" viewBox="0 0 270 24" role="img" aria-label="{says}">'
    '<title>{says}</title><rect width="270" height="24" rx="4" fill="{ground}"/><rect x="150" width="120" height="24" rx="4" '
    'fill="{colour}"/><g fill="{words}" font-family="Verdana,Arial,sans-serif" font-size="11"><text x="8" y="16">'
    'Candidates heard back</text><text x="158" y="16">{value}</text></g></svg>'
)


def page(request: Request, employer: str) -> Response:
    """GET /heard-back/{employer}"""
    item, told = _told(employer)
    return page_support.page("heard_back.html", request, None, name=_name(item), told=told, least=LEAST_DUE, employer_id=employer)


def figures(_: Request, employer: str) -> Response:
    """GET /heard-back/{employer}/rate.json: the statement with its signature."""
    _item, told = _told(employer)
    return Response(200, heard_back.signed(told, settings().sign), dict(_CACHED))


def badge(_: Request, employer: str) -> Response:
    """GET /heard-back/{employer}/badge.svg"""
    item, told = _told(employer)
    value, colour = _value(told)
    colours = {"colour": colour, "ground": LIGHT["text"], "words": LIGHT["on-action"]}
    svg = _BADGE.format(says=escape(f"{_name(item)}: candidates heard back: {value}"), value=escape(value), **colours)
    headers = {"Content-Type": "image/svg+xml", "Content-Security-Policy": _SVG_POLICY, **_CACHED}
    return Response(200, svg, headers)


def public_keys(_: Request) -> Response:
    """GET /.well-known/heard-back-keys.json"""
    return Response(200, heard_back.public_keys(settings().sign), dict(_CACHED))


def change(request: Request, visitor: Visitor) -> Response:
    """POST /reports/heard-back: join or leave the programme. Managers only."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    if given.one("do") == "leave":
        heard_back.leave(visitor.employer.id, request.now)
        return page_support.see_other(request, "/reports/risk")
    heard_back.join(visitor.employer, request.now)
    return page_support.see_other(request, f"/heard-back/{visitor.employer.id}")


def _told(employer: str) -> tuple[RateItem, dict[str, Any]]:
    employer_id = page_support.demand_id(employer, "emp")
    item = heard_back.read(employer_id)
    return item, heard_back.statement(employer_id, item)


def _name(item: RateItem) -> str:
    return clean(item.figures["employer"], EMPLOYER)


def _value(told: dict[str, Any]) -> tuple[str, str]:
    """Return what the badge says, and its colour."""
    if told["left_on"]:
        return f"left {told['left_on']}", LIGHT["soft"]
    if told["share"] is None:
        return "too few yet", LIGHT["soft"]
    return f"{round(100 * told['share'])}% of {told['due']}", LIGHT["good"] if told["share"] >= 0.8 else LIGHT["warning"]
