"""`/v1/employer/single_sign_on`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.single_sign_on import SsoItem
from chalicelib.config import settings

if TYPE_CHECKING:
    from chalicelib.accounts.single_sign_on.responses import SingleSignOn

single_sign_on = Blueprint(__name__)


@route(single_sign_on, "GET", "/v1/employer/single_sign_on", scope="manage")
def get_single_sign_on(request: Request) -> SingleSignOn:
    from chalicelib.accounts.single_sign_on import service

    request.read_query({})
    return serialize(service.read(request.employer_id))


@route(single_sign_on, "PUT", "/v1/employer/single_sign_on", scope="manage")
def put_single_sign_on(request: Request) -> SingleSignOn:
    from chalicelib.accounts.single_sign_on import service
    from chalicelib.accounts.single_sign_on.schema import SingleSignOnIn  # late: schemas bring pydantic, 96 ms of a cold start
    from chalicelib.accounts.users.service import check_role

    check_role("manager", request.caller.scopes)  # whoever chooses the provider can sign in as any manager
    return serialize(service.put(request.employer_id, request.body(SingleSignOnIn).model_dump(), request.origin, request.now))


@route(single_sign_on, "DELETE", "/v1/employer/single_sign_on", scope="manage")
def delete_single_sign_on(request: Request) -> Response:
    from chalicelib.accounts.single_sign_on import service

    service.remove(request.employer_id, request.origin, request.now)
    return Response(204)


def serialize(item: SsoItem) -> SingleSignOn:
    """Returns the setting as clients see it: without the secret."""
    from chalicelib.accounts.single_sign_on import service
    from chalicelib.accounts.single_sign_on.responses import SingleSignOn

    base = settings().base_url
    return SingleSignOn(
        issuer=item.issuer,
        client_id=item.client_id,
        domains=list(item.domains),
        sign_in_url=f"{base}/sso/{item.employer_id}",
        callback_url=service.callback_url(item.employer_id),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
