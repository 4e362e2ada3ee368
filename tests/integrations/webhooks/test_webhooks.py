"""Events reach every endpoint: signed by Standard Webhooks, retried, and ended when an endpoint is gone."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from chalicelib.messaging import claims, opt_outs
from chalicelib.storage import table
from tests.integrations.webhooks.conftest import URL

ROOT = Path(__file__).parents[3]
PERSON = {"name": "Zebulon Quixworth", "email": "zeb@planted.example", "phone": "+12025550177"}


SOME = [
    "interview.waiting",
    "application.overdue",
    "contact.recorded",
    "contact.disputed",
    "message.sent",
    "message.delivered",
    "message.failed",
    "message.unknown",
    "candidate.opted_out",
    "risk.band_changed",
    "webhook_endpoint.disabled",
]


@pytest.fixture
def listening(employer: Any, internet: Any) -> dict[str, Any]:
    """An endpoint for what most tests here are about, with its secret."""
    made = employer.post("/v1/webhook_endpoints", {"url": URL, "events": SOME})
    assert made.status == 201, made
    return made.json


@pytest.fixture
def interviewed(employer: Any, clock: Any):
    def book(ended: float = 1.0, **person: Any) -> dict[str, Any]:
        who = {**PERSON, "sms_consent": {"given_at": clock.text(hours=-1), "source": "form"}, **person}
        body = {
            "application": {"candidate": who, "job_title": "Welder"},
            "stage": "interview",
            "start_at": clock.text(hours=-ended - 1),
            "end_at": clock.text(hours=-ended),
        }
        made = employer.post("/v1/interviews", body)
        assert made.status == 201, made
        return made.json["application"]

    return book


def _told(receiver: Any) -> list[str]:
    return [json.loads(body)["type"] for _, _, body in receiver.got]


def _verified(secret: str, headers: dict[str, str], body: bytes, at: datetime, monkeypatch: Any) -> dict[str, Any]:
    """Verify with the public package, at the time of the test's clock."""
    import standardwebhooks.webhooks as public

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return at

    monkeypatch.setattr(public, "datetime", Then)
    found: dict[str, Any] = Webhook(secret).verify(body, headers)
    return found


def test_an_endpoint_made_while_the_last_is_removed_gets_events(employer, listening, interviewed, receiver, run_ticks, faults):
    """One change sets the employer's webhooks flag, the other clears it: the second must see the first."""
    faults.before("TransactWriteItems", lambda: employer.post("/v1/webhook_endpoints", {"url": URL}), where="HOOK#")
    assert employer.delete(f"/v1/webhook_endpoints/{listening['id']}").status == 204
    assert len(employer.get("/v1/webhook_endpoints").json["data"]) == 1
    interviewed()
    run_ticks()
    assert "interview.waiting" in _told(receiver)


def test_an_event_replayed_during_its_delivery_logs_no_error(employer, listening, interviewed, run_ticks, faults, caplog):
    """It is sent again as was asked, and the first result has no delivery to be noted at."""
    interviewed()
    run_ticks()
    event = employer.get("/v1/events", query={"type": "interview.waiting"}).json["data"][0]["id"]
    replay = lambda: employer.post(f"/v1/events/{event}/replay")  # noqa: E731
    replay()
    faults.before("TransactWriteItems", replay, where="delivered")
    run_ticks()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    assert [one["status"] for one in employer.get(f"/v1/events/{event}").json["deliveries"]] == ["delivered"]


def test_a_moved_interview_is_waited_for_anew(employer, listening, interviewed, receiver, run_ticks, clock):
    """The receiver counts waits: the one at the former end is over, and another begins at the new end."""
    interviewed()
    run_ticks()
    clock.advance(hours=1)
    [interview] = employer.get("/v1/interviews").json["data"]
    ahead = {"start_at": clock.text(hours=24), "end_at": clock.text(hours=25)}
    assert employer.patch(f"/v1/interviews/{interview['id']}", ahead).status == 200
    run_ticks()
    assert _told(receiver) == ["interview.waiting"]
    clock.advance(hours=25)
    run_ticks()
    assert _told(receiver) == ["interview.waiting"] * 2


