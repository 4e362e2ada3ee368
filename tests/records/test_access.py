"""Access as it is stored, mailed and shown: invitations, codes, sessions of browsers and apps, keys, and the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.engines import BASE_URL
from tests.records.conftest import Story
from tests.web.conftest import Browser


def test_a_person_from_the_invitation_to_the_removal(story: Story, code: Callable[[str], str]) -> None:
    """Invited, invited again, a wrong code, accepted, signed in twice, changed, signed out, removed."""
    kim = story.asks("POST", "/v1/people", {"name": "Kim Lane", "email": "Kim@example.com", "role": "recruiter"}).json["id"]
    story.stored()
    story.clock.advance(minutes=61)
    story.asks("POST", f"/v1/people/{kim}/invitation")
    story.clock.advance(minutes=3)
    story.asks("POST", "/v1/invitations/accept", {"email": "kim@example.com", "code": "000000"}, as_=story.public)
    story.stored()
    story.clock.advance(minutes=5)
    given = {"email": "kim@example.com", "code": code("Kim@example.com")}
    story.asks("POST", "/v1/invitations/accept", given, as_=story.public)
    story.stored()
    story.clock.advance(minutes=7)
    story.asks("POST", "/v1/sign_in", {"email": "kim@example.com"}, as_=story.public)
    story.stored()
    story.clock.advance(minutes=2)
    wrong = {"email": "kim@example.com", "code": "000000"}
    story.asks("POST", "/v1/sessions", wrong, as_=story.public)
    given = {"email": "kim@example.com", "code": code("Kim@example.com")}
    agent = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"}
    tokens = story.asks("POST", "/v1/sessions", given, as_=story.public, headers=agent).json
    story.stored()
    story.clock.advance(minutes=11)
    fresh = story.asks("POST", "/v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]}, as_=story.public).json
    app = story.public.using(fresh["access_token"])
    story.asks("GET", "/v1/me", as_=app)
    story.stored()
    story.clock.advance(minutes=13)
    page = Browser(story.public)
    page.open("/sign-in")
    page.submit("/sign-in", email="kim@example.com")
    link = re.findall(rf"{re.escape(BASE_URL)}(/sign-in/[\w-]+)", story.outbox.to("Kim@example.com")[-1]["body"])[-1]
    page.open(link)
    page.submit("")
    story.stored()
    sessions = story.asks("GET", "/v1/sessions", as_=app).json["data"]
    story.clock.advance(minutes=1)
    story.asks("GET", "/v1/sessions", query={"person_id": kim})
    other = next(one["id"] for one in sessions if not one["current"])
    story.asks("DELETE", f"/v1/sessions/{other}", as_=app)
    story.stored()
    story.clock.advance(minutes=4)
    story.asks("PATCH", f"/v1/people/{kim}", {"role": "manager"})
    story.stored()
    story.clock.advance(minutes=6)
    story.asks("POST", "/v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]}, as_=story.public)
    story.stored()
    story.clock.advance(minutes=8)
    story.asks("PATCH", f"/v1/people/{kim}", {"email": "kim.lane@example.com"})
    story.asks("GET", f"/v1/people/{kim}")
    story.stored()
    story.clock.advance(minutes=10)
    story.asks("DELETE", f"/v1/people/{kim}")
    story.stored()
    story.asks("GET", "/v1/audit")
    story.asks("GET", "/v1/people")
    story.ends("people")


def test_keys_from_the_first_to_the_last(story: Story) -> None:
    """Made, used, listed, revoked with those that it made; a key that is none is counted."""
    made = story.asks("POST", "/v1/keys", {"scopes": ["read", "manage"], "name": "Careers site"}).json
    story.stored()
    story.clock.advance(minutes=3)
    holder = story.employer.using(made.get("secret"))
    child = story.asks("POST", "/v1/keys", {"scopes": ["read"], "name": "Report"}, as_=holder).json
    story.clock.advance(minutes=5)
    story.asks("GET", "/v1/me", as_=holder.using(child.get("secret")))
    story.asks("GET", "/v1/me", as_=holder.using("hb_live_" + "x" * 40))
    story.stored()
    story.asks("GET", "/v1/keys")
    story.clock.advance(minutes=7)
    story.asks("DELETE", f"/v1/keys/{made['id']}", query={"descendants": "true"})
    story.asks("GET", f"/v1/keys/{child['id']}")
    story.asks("GET", "/v1/audit")
    story.stored()
    story.ends("keys")
