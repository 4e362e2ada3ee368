"""An employer with one record of every kind, so that every operation can be sent."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chalicelib.accounts.seekers import phone
from chalicelib.api.route import RouteSpec
from chalicelib.applications.candidates import links
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth import invitations, session_store, sessions, sign_in_links, tokens
from chalicelib.auth.users import PersonItem, people_at, person_key
from chalicelib.messaging import reply_store
from chalicelib.messaging.messages import MessageItem
from chalicelib.openapi.document import OPERATIONS, document
from chalicelib.storage import keys, table
from chalicelib.storage.table import stored_instant
from tests.engines import Api, StandingClock
from tests.integrations.ats import payloads

Json = dict[str, Any]


_IDS = (
    "application_id",
    "candidate_id",
    "contact_id",
    "person_id",
    "integration_id",
    "event_id",
    "import_id",
    "review_id",
    "message_id",
    "reply_id",
    "statement_id",
    "name",
    "endpoint_id",
    "letter_id",
    "card_id",
)


FILE = b"name,email\nFay File,fay@example.com\n"


class World:
    """`employer`, `operator`, and one id of every kind of record, named as in paths."""

    def __init__(self, api: Api, operator: Api, clock: StandingClock, run_ticks: Any) -> None:
        self.employer = api.new_employer(policy={"jurisdiction": "CA-ON", "headcount": 40}, digest_to=["team@example.com"])
        self.operator, self.api = operator, api
        interview = self.made(
            "/v1/interviews",
            {
                "stage": "final",
                "start_at": clock.text(hours=-90),
                "end_at": clock.text(hours=-89),
                "application": {"job_title": "Welder", "candidate": {"name": "Ann Example", "email": "ann@example.com"}},
            },
        )
        clock.advance(seconds=1)
        self.application_id = interview["application_id"]
        self.interview_id, self.candidate_id = interview["id"], interview["application"]["candidate_id"]
        contact = self.made(f"/v1/applications/{self.application_id}/contacts", {"channel": "call", "outcome": "voicemail"})
        self.contact_id = contact["id"]
        self.person_id = self.made("/v1/people", {"name": "Max", "email": "max@example.com"})["id"]
        self.cookie, self.session_id = self.signed_in(clock)
        self.invited_id = self.made("/v1/people", {"name": "Kim", "email": "kim@example.com"})["id"]
        self.key_id = self.made("/v1/keys", {"scopes": ["read"]})["id"]
        self.employer("PUT", "/v1/postings", {"job_title": "Welder", "jurisdiction": "CA-ON"})
        connection = self.made("/v1/integrations", {"system": "greenhouse", "secret": payloads.SECRET})
        raw, headers = payloads.signed("greenhouse", {"action": "new_thing", "of": self.employer.employer_id}, payloads.SECRET)
        api.post("/" + connection["url"].split("/", 3)[3], raw, headers=headers)
        run_ticks()
        self.integration_id = connection["id"]
        self.event_id = self.employer.get(f"/v1/integrations/{self.integration_id}/events").json["data"][0]["id"]
        self.import_id = self.employer.post("/v1/imports", FILE, headers={"Content-Type": "text/csv"}).json["id"]
        seen = {"posted_at": clock.text(hours=-1), "rating": 1, "mentions_silence": True, "source": "a site"}
        self.review_id = self.made("/v1/observed_reviews", seen)["id"]
        self.share_id = self.made("/v1/report_shares", {"days": 7})["id"]
        self.message_id = self.made_unknown()
        self.statement_id = self.made(f"/v1/applications/{self.application_id}/statements", {"heard": False})["id"]
        self.reply_id = self.made_reply(clock())
        self.name = "ours"
        self.employer("PUT", "/v1/import_profiles/ours", {"columns": {"name": ["Who"], "email": ["Mail"]}})
        self.booked_id = self.made(
            "/v1/interviews",
            {
                "stage": "screen",
                "start_at": clock.text(hours=5),
                "end_at": clock.text(hours=6),
                "application": {"job_title": "Fitter", "candidate": {"name": "Bo"}},
            },
        )["id"]
        own = OPERATIONS["PUT /v1/employer/single_sign_on"].example
        assert self.employer("PUT", "/v1/employer/single_sign_on", own).status == 200
        self.card_id = self.made("/v1/check_in_cards", OPERATIONS["POST /v1/check_in_cards"].example)["id"]
        self.endpoint_id = self.made("/v1/webhook_endpoints", {"url": "https://hooks.example.com/"})["id"]
        asked = {"application_ids": [self.application_id], "decision": "rejected", "send_at": clock.text(days=3)}
        self.letter_id = self.employer.post("/v1/letters", asked).json["id"]
        self.ask_for_feedback(clock())
        self.seeker, self.own_id = self.with_interview(clock)
        self.link_token = self.with_link(clock)
        self.told_id = self.employer.post(f"/v1/webhook_endpoints/{self.endpoint_id}/test").json["id"]

    def with_interview(self, clock: StandingClock) -> tuple[Api, str]:
        """A job seeker with one interview and a code on its way, and the interview's id."""
        email = f"jo-{self.employer.employer_id[-8:].lower()}@example.com"
        asked = {"email": email, "name": "Jo Sample", "timezone": "America/New_York"}
        assert self.api.post("/v1/seekers", asked).status == 202
        [person] = people_at(email)
        transaction = table.Transaction()
        invitations.accept(person, transaction, clock())
        session = session_store.open_session(person, transaction, session_store.Client(app=True), clock())
        transaction.put(phone.new_code(person.employer_id, "+12025550155", "123456", clock()))
        transaction.commit()
        seeker = self.api.using(tokens.grant(session).access_token)
        seeker.employer_id = person.employer_id
        own = {**OPERATIONS["POST /v1/my/interviews"].example, "job_title": "Turner"}
        own |= {"start_at": clock.text(hours=-3), "end_at": clock.text(hours=-2)}
        made = seeker.post("/v1/my/interviews", own)
        assert made.status == 201, made
        return seeker, made.json["id"]

    def with_link(self, clock: StandingClock) -> str:
        """The seeker's interview, linked with the employer's record of it. Returns the end of the candidate's link."""
        assert self.employer.patch("/v1/employer", {"policy": {"link_seekers": True}}).status == 200
        person = {"name": "Jo Sample", "email": f"jo-{self.employer.employer_id[-8:].lower()}@example.com"}
        times = {"start_at": clock.text(hours=-3), "end_at": clock.text(hours=-2)}
        body = {"stage": "interview", **times, "application": {"job_title": "Turner", "candidate": person}}
        application = self.made("/v1/interviews", body)["application_id"]
        token = links.token(self.employer.employer_id, application, clock())
        assert self.seeker.post(f"/v1/my/interviews/{self.own_id}/link", {"token": token}).status == 200
        return token

    def body(self, key: str) -> Any:
        """The operation's example, with a token that leads somewhere."""
        example = OPERATIONS[key].example
        return {"token": self.link_token} if key.endswith("/link") and example else example

    def asks(self, spec: RouteSpec) -> Api:
        """Who may send this operation with a bearer credential."""
        if spec.scope == "my":
            return self.seeker
        return self.operator if spec.operator and not spec.scope else self.employer

    def made(self, path: str, body: Json) -> Json:
        answer = self.employer.post(path, body)
        assert answer.status == 201, answer
        return answer.json

    def signed_in(self, clock: StandingClock) -> tuple[str, str]:
        """The cookie of a person who is signed in to the pages, and the id of that session."""
        person = table.get(*person_key(self.employer.employer_id, self.person_id))
        assert isinstance(person, PersonItem)
        person.update([PersonItem.accepted_at.set(clock())])
        cookie = sessions.begin(sign_in_links.new_token(person, clock()), clock()).partition(";")[0]
        [session] = session_store.of_person(person, clock())
        return cookie, session.id

    def made_unknown(self) -> str:
        """A message whose answer was lost."""
        message = self.employer.get(f"/v1/applications/{self.application_id}/messages").json["data"][0]
        item = table.get(keys.case_pk(self.employer.employer_id, message["id"]), f"MSG#{message['id']}")
        assert isinstance(item, MessageItem)
        item.update([MessageItem.status.set("unknown")])
        return str(item.id)

    def ask_for_feedback(self, at: datetime) -> None:
        """The candidate has asked why."""
        item = table.get(keys.case_pk(self.employer.employer_id, self.application_id), "APP")
        assert isinstance(item, ApplicationItem)
        asked = {"asked_at": stored_instant(at), "due_on": at.date().isoformat()}
        item.update([ApplicationItem.feedback_request.set(asked)])

    def made_reply(self, at: datetime) -> str:
        """A text of the candidate that answers a message about the application."""
        ids = (self.employer.employer_id, self.application_id, "in-1")
        item = reply_store.reply(*ids, sender="+12025550123", body="When do I hear?", understood_as=None, at=at)
        assert reply_store.create_once(item)
        return str(item.id)

    def path(self, method: str, path: str) -> str:
        """The path with ids of records that are there, and in a state in which the operation is allowed."""
        ids = {name: getattr(self, name) for name in _IDS}
        ids["interview_id"] = self.booked_id if path.endswith("cancel") else self.interview_id
        ids["interview_id"] = self.own_id if path.startswith("/v1/my/") else ids["interview_id"]
        ids["id"] = self.employer.employer_id if "employers" in path else self.key_id
        ids["id"] = self.session_id if "sessions" in path else ids["id"]
        ids["id"] = self.share_id if "report_shares" in path else ids["id"]
        ids["event_id"] = self.told_id if path.startswith("/v1/events") else self.event_id
        ids["person_id"] = self.invited_id if path.endswith("invitation") else self.person_id
        ids["token"] = "x" * 40
        return path.format(**ids)