def test_one_application_causes_its_events_in_order(employer, listening, interviewed, receiver, run_ticks, clock):
    """A receiver follows an application without polling."""
    application = interviewed()
    run_ticks()
    assert _told(receiver) == ["interview.waiting"]
    clock.advance(hours=47)
    run_ticks()
    clock.advance(hours=2)
    run_ticks()
    assert sorted(_told(receiver)[1:]) == ["application.overdue", "message.sent"]
    told = {"channel": "call", "outcome": "reached", "decision": "rejected"}
    employer.post(f"/v1/applications/{application['id']}/contacts", told)
    run_ticks()
    employer.post(f"/v1/applications/{application['id']}/statements", {"heard": False})
    run_ticks()
    assert _told(receiver)[3] == "contact.recorded"
    assert "contact.disputed" in _told(receiver)
    about = [json.loads(body)["data"] for _, _, body in receiver.got]
    assert {one["application_id"] for one in about} == {application["id"]}


def test_no_event_contains_a_name_an_address_or_a_text(employer, listening, interviewed, receiver, run_ticks, clock, faults):
    """Webhooks pass strangers' servers and logs, so they contain ids only."""
    faults.answer("Publish", 400, "InvalidParameter")
    application = interviewed()
    clock.advance(hours=50)
    run_ticks()
    employer.post(
        f"/v1/applications/{application['id']}/contacts",
        {"channel": "call", "outcome": "reached", "note": "planted-note", "feedback": "planted-feedback"},
    )
    run_ticks()
    assert "message.failed" in _told(receiver)
    whole = b"".join(body for _, _, body in receiver.got).decode().lower()
    assert not [planted for planted in ("zebulon", "quixworth", "planted", "2025550177", "welder") if planted in whole]


def test_webhooks_are_verified_by_the_public_package(listening, interviewed, receiver, run_ticks, clock, monkeypatch):
    """Receivers use the standard's own libraries."""
    interviewed()
    run_ticks()
    ((_, headers, body),) = receiver.got
    event = _verified(listening["secret"], headers, body, clock(), monkeypatch)
    assert (event["type"], event["id"]) == ("interview.waiting", headers["webhook-id"])
    with pytest.raises(WebhookVerificationError):
        _verified(listening["secret"], headers, body.replace(b"waiting", b"wanting"), clock(), monkeypatch)
    with pytest.raises(WebhookVerificationError):
        _verified(listening["secret"], headers, body, clock() + timedelta(minutes=6), monkeypatch)


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_recipes_of_the_documentation_verify(employer, listening, interviewed, receiver, run_ticks, clock, language):
    """Who has no library copies them. They take a body as it came, any of the valid secrets, and nothing that was recorded."""
    verified = _recipe(language)
    fresh = employer.post(f"/v1/webhook_endpoints/{listening['id']}/rotate_secret").json["secret"]
    interviewed()
    run_ticks()
    ((_, sent, body),) = receiver.got
    headers, at = {name.lower(): value for name, value in sent.items()}, clock().timestamp()
    another = "whsec_" + "A" * 43 + "="
    assert verified(fresh, headers, body, at) and verified(listening["secret"], headers, body, at + 290)
    assert not verified(another, headers, body, at) and not verified(fresh, headers, body + b" ", at)
    assert not verified(fresh, headers, body, at + 310) and not verified(fresh, headers, body, at - 310)
    assert not verified(fresh, {**headers, "webhook-id": "evt_x"}, body, at)
    assert not verified(fresh, {**headers, "webhook-signature": ""}, body, at)


def _recipe(language: str) -> Callable[[str, dict[str, str], bytes, float], bool]:
    """The function `verified` of docs/webhooks.md, at a time of our own."""
    page = (ROOT / "docs" / "webhooks.md").read_text()
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S)

    def in_python(secret: str, headers: dict[str, str], body: bytes, at: float) -> bool:
        known: dict[str, Any] = {}
        exec(code, known)  # noqa: S102 - our own page
        known["time"] = SimpleNamespace(time=lambda: at)
        return known["verified"](secret, headers, body) is True

    def in_node(secret: str, headers: dict[str, str], body: bytes, at: float) -> bool:
        given = json.dumps([secret, headers, base64.b64encode(body).decode()])
        call = f"const [secret, headers, body] = {given};\nconsole.log(verified(secret, headers, Buffer.from(body, 'base64')));"
        program = f"Date.now = () => {at * 1000};\n{code}\n{call}"
        node = shutil.which("node", path=os.pathsep.join([os.environ["PATH"], str(ROOT / ".engines" / "node" / "bin")]))
        assert node, "make setup installs Node"
        told = subprocess.run([node, "-"], input=program, capture_output=True, text=True, check=True).stdout.strip()
        return {"true": True, "false": False}[told]

    return in_python if language == "python" else in_node


