"""People › Check-in cards: made, shown with their QR code to print or hold up, and revoked."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications import groups
from chalicelib.applications.check_in import cards
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import EMPLOYER, JOB, catalogue, mark
from chalicelib.rules.model import STAGES
from chalicelib.storage.table import stored_instant
from chalicelib.web import field_errors, formatting, page_support

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE = "/people/cards"
FIELDS = {"job_title": "Job title", "stage": "Stage", "group": "Group", "minutes": "Length in minutes", "days": "Works for"}
DAYS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "One year"}
_DEFAULTS = {"stage": "interview", "minutes": "60", "days": "90"}
ON_CARD = mark("Had your interview? Scan this, and you will not be left without an answer.")


def show(request: Request, visitor: Visitor) -> Response:
    """GET /people/cards"""
    return _page(request, visitor, None, {})


def save(request: Request, visitor: Visitor) -> Response:
    """POST /people/cards: makes a card and shows it."""
    given = page_support.form(request, visitor)
    try:
        return page_support.once(request, visitor, given, lambda: _made(request, visitor, given))
    except Unprocessable as error:
        return _page(request, visitor, given, field_errors.messages_of(error, FIELDS, lambda path: path[1:], given))
    except Conflict as error:
        return _page(request, visitor, given, {"": error.detail}, 409)


def _made(request: Request, visitor: Visitor, given: Form) -> Response:
    from chalicelib.applications.check_in.schema import CheckInCardIn  # late: it imports pydantic, 96 ms of a cold start

    days = int(given.one("days")) if given.one("days") in DAYS else 90
    minutes = given.one("minutes")
    body = {
        "job_title": given.one("job_title"),
        "stage": given.one("stage"),
        "group": given.one("group") or None,
        "minutes": int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 5 else 0,
        "expires_at": stored_instant(request.now + timedelta(days=days)),
    }
    wanted = validate(CheckInCardIn, body, request.now)
    card = cards.create(
        visitor.employer.id,
        job_title=wanted.job_title,
        stage=wanted.stage,
        minutes=wanted.minutes,
        group=wanted.group,
        expires_at=wanted.expires_at,
        now=request.now,
        by=visitor.actor,
        committer=request.committer,
    )
    return page_support.see_other(request, f"{PAGE}/{card.id}")


def open_one(request: Request, visitor: Visitor, card_id: str) -> Response:
    """GET /people/cards/{card}: the card to print or to show on a screen, in the employer's language."""
    card = cards.read(visitor.employer.id, page_support.demand_id(card_id, "card"))
    said, link = catalogue(visitor.employer.policy.language), cards.url(visitor.employer.id, card)
    return page_support.page(
        "check_in_card.html",
        request,
        visitor,
        card=card,
        is_open=cards.is_open(card, request.now),
        stage=formatting.STAGE_NAMES[card.stage],
        link=link,
        code=_qr_code(link),
        language=said.language,
        direction=said.direction,
        asks=said.text(ON_CARD),
        employer_name=clean(visitor.employer.name, said.text(EMPLOYER)),
        job_title=clean(card.job_title, said.text(JOB)),
    )


def revoke(request: Request, visitor: Visitor, card_id: str) -> Response:
    """POST /people/cards/{card}/revoke"""
    page_support.form(request, visitor)
    card = cards.read(visitor.employer.id, page_support.demand_id(card_id, "card"))
    if card.revoked_at is None:
        cards.revoke(visitor.employer.id, card.id, request.now)
    return page_support.see_other(request, f"{PAGE}?saved=yes")


def _qr_code(link: str) -> Markup:
    """Draw a link as SVG, dark on white also at night: cameras want that. Level M still reads with 15 % of it worn off."""
    import segno  # late: only this page draws codes
    from markupsafe import Markup

    drawn = BytesIO()
    segno.make_qr(link, error="m").save(
        drawn, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None, title="QR code"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - segno draws shapes; the link is in them, not in the text


def _page(request: Request, visitor: Visitor, given: Form | None, problems: dict[str, str], status: int = 422) -> Response:
    return page_support.page(
        "check_in_cards.html",
        request,
        visitor,
        status if problems else 200,
        cards=[(card, cards.is_open(card, request.now)) for card in cards.listed(visitor.employer.id)],
        fields=FIELDS,
        typed=field_errors.typed(given, FIELDS, _DEFAULTS),
        problems=problems,
        groups=groups.names_of(visitor.employer.id),
        stages={stage: formatting.STAGE_NAMES[stage] for stage in STAGES},
        stage_names=formatting.STAGE_NAMES,
        days=DAYS,
        saved=request.query.get("saved") == ["yes"],
    )
