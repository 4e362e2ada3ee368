"""Every page and every form of one employer with the ids of another: not found, and nothing is changed. From the routes."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlencode

import pytest

import app  # noqa: F401 - declares the routes
from chalicelib.api.route import ROUTES, RouteSpec
from chalicelib.auth import session_store, sessions, sign_in_links
from chalicelib.auth.users import SessionItem, people_at
from chalicelib.config import settings
from chalicelib.signing import sign_token
from chalicelib.storage.table import Item
from tests.engines import BASE_URL, Answer, Api, Outbox, StandingClock, join, seek
from tests.openapi.conftest import World

OF_ANYBODY = {"token", "name", "page", "deeper", "system", "employer", "code"}
"""Parameters of paths that name no record of a signed-in person's employer: links, files, words."""
PAGES = [one for one in ROUTES if one.public and not one.path.startswith("/integrations/")]
WITH_IDS = [one for one in PAGES if "{" in one.path and not any(f"{{{name}}}" in one.path for name in OF_ANYBODY)]
FORMS = [one for one in PAGES if one.method == "POST" and "{" not in one.path and not one.path.startswith(("/v1/", "/sign-"))]
PLANTED = ("Ann Example", "ann@example.com", "max@example.com", "Turner", "When do I hear?")


class Stranger:
    """A manager of another employer, or another job seeker, who is signed in to the pages."""

    def __init__(self, api: Api, clock: StandingClock, outbox: Outbox, *, seeker: bool) -> None:
        email = "eve@example.com"
        if seeker:
            seek(api, outbox, email)
        else:
            join(api.new_employer(name="Other"), outbox, email, "Eve", "manager")
        [person] = people_at(email)
        self.api = api.using(None)
        self.cookie = sessions.begin(sign_in_links.new_token(person, clock()), clock()).partition(";")[0]
        self.session: SessionItem = next(one for one in session_store.of_person(person, clock()) if not one.app)

    def send(self, method: str, path: str, fields: dict[str, Any]) -> Answer:
        headers = {"Cookie": self.cookie, "Origin": BASE_URL}
        if method == "GET":
            return self.api.get(path, headers=headers)
        token = sign_token(settings().sign, f"form:{self.session.id}", os.urandom(6))
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.api.post(path, urlencode({"form_token": token, **fields}, doseq=True).encode(), headers=headers)


def ids_of(world: World, path: str) -> dict[str, str]:
    """The ids of the other employer's records, by the names that paths and forms have for them."""
    ids = {name.removesuffix("_id"): value for name, value in vars(world).items() if name.endswith("_id")}
    more = {
        "connection": ids["integration"],
        "started": ids["import"],
        "interview": ids["own" if path.startswith("/my") else "booked"],
    }
    return {**ids, **more}


def filled(world: World, path: str) -> dict[str, Any]:
    """A form with each id that some form has, and with what makes most of the others complete."""
    ids = ids_of(world, path)
    lists = {"application_ids": [ids["application"]], "applications": [ids["application"]], "reply": [ids["reply"]]}
    roles = {f"{name}_id": ids[name] for name in ("application", "candidate", "person", "interview")}
    roles |= {"owner_id": ids["person"], "decider_id": ids["person"], "person": ids["candidate"], "interview": ids["interview"]}
    words = {"name": "Eve", "email": "eve@example.com", "job_title": "Cook", "outcome": "reached", "decision": "rejected"}
    return {
        **words,
        "channel": "call",
        "days": "3",
        "do": "remove",
        "status": "withdrawn",
        "decided": "rejected",
        **roles,
        **lists,
    }


def stored(world: World) -> list[str]:
    own = (world.employer.employer_id, world.seeker.employer_id)
    return sorted(str(item.serialize()) for item in Item.scan() if any(one in item.PK for one in own))


@pytest.mark.parametrize("spec", WITH_IDS, ids=lambda spec: f"{spec.method} {spec.path}")
def test_a_page_of_another_employers_record_is_not_found(
    world: World, api: Api, clock: StandingClock, outbox: Outbox, spec: RouteSpec
) -> None:
    """The same as for no record, whatever the form says."""
    eve = Stranger(api, clock, outbox, seeker=spec.path.startswith("/my"))
    before = stored(world)
    answer = eve.send(spec.method, spec.path.format(**ids_of(world, spec.path)), filled(world, spec.path))
    assert answer.status in (404, 422) and not [one for one in PLANTED if one in str(answer.json)], answer
    assert stored(world) == before


@pytest.mark.parametrize("spec", FORMS, ids=lambda spec: spec.path)
def test_a_form_with_another_employers_ids_changes_nothing_there(
    world: World, api: Api, clock: StandingClock, outbox: Outbox, spec: RouteSpec
) -> None:
    """Ids in paths are not the only ones."""
    eve = Stranger(api, clock, outbox, seeker=spec.path.startswith("/my"))
    before = stored(world)
    answer = eve.send("POST", spec.path, filled(world, spec.path))
    assert answer.status < 500 and not [one for one in PLANTED if one in str(answer.json)], answer
    assert stored(world) == before


def test_the_routes_that_are_tried_are_most_of_those_with_ids() -> None:
    assert len(WITH_IDS) >= 40 and len(FORMS) >= 20