def test_after_a_rotation_both_secrets_verify_for_a_day(
    employer, listening, interviewed, receiver, run_ticks, clock, monkeypatch
):
    """A receiver changes the secret when it deploys."""
    fresh = employer.post(f"/v1/webhook_endpoints/{listening['id']}/rotate_secret").json["secret"]
    interviewed()
    run_ticks()
    for secret in (fresh, listening["secret"]):
        _verified(secret, receiver.got[0][1], receiver.got[0][2], clock(), monkeypatch)
    clock.advance(hours=25)
    interviewed(name="Other", email="other@example.com", phone="+12025550178")
    run_ticks()
    _verified(fresh, receiver.got[-1][1], receiver.got[-1][2], clock(), monkeypatch)
    with pytest.raises(WebhookVerificationError):
        _verified(listening["secret"], receiver.got[-1][1], receiver.got[-1][2], clock(), monkeypatch)


def test_each_of_several_rotations_leaves_the_former_secret_its_whole_day(employer, listening, receiver, run_ticks, clock):
    """The first answer was lost, or a colleague was quicker: receivers still know the secret from before both."""
    path = f"/v1/webhook_endpoints/{listening['id']}"
    made = [listening["secret"]]
    for _ in range(2):
        made.append(employer.post(f"{path}/rotate_secret").json["secret"])
        clock.advance(hours=1)

    def signing() -> list[bool]:
        employer.post(f"{path}/test")
        run_ticks()
        _, headers, body = receiver.got[-1]
        sent = {name.lower(): value for name, value in headers.items()}
        at = datetime.fromtimestamp(int(sent["webhook-timestamp"]), tz=clock().tzinfo)
        known = [Webhook(secret).sign(sent["webhook-id"], at, body.decode()) for secret in made]
        return [one in sent["webhook-signature"].split() for one in known]

    assert signing() == [True, True, True]
    clock.advance(hours=22)
    assert signing() == [False, True, True], "a day after its own rotation"
    clock.advance(hours=1)
    assert signing() == [False, False, True]
    for _ in range(7):
        made.append(employer.post(f"{path}/rotate_secret").json["secret"])
    assert signing() == [False] * 5 + [True] * 5, "at most five"


def test_a_secret_is_shown_once_and_stored_encrypted(employer, listening, stack):
    """A later reader of the table or of a response must not be able to sign events."""
    from infra.local.environment import TABLE

    assert listening["secret"].startswith("whsec_")
    shown = [employer.get("/v1/webhook_endpoints").json, employer.get(f"/v1/webhook_endpoints/{listening['id']}").json]
    assert "secret" not in str(shown)
    whole = str(stack.table.client().scan(TableName=TABLE)["Items"])
    assert listening["secret"].removeprefix("whsec_") not in whole


def test_without_an_endpoint_no_event_is_written(employer, interviewed, run_ticks, clock):
    """A reminder then costs no additional write."""
    application = interviewed()
    clock.advance(hours=50)
    run_ticks()
    assert employer.get("/v1/events").json["data"] == []
    assert {item.kind for item in table.query(f"EMP#{employer.employer_id}#CASE#{application['id'][-16:]}")} == {
        "APP",
        "INT",
        "WAIT",
        "MSG",
    }


