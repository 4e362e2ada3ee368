"""`/v1/letters`."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.storage import ids

letters = Blueprint(__name__)


@route(letters, "POST", "/v1/letters", scope="write")
def post_letters(request: Request) -> Response:
    """Answers 202: letters are sent in the candidates' hours. `GET` tells what became of each."""
    from chalicelib.messaging.letters import request as letter_request
    from chalicelib.messaging.letters.request import Letter
    from chalicelib.messaging.letters.schema import LettersIn  # late: pydantic
    from chalicelib.messaging.letters.serializers import serialize_letter

    given = request.body(LettersIn)
    letter_id = request.committer.begin_steps(lambda: ids.new_id("let", request.now))
    feedback = given.feedback
    wanted = Letter(
        letter_id,
        given.decision,
        tuple(feedback.reasons or ()) if feedback else (),
        feedback.promised_by if feedback else None,
        given.send_at,
    )
    item = letter_request.ask_many(
        request.employer,
        dict.fromkeys(given.application_ids),
        wanted,
        request.caller.actor,
        request.now,
        committer=request.committer,
    )
    request.committer.flush()
    body = serialize_letter(item, letter_request.messages_of(request.employer_id, item))
    return Response(202, body, {"Location": f"/v1/letters/{item.id}"})


@route(letters, "GET", "/v1/letters/{letter_id}", scope="read")
def get_letter(request: Request, letter_id: str) -> Response:
    from chalicelib.messaging.letters import request as letter_request
    from chalicelib.messaging.letters.serializers import serialize_letter

    item = letter_request.read(request.employer_id, letter_id)
    return Response(200, serialize_letter(item, letter_request.messages_of(request.employer_id, item)))


@route(letters, "DELETE", "/v1/letters/{letter_id}", scope="write")
def delete_letter(request: Request, letter_id: str) -> Response:
    """Cancels what is not sent yet; the answer says what had gone."""
    from chalicelib.messaging.letters import request as letter_request
    from chalicelib.messaging.letters.serializers import serialize_letter

    item = letter_request.cancel(request.employer_id, letter_id, request.now)
    return Response(200, serialize_letter(item, letter_request.messages_of(request.employer_id, item)))
