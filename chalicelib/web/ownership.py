"""Who answers for an application and who decides, and putting it off for some days: forms of Today and the person's page."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import service, team
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.storage.ids import is_id
from chalicelib.web import contacts, page_support

SNOOZES = {"1": "1 day", "3": "3 days", "7": "1 week", "14": "2 weeks"}
"""Days that the form offers, with their labels."""


def people_of_team(visitor: Visitor) -> list[tuple[str, str]]:
    """Return (id, name) of everybody on the team who accepted, by name."""
    return sorted(((one.id, one.name) for one in team.accepted(visitor.employer.id)), key=lambda one: one[1].casefold())


def set_people(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/people"""
    given = page_support.form(request, visitor)
    application_id = page_support.demand_id(application, "app")
    wanted = {name: given.one(name) or None for name in team.ROLES}
    if unknown := [name for name, person in wanted.items() if person and not is_id(person, "per")]:
        raise Unprocessable(errors=[FieldError(f"/{name}", "there is no such person on the team") for name in unknown])
    service.change_application(visitor.employer, application_id, wanted, request.now, lambda _: None)
    return page_support.see_other(request, f"/applications/{application_id}?done=yes")


def snooze(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/snooze: for a number of days; none shows it again."""
    given = page_support.form(request, visitor)
    application_id = page_support.demand_id(application, "app")
    days = given.one("days")
    if days not in ("", *SNOOZES):
        raise Unprocessable(errors=[FieldError("/days", "is not one of the days offered")])
    until = request.now + timedelta(days=int(days)) if days else None
    service.change_application(visitor.employer, application_id, {"snooze_until": until}, request.now, lambda _: None)
    return page_support.see_other(request, contacts.back_of(given))