def test_ten_attempts_over_three_days_have_the_same_id(employer, internet, interviewed, receiver, run_ticks, clock):
    """A receiver that is down over a weekend loses nothing, and recognises repetitions."""
    employer.post("/v1/webhook_endpoints", {"url": URL, "events": ["interview.waiting"]})
    receiver.answers = [500] * 9
    interviewed()
    began = clock()
    for minutes in (0, 1, 5, 30, 120, 300, 600, 840, 1200, 1440):
        clock.advance(minutes=minutes * 1.1 + 1)
        run_ticks()
    first = [headers["webhook-id"] for _, headers, body in receiver.got if b"interview.waiting" in body]
    assert len(first) == 10
    assert len(set(first)) == 1
    assert timedelta(days=2) < clock() - began
    (event,) = employer.get("/v1/events", query={"type": "interview.waiting"}).json["data"]
    (delivery,) = employer.get(f"/v1/events/{event['id']}").json["deliveries"]
    assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == ("delivered", 10, "204")


def test_while_an_endpoint_fails_other_deliveries_are_postponed(listening, interviewed, receiver, run_ticks):
    """A dead server costs a worker one time-out, not one for every event."""
    receiver.answers = [500] * 50
    for number in range(6):
        interviewed(name=f"Sam {number}", email=f"sam{number}@example.com", phone=f"+1202555018{number}")
    run_ticks()
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [302, 404, 503, *(pytest.param(one, marks=pytest.mark.long) for one in (301, 400, 401, 429))])
def test_every_status_but_success_is_tried_again(employer, listening, interviewed, receiver, run_ticks, clock, status):
    receiver.answers = [status]
    interviewed()
    run_ticks()
    clock.advance(minutes=3)
    run_ticks()
    assert [json.loads(body)["type"] for _, _, body in receiver.got][:2] == ["interview.waiting"] * 2
    assert employer.get(f"/v1/webhook_endpoints/{listening['id']}").json["failing_since"] is None


def test_a_410_disables_an_endpoint_with_a_notice(employer, listening, interviewed, receiver, run_ticks):
    """410 means gone for good; the employer is warned."""
    receiver.answers = [410]
    interviewed()
    run_ticks()
    ended = employer.get(f"/v1/webhook_endpoints/{listening['id']}").json
    assert (ended["enabled"], "410" in ended["disabled_reason"], ended["last_status"]) == (False, True, "410")
    assert "webhook_disabled" in _warnings(employer)
    (notice,) = employer.get("/v1/events", query={"type": "webhook_endpoint.disabled"}).json["data"]
    assert notice["data"]["endpoint_id"] == ended["id"]
    interviewed(name="Other", email="other@example.com", phone="+12025550178")
    run_ticks()
    assert len(receiver.got) == 1
    employer.patch(f"/v1/webhook_endpoints/{listening['id']}", {"enabled": True})
    interviewed(name="Third", email="third@example.com", phone="+12025550179")
    run_ticks()
    assert len(receiver.got) == 2
    assert "webhook_disabled" not in _warnings(employer)


def _warnings(employer: Any) -> list[str]:
    return [one["code"] for one in employer.get("/v1/employer").json["warnings"]]


@pytest.fixture
def fail(interviewed, receiver, run_ticks, clock):
    """fail(3): so many events fail, one every 36 hours, with their retries."""

    def events(count: int) -> None:
        receiver.answers = [500] * 500
        for number in range(count):
            interviewed(name=f"Sam {number}", email=f"sam{number}@example.com", phone=f"+120255501{number + 10}")
            run_ticks()
            clock.advance(hours=36)

    return events


def test_five_days_of_failure_disable_an_endpoint(employer, listening, fail, run_ticks):
    fail(5)
    run_ticks()
    ended = employer.get(f"/v1/webhook_endpoints/{listening['id']}").json
    assert not ended["enabled"]
    assert "it has failed since" in ended["disabled_reason"]


def test_another_url_has_not_failed_yet(employer, listening, interviewed, receiver, fail, run_ticks, clock):
    """It gets the next event at once, and five days of its own before it is disabled."""
    fail(3)
    path = f"/v1/webhook_endpoints/{listening['id']}"
    assert employer.get(path).json["failing_since"] is not None
    receiver.answers = []
    assert employer.patch(path, {"url": URL + "/new"}).json["failing_since"] is None
    interviewed(name="Other", email="other@example.com", phone="+12025550178")
    run_ticks()
    assert "/in/new" in [path for path, _, _ in receiver.got]
    receiver.answers = [500]
    clock.advance(hours=24)
    interviewed(name="Third", email="third@example.com", phone="+12025550179")
    run_ticks()
    assert employer.get(path).json["enabled"] is True