@pytest.fixture
def world(new_world: Callable[[], World]) -> World:
    return new_world()


@pytest.fixture(scope="session")
def saved_world() -> list[tuple[World, Any]]:
    """The world that was made first, with its table: making one takes twenty requests, restoring it two."""
    return []


@pytest.fixture
def new_world(
    stack: Any,
    api: Api,
    operator: Api,
    clock: StandingClock,
    run_ticks: Any,
    monkeypatch: pytest.MonkeyPatch,
    saved_world: list[tuple[World, Any]],
) -> Callable[[], World]:
    """new_world() -> a world and nothing else. The one name that an example leads to is looked up without a network."""
    look_up = socket.getaddrinfo
    known = {"hooks.example.com": "93.184.215.14"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **kwargs: look_up(known.get(host, host), *args, **kwargs))

    def make() -> World:
        if not saved_world:
            stack.refresh()
            saved_world.append((World(api, operator, clock, run_ticks), stack.save()))
        world, saved = saved_world[0]
        stack.restore(saved)
        return copy.copy(world)

    return make


_FOR_BROWSERS = {
    *("Cache-Control", "Content-Security-Policy", "Content-Type", "Referrer-Policy", "Set-Cookie", "Vary"),
    *("X-Content-Type-Options", "X-Frame-Options", "X-Robots-Tag"),
}


