"""`/v1/employer/addresses`, and `/v/{token}`: GET shows a button and changes nothing (scanners open links); POST verifies."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from html import escape
from typing import Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth import rate_limit
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import held_digest_addresses
from chalicelib.config import settings
from chalicelib.errors import Conflict, HeardbackError, NotFound, TooManyRequests
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.employer import Employer
from chalicelib.signing import BadToken
from chalicelib.storage.ids import is_id

addresses = Blueprint(__name__)
TOKEN_PATH = "/v/{token}"  # noqa: S105 - a path


@route(addresses, "GET", "/v1/employer/addresses", scope="read")
def list_addresses(request: Request) -> dict[str, Any]:
    from chalicelib.applications.employers.serializers import serialize_address

    return pagination.paginate_few(request, [serialize_address(entry) for entry in request.employer_item.addresses or []])


@route(addresses, "POST", "/v1/employer/addresses", scope="manage")
def post_address(request: Request) -> Response:
    """Mails a link to the address; a number is for the operator to verify."""
    from chalicelib.applications.employers import addresses as own
    from chalicelib.applications.employers.schema import OwnAddress
    from chalicelib.applications.employers.serializers import serialize_address

    given = request.body(OwnAddress)
    entry = own.add(
        request.employer_id, given.channel, given.address, request.now, committer=request.committer, origin=request.origin
    )
    if given.email and not entry["verified_at"]:
        request.committer.begin()  # the same request again must not mail again
        send_link(request.employer, given.email, request.network, request.now)
    return Response(201, serialize_address(entry))


def send_link(employer: Employer, email: str, network: str, now: datetime) -> None:
    """Mails the link that verifies an address. Raises TooManyRequests where too many were mailed within the hour."""
    from chalicelib.applications.employers import addresses as own
    from chalicelib.messaging import providers, send_now
    from chalicelib.messaging.gate import OnDemand
    from chalicelib.rules.copy.sign_in import verify_mail

    link = settings().base_url + TOKEN_PATH.format(token=own.token(employer.id, email, now))
    mail = OnDemand("verify_address", verify_mail(email, employer.name, link), employer, network)
    if held := send_now.send_now(mail, providers.channels(), now):
        detail = "Too many links were mailed within the hour: try again in an hour."
        raise rate_limit.hour_is_full("mails", held.most, now, detail, "too_many_mails")


def send_links(item: EmployerItem, before: Employer, network: str, now: datetime) -> None:
    """Mails a link to each address of the digest that an employer has just entered, as far as the quotas allow.

    `before` is the employer as it was; a warning names what is not verified.
    """
    from chalicelib.applications import digest_schedule
    from chalicelib.applications.employers import addresses as own

    employer = employer_of(item)
    new = held_digest_addresses(employer) - set(before.digest_unverified)
    for address in dict.fromkeys(digest_schedule.recipients(employer)):
        if canonical_email(address) in new:
            with suppress(Conflict, TooManyRequests):
                own.add(employer.id, "email", address, now)
                send_link(employer, address, network, now)


@route(addresses, "POST", "/v1/employer/addresses/remove", scope="manage")
def remove_address(request: Request) -> dict[str, object]:
    from chalicelib.applications.employers import addresses as own
    from chalicelib.applications.employers.schema import OwnAddress

    address = request.body(OwnAddress).address
    own.remove(request.employer_id, address, request.now, committer=request.committer, origin=request.origin)
    return {}


@route(addresses, "POST", "/v1/employers/{id}/addresses", operator=True)
def verify_by_operator(request: Request, id: str) -> Response:
    """The operator says that an address or a number is the employer's own."""
    from chalicelib.applications.employers import addresses as own
    from chalicelib.applications.employers.schema import OwnAddress
    from chalicelib.applications.employers.serializers import serialize_address

    if not is_id(id, "emp"):
        raise NotFound
    given = request.body(OwnAddress)
    entry = own.add(
        id,
        given.channel,
        given.address,
        request.now,
        verified_by="operator",
        committer=request.committer,
        origin=request.origin,
    )
    return Response(201, serialize_address(entry))


@route(addresses, "GET", TOKEN_PATH, public=True)
def show(request: Request, token: str) -> Response:
    return _about(request, token, act=False)


@route(addresses, "POST", TOKEN_PATH, public=True)
def verify(request: Request, token: str) -> Response:
    return _about(request, token, act=True)


def _about(request: Request, token: str, *, act: bool) -> Response:
    from chalicelib.applications.employers import addresses as own
    from chalicelib.messaging.unsubscribe.page import HEADERS, failed, simple

    try:
        employer_id, address = own.read_token(token, request.now)
        if act:
            own.verify(employer_id, address, request.now, origin=request.origin)
    except (BadToken, NotFound):
        return Response(404, simple("This link does not work", "<p>It is too old, or was cut short. Get a new one.</p>"), HEADERS)
    except HeardbackError:
        return Response(503, failed(), HEADERS)
    if act:
        words = f"<p>Heardback may now send this employer's messages to {escape(address)}.</p>"
        return Response(200, simple("Verified", words), HEADERS)
    return Response(
        200,
        simple(
            "Is this your address?",
            f"<p>Someone trying Heardback asked for its messages to come to {escape(address)}. "
            "If that was you, press the button. If not, close this page and nothing more comes.</p>"
            '<form method="post"><button type="submit">Confirm this address</button></form>',
        ),
        HEADERS,
    )