def test_a_test_event_goes_to_that_endpoint_alone(employer, listening, receiver, run_ticks):
    other = employer.post("/v1/webhook_endpoints", {"url": URL + "/other", "events": ["contact.recorded"]}).json
    sent = employer.post(f"/v1/webhook_endpoints/{other['id']}/test")
    assert sent.status == 202
    run_ticks()
    assert [(path, json.loads(body)["type"]) for path, _, body in receiver.got] == [("/in/other", "webhook_endpoint.test")]
    (delivery,) = employer.get(sent.headers["Location"]).json["deliveries"]
    assert (delivery["endpoint_id"], delivery["status"]) == (other["id"], "delivered")


def test_an_endpoint_gets_the_types_that_it_subscribed_to(employer, internet, interviewed, receiver, run_ticks, clock):
    employer.post("/v1/webhook_endpoints", {"url": URL, "events": ["contact.recorded"]})
    application = interviewed()
    clock.advance(hours=50)
    run_ticks()
    employer.post(f"/v1/applications/{application['id']}/contacts", {"channel": "call", "outcome": "reached"})
    run_ticks()
    assert _told(receiver) == ["contact.recorded"]


def test_a_replay_sends_the_same_event_again(employer, listening, interviewed, receiver, run_ticks):
    """For a receiver that lost its database."""
    interviewed()
    run_ticks()
    (event,) = employer.get("/v1/events", query={"type": "interview.waiting"}).json["data"]
    assert employer.post(f"/v1/events/{event['id']}/replay").status == 202
    run_ticks()
    assert [headers["webhook-id"] for _, headers, _ in receiver.got] == [event["id"]] * 2
    assert receiver.got[0][2] == receiver.got[1][2]


def test_an_opt_out_is_announced_once_to_each_employer(api, employer, listening, interviewed, receiver, run_ticks, clock):
    """STOP applies to the whole deployment. An employer without webhooks gets no event."""
    application = interviewed()
    run_ticks()
    receiver.got.clear()
    opt_outs.opt_out([("sms", PERSON["phone"]), ("email", PERSON["email"])], "stop_word", clock())
    run_ticks()
    assert _told(receiver) == ["candidate.opted_out"]
    assert json.loads(receiver.got[0][2])["data"] == {"candidate_id": application["candidate_id"]}


def test_a_change_of_the_risk_band_overnight_is_announced(employer, listening, interviewed, stack, run_ticks, clock):
    from infra.local import events

    for number in range(6):
        interviewed(name=f"Sam {number}", email=f"sam{number}@example.com", phone=f"+1202555018{number}")
    for _ in range(30):
        stack.app.nightly(events.schedule(clock(), "nightly"), events.Context(900))
        clock.advance(days=1)
    told = employer.get("/v1/events", query={"type": "risk.band_changed", "limit": 100}).json["data"]
    assert [one["data"]["to"] for one in reversed(told)][:2] == ["moderate", "high"]
    assert told[-1]["data"]["from"] == "low"


def test_a_message_with_an_unknown_outcome_is_announced(employer, listening, interviewed, receiver, run_ticks, clock, stack):
    """A worker died while sending: the receiver must not believe that the message was sent."""
    application = interviewed()
    clock.advance(hours=50)
    run_ticks()
    message = table.query(f"EMP#{employer.employer_id}#CASE#{application['id'][-16:]}", "MSG#")[0]
    message.status, message.claim = "sending", "dead"
    message.save()
    claim = claims.new_claim([message.key], clock())
    claim.PK = "CLAIM#dead"
    claim.save()
    clock.advance(minutes=16)
    run_ticks()
    assert "message.unknown" in _told(receiver)


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/", "https://127.0.0.1/", "https://localhost/", "https://2130706433/x", "ftp://x.y"]
)
def test_an_endpoint_that_is_not_public_is_refused(employer, internet, url):
    answer = employer.post("/v1/webhook_endpoints", {"url": url})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/url")
    assert internet.tried == []


def test_a_name_that_later_points_inside_is_refused(employer, listening, interviewed, internet, receiver, run_ticks):
    """It was public when it was registered, and now points at the metadata service."""
    internet.names["hooks.example.com"] = ["169.254.169.254"]
    interviewed()
    run_ticks()
    assert internet.tried == []
    assert "public" in employer.get(f"/v1/webhook_endpoints/{listening['id']}").json["last_status"]