class Contract:
    """Checks responses against the document strictly: an undocumented field is a fault."""

    def __init__(self) -> None:
        self.whole = document()
        self._strict = {"components": {"schemas": closed(copy.deepcopy(self.whole["components"]["schemas"]))}}

    def faults(self, method: str, path: str, status: int, content_type: str, body: Any) -> list[str]:
        responses = self.whole["paths"][path][method.lower()]["responses"]
        if str(status) not in responses:
            return [f"{status} is not a documented answer: {body}"]
        said = responses[str(status)]
        if "$ref" in said:
            said = self.whole["components"]["responses"][said["$ref"].rsplit("/", 1)[1]]
        content = said.get("content")
        media = content_type.partition(";")[0]
        if not content:
            return [] if body in ("", None) else ["has a body, and none is documented"]
        if media not in content:
            return [f"{media} is not a documented media type"]
        if not isinstance(body, dict):
            return []
        schema = {**self._strict, **content[media]["schema"]}
        found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(body)
        return [f"{fault.json_path}: {fault.message}" for fault in found]

    def undocumented_headers(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> set[str]:
        """Returns the names of a success's headers that it does not document; those that only browsers read are left out."""
        said = self.whole["paths"][path][method.lower()]["responses"][str(status)].get("headers", {})
        return set() if status >= 300 else set(headers) - set(said) - _FOR_BROWSERS


def closed(schema: Any) -> Any:
    """Returns a schema whose objects have no fields but those that it names."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract()


def text_of(whole: Json) -> str:
    """Returns the document as docs/openapi.json holds it."""
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
