"""The endpoints about messages."""

import pytest

from chalicelib import __version__


@pytest.fixture
def story(employer, clock, run_ticks):
    """Two candidates, one nudged by text and one by mail."""

    def interview(name, **person):
        answer = employer.post(
            "/v1/interviews",
            {
                "application": {"candidate": {"name": name, **person}, "job_title": "Engineer"},
                "stage": "interview",
                "start_at": clock.text(hours=-2),
                "end_at": clock.text(hours=-1),
            },
        )
        assert answer.status == 201, answer
        return answer.json["application"]["id"]

    consent = {"given_at": clock.text(), "source": "form"}
    found = interview("Sam", phone="+12025560171", sms_consent=consent), interview("Kim", email="kim@example.com")
    clock.advance(hours=48)
    run_ticks()
    return found


def test_messages_are_listed_newest_first_with_their_status(employer, story):
    """Recruiters must tell "sent" from "delivered" from "contacted"."""
    answer = employer.get("/v1/messages", query={"audience": "candidate"})
    assert answer.status == 200
    assert {one["application_id"] for one in answer.json["data"]} == set(story)
    one = next(one for one in answer.json["data"] if one["channel"] == "sms")
    assert set(one) == {
        "id",
        "application_id",
        "audience",
        "step",
        "channel",
        "to",
        "status",
        "reason",
        "provider_message_id",
        "attempts",
        "created_at",
        "settled_at",
        "delivered_at",
        "bounced_at",
        "bounce",
        "complained_at",
        "lacks",
        "what_to_do",
        "recorded_by",
    }
    assert (one["status"], one["step"], one["to"], one["attempts"]) == ("sent", "nudge_1", "+12025560171", 1)
    assert one["id"].startswith("msg_") and one["provider_message_id"] and one["settled_at"]


def test_messages_can_be_filtered_and_paged(employer, story):
    """A list of thousands is useless as a whole."""
    assert len(employer.get("/v1/messages", query={"status": "failed"}).json["data"]) == 0
    [mail] = employer.get("/v1/messages", query={"channel": "email", "audience": "candidate"}).json["data"]
    assert mail["to"] == "kim@example.com"
    first = employer.get("/v1/messages", query={"audience": "candidate", "limit": 1}).json
    assert first["has_more"] and len(first["data"]) == 1
    rest = employer.get("/v1/messages", query={"audience": "candidate", "limit": 1, "cursor": first["next_cursor"]}).json
    assert [rest["has_more"], len(rest["data"])] == [False, 1] and rest["data"] != first["data"]


@pytest.mark.parametrize(
    "query", [{"status": "lost"}, {"channel": "fax"}, {"audience": "all"}, {"who": "x"}, {"limit": 0}, {"cursor": "edited"}]
)
def test_a_wrong_filter_is_named(employer, query):
    """A typo must not look like "no messages"."""
    answer = employer.get("/v1/messages", query=query)
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == f"?{next(iter(query))}"


def test_an_application_lists_its_own_messages(employer, api, story):
    """And no other employer can read them."""
    [one] = employer.get(f"/v1/applications/{story[0]}/messages").json["data"]
    assert one["application_id"] == story[0]
    assert api.new_employer().get(f"/v1/applications/{story[0]}/messages").status == 404
    assert api.new_employer().get("/v1/messages").json["data"] == []
    assert api.get("/v1/messages").status == 401


def test_healthz_shows_the_age_of_the_oldest_due_item(employer, api, clock, story):
    """Uptime monitors read it, without a key."""
    assert api.get("/healthz").json == {"status": "ok", "oldest_due_seconds": 0, "version": __version__}
    clock.advance(days=5, hours=1)
    answer = api.get("/healthz").json
    assert answer["status"] == "late" and answer["oldest_due_seconds"] >= 3600


def test_an_unknown_message_says_what_to_do_and_is_resolved_by_a_person(employer, operator, clock, faults, run_ticks):
    """Only a person can find out what became of it."""
    made = employer.post(
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Sam", "email": "sam@example.com"}, "job_title": "Engineer"},
            "stage": "final",
            "start_at": clock.text(hours=-1),
            "end_at": clock.text(),
        },
    )
    clock.advance(hours=48)
    faults.lose_response("SendEmail")
    run_ticks()
    [message] = employer.get("/v1/messages", query={"status": "unknown"}).json["data"]
    assert "never sent again by itself" in message["what_to_do"] and message["application_id"] == made.json["application_id"]
    path = f"/v1/messages/{message['id']}/resolve"
    assert operator.post(path, {"status": "sent"}).status == 422
    assert operator.post(path, {"status": "sent", "employer_id": "emp_" + "0" * 26}).status == 404
    assert employer.post(path, {"status": "unknown"}).status == 422
    for _ in range(2):
        answer = operator.post(path, {"status": "sent", "employer_id": employer.employer_id})
        assert (answer.status, answer.json["status"], answer.json["what_to_do"]) == (200, "sent", None)
    assert employer.post(path, {"status": "failed"}).json["code"] == "not_unknown"
    run_ticks()
    assert employer.get("/v1/messages", query={"status": "unknown"}).json["data"] == []
