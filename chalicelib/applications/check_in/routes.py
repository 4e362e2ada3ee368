"""`/v1/check_in_cards`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.request import Request
from chalicelib.api.response import Response, created
from chalicelib.api.route import route

if TYPE_CHECKING:
    from chalicelib.applications.check_in.responses import CheckInCard

check_in_cards = Blueprint(__name__)


@route(check_in_cards, "POST", "/v1/check_in_cards", scope="write", shows_people=False)
def post_card(request: Request) -> Response:
    """Makes a card that candidates check in by."""
    from chalicelib.applications.check_in import cards
    from chalicelib.applications.check_in.schema import CheckInCardIn

    given = request.body(CheckInCardIn)
    card = cards.create(
        request.employer_id,
        job_title=given.job_title,
        stage=given.stage,
        minutes=given.minutes,
        group=given.group,
        owner_id=given.owner_id,
        expires_at=given.expires_at,
        now=request.now,
        by=request.caller.actor,
        committer=request.committer,
    )
    return created(cards.serialize_card(request.employer_id, card), f"/v1/check_in_cards/{card.id}")


@route(check_in_cards, "GET", "/v1/check_in_cards", scope="read")
def list_cards(request: Request) -> dict[str, Any]:
    """Lists all cards, also those that have ended."""
    from chalicelib.applications.check_in import cards

    found = cards.listed(request.employer_id)
    return pagination.paginate_few(request, [cards.serialize_card(request.employer_id, card) for card in found])


@route(check_in_cards, "GET", "/v1/check_in_cards/{card_id}", scope="read")
def get_card(request: Request, card_id: str) -> CheckInCard:
    from chalicelib.applications.check_in import cards

    return cards.serialize_card(request.employer_id, cards.read(request.employer_id, card_id))


@route(check_in_cards, "DELETE", "/v1/check_in_cards/{card_id}", scope="write")
def delete_card(request: Request, card_id: str) -> Response:
    """Revokes a card. Its link opens nothing from now on."""
    from chalicelib.applications.check_in import cards

    cards.revoke(request.employer_id, card_id, request.now)
    return Response(204)