def test_another_tenant_sees_neither_endpoints_nor_events(api, employer, listening, interviewed, run_ticks):
    interviewed()
    run_ticks()
    (event,) = employer.get("/v1/events", query={"type": "interview.waiting"}).json["data"]
    other = api.new_employer(name="Other")
    assert other.get("/v1/events").json["data"] == other.get("/v1/webhook_endpoints").json["data"] == []
    there, endpoint = f"/v1/events/{event['id']}", f"/v1/webhook_endpoints/{listening['id']}"
    requests = (
        ("GET", there),
        ("POST", there + "/replay"),
        ("GET", endpoint),
        ("DELETE", endpoint),
        ("POST", endpoint + "/test"),
    )
    for method, path in requests:
        assert other(method, path).status == 404, (method, path)


def test_an_event_is_written_with_its_cause_or_not_at_all(employer, listening, interviewed, faults, run_ticks):
    """A contact that was not stored is not announced."""
    from tests.engines import Crash

    application = interviewed()
    run_ticks()
    faults.crash_before("TransactWriteItems")
    with pytest.raises(Crash):
        employer.post(f"/v1/applications/{application['id']}/contacts", {"channel": "call", "outcome": "reached"})
    run_ticks()
    assert employer.get("/v1/events", query={"type": "contact.recorded"}).json["data"] == []
    faults.crash_after("TransactWriteItems")
    with pytest.raises(Crash):
        employer.post(f"/v1/applications/{application['id']}/contacts", {"channel": "call", "outcome": "reached"})
    assert len(employer.get("/v1/events", query={"type": "contact.recorded"}).json["data"]) == 1


def test_webhooks_tell_what_clients_do_and_the_change_feed_agrees(employer, internet, interviewed, receiver, run_ticks, clock):
    """Each event of a record is among the changes that the feed tells of that record."""
    assert employer.post("/v1/webhook_endpoints", {"url": URL}).status == 201
    since = employer.get("/v1/changes").json["next_since"]
    application = interviewed(ended=-2.0)
    [interview] = employer.get("/v1/interviews").json["data"]
    contacts = f"/v1/applications/{application['id']}/contacts"
    employer.patch(f"/v1/interviews/{interview['id']}", {"end_at": clock.text(hours=3)})
    employer.post(f"/v1/interviews/{interview['id']}/cancel")
    employer.post(f"/v1/interviews/{interview['id']}/reinstate")
    clock.advance(hours=52)
    run_ticks()
    employer.patch(f"/v1/applications/{application['id']}", {"decided": "rejected"})
    logged = employer.post(contacts, {"channel": "call", "outcome": "reached", "decision": "rejected"})
    employer.post(f"{contacts}/{logged.json['id']}/void")
    employer.post(f"/v1/interviews/{interview['id']}/no_show")
    employer.patch(f"/v1/candidates/{application['candidate_id']}", {"name": "Zeb Quixworth"})
    employer.patch(f"/v1/applications/{application['id']}", {"status": "withdrawn"})
    employer.patch(f"/v1/applications/{application['id']}", {"status": "closed"})
    employer.delete(f"/v1/candidates/{application['candidate_id']}")
    run_ticks()
    events = employer.get("/v1/events", query={"limit": "100"}).json["data"]
    assert sorted(_told(receiver)) == sorted(event["type"] for event in events)
    events = [event for event in events if event["type"] != "digest.ready"]  # of no record
    whole = "interview.booked moved cancelled reinstated waiting no_show application.overdue decided withdrawn closed"
    whole += " contact.recorded voided candidate.updated erased message.sent"
    assert {one.rpartition(".")[2] for one in whole.split()} == {event["type"].rpartition(".")[2] for event in events}
    feed = {
        (row["id"], one) for row in employer.get("/v1/changes", query={"since": since}).json["data"] for one in row["changes"]
    }
    for event in events:
        about = ("message_id", "contact_id", "interview_id", "application_id", "candidate_id")
        record = next(event["data"][name] for name in about if name in event["data"])
        assert (record, event["type"]) in feed, event
    assert "zeb" not in json.dumps(events).lower()
