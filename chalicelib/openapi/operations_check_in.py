"""Operations of check-in cards."""

from __future__ import annotations

from chalicelib.applications.check_in.responses import CheckInCard
from chalicelib.applications.check_in.schema import CheckInCardIn
from chalicelib.openapi.operation import Operation

OPERATIONS = {
    "POST /v1/check_in_cards": Operation(
        "create_check_in_card",
        "Make a card by which candidates add their own interview",
        CheckInCard,
        201,
        takes=CheckInCardIn,
        example={"job_title": "Welder", "stage": "interview", "minutes": 45},
        faults=(409,),
        says="`url` is the page that candidates open, as a QR code (`/people/cards` shows and prints it). They leave name, "
        "number or email, time zone, language and consent; the interview ends when they say, and began `minutes` before. A "
        "known person's record is not changed by it. Works for 90 days, or until `expires_at`; at most 100 at a time.",
    ),
    "GET /v1/check_in_cards": Operation("list_check_in_cards", "List check-in cards", CheckInCard, page=True, is_short=True),
    "GET /v1/check_in_cards/{card_id}": Operation("get_check_in_card", "Get a check-in card", CheckInCard),
    "DELETE /v1/check_in_cards/{card_id}": Operation(
        "revoke_check_in_card", "Revoke a check-in card", None, 204, says="Its link opens nothing from now on."
    ),
}
