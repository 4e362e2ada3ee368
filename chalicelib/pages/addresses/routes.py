"""`/v1/employer/addresses`, and `/v/{token}`: GET shows a button and changes nothing (scanners open links); POST verifies."""

from __future__ import annotations

from html import escape

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.access.call import Call, Reply
from chalicelib.access.routes import route
from chalicelib.access.signin import limits
from chalicelib.access.unsubscribe.page import HEADERS, failed, simple
from chalicelib.applications.employers import addresses as own
from chalicelib.config import settings
from chalicelib.errors import Conflict, HeardbackError, NotFound
from chalicelib.followups import direct
from chalicelib.ids import is_id
from chalicelib.rules.signin_wording import verify_mail
from chalicelib.signing import BadToken

addresses = Blueprint(__name__)
MAILS_AN_HOUR = 20
TOKEN_PATH = "/v/{token}"  # noqa: S105 - a path


@route(addresses, "GET", "/v1/employer/addresses", scope="read")
def list_addresses(call: Call) -> dict[str, object]:
    return {"data": [own.address_json(entry) for entry in call.employer_item.addresses or []]}


@route(addresses, "POST", "/v1/employer/addresses", scope="manage")
def post_address(call: Call) -> Reply:
    """Mails a link to the address; a number is for the operator to verify."""
    from chalicelib.applications.employers.schema import OwnAddress

    given = call.body(OwnAddress)
    entry = own.add(call.employer_id, given.channel, given.address, call.now)
    if given.email and not entry["verified_at"]:
        _mail(call, given.email)
    return Reply(201, own.address_json(entry))


def _mail(call: Call, email: str) -> None:
    """Few an hour, to one address and of one employer: this mail goes to somebody who may not have asked for it."""
    if not (limits.allow("verify address", email.casefold(), limits.MAILS_TO_ONE_ADDRESS, call.now)
            and limits.allow("verify employer", call.employer_id, MAILS_AN_HOUR, call.now)):
        raise Conflict("Too many links were mailed within the hour: try again in an hour.", code="too_many_mails")
    link = settings().base_url + TOKEN_PATH.format(token=own.token(call.employer_id, email, call.now))
    direct.send(call.employer_id, "verify_address", verify_mail(email, call.employer.name, link), wiring.channels(), call.now)


@route(addresses, "POST", "/v1/employer/addresses/remove", scope="manage")
def remove_address(call: Call) -> dict[str, object]:
    from chalicelib.applications.employers.schema import OwnAddress

    own.remove(call.employer_id, call.body(OwnAddress).address, call.now)
    return {}


@route(addresses, "POST", "/v1/employers/{id}/addresses", operator=True)
def verify_by_operator(call: Call, id: str) -> Reply:
    """The operator says that an address or a number is the employer's own."""
    from chalicelib.applications.employers.schema import OwnAddress

    if not is_id(id, "emp"):
        raise NotFound
    given = call.body(OwnAddress)
    return Reply(201, own.address_json(own.add(id, given.channel, given.address, call.now, verified_by="operator")))


@route(addresses, "GET", TOKEN_PATH, public=True)
def show(call: Call, token: str) -> Reply:
    return _about(call, token, act=False)


@route(addresses, "POST", TOKEN_PATH, public=True)
def verify(call: Call, token: str) -> Reply:
    return _about(call, token, act=True)


def _about(call: Call, token: str, *, act: bool) -> Reply:
    try:
        employer_id, address = own.read_token(token, call.now)
        if act:
            own.verify(employer_id, address, call.now)
    except (BadToken, NotFound):
        return Reply(404, simple("This link does not work", "<p>It is too old, or was cut short. Get a new one.</p>"), HEADERS)
    except HeardbackError:
        return Reply(503, failed(), HEADERS)
    if act:
        words = f"<p>Heardback may now send this employer's messages to {escape(address)}.</p>"
        return Reply(200, simple("Verified", words), HEADERS)
    return Reply(200, simple(
        "Is this your address?",
        f"<p>Somebody who tries Heardback wants its messages sent to {escape(address)}. If that was you, press the button. "
        "If not, close this page and nothing more comes.</p>"
        '<form method="post"><button type="submit">Yes, send them here</button></form>'), HEADERS)
