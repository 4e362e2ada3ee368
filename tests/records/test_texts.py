"""Texts as they are stored, sent, told and shown: reminders, what became of them, replies, STOP and START."""

from __future__ import annotations

from tests.records.conftest import Story

SAM, MAX, ZOE = "+12025550111", "+12025550122", "+12025550133"


def test_reminders_and_what_became_of_them(story: Story) -> None:
    """One arrives, one fails and a mail goes instead, one was ended by a carrier; the second reminders follow."""
    story.listen()
    story.interviewed("Sam Smith", job="Welder", phone=SAM, email="sam@example.com", hours=1)
    story.interviewed("Max Moor", job="Fitter", phone=MAX, email="max@example.com", hours=2)
    story.interviewed("Zoe Zane", job="Driver", phone=ZOE, email="zoe@example.com", hours=3, stage="screen")
    story.run(hours=49, minutes=3)
    story.stored()
    story.clock.advance(minutes=5)
    story.provider.sms_event({"to": SAM, "status": "SUCCESS"})
    story.clock.advance(minutes=7)
    story.provider.sms_event({"to": MAX, "status": "FAILURE", "reason": "Phone carrier has blocked this message"})
    story.clock.advance(minutes=9)
    story.provider.sms_event({"to": ZOE, "status": "FAILURE", "reason": "Phone number is opted out"})
    story.stored()
    story.run(minutes=1)
    story.stored()
    for _ in range(6):
        story.run(days=1)
    story.stored()
    story.asks("GET", "/v1/messages", query={"audience": "candidate"})
    story.ends("reminders")


def test_replies_to_the_owner_and_the_answers_to_them(story: Story) -> None:
    """A question, a second one within ten minutes, "yes", STOP, START and HELP; a snooze ends by a text."""
    story.listen()
    robin = story.joins("Robin Hale", "robin@example.com")
    sam = story.interviewed("Sam Smith", job="Welder", phone=SAM, email="sam@example.com", hours=1, owner_id=robin)
    story.interviewed("Max Moor", job="Fitter", phone=MAX, email="max@example.com", hours=2)
    story.run(hours=49, minutes=3)
    story.employer.patch(f"/v1/applications/{sam}", {"snooze_until": story.clock.text(days=5)})
    story.stored()
    story.provider.inbound_sms({"from": SAM, "body": "I called twice, nobody picks up.", "id": "text-one"})
    story.stored()
    story.clock.advance(minutes=2)
    story.provider.inbound_sms({"from": SAM, "body": "Is the job still open?", "id": "text-two"})
    story.run(minutes=1)
    story.stored()
    story.run(minutes=13)
    story.stored()
    replies = story.asks("GET", "/v1/replies").json["data"]
    story.clock.advance(minutes=4)
    story.asks("POST", f"/v1/replies/{replies[0]['id']}/seen")
    story.clock.advance(minutes=6)
    story.provider.inbound_sms({"from": MAX, "body": "Yes", "id": "text-three"})
    story.clock.advance(minutes=1)
    story.provider.inbound_sms({"from": MAX, "body": "HELP", "id": "text-four"})
    story.clock.advance(days=1, minutes=8)
    story.provider.inbound_sms({"from": SAM, "body": "STOP", "id": "text-five"})
    story.run()
    story.stored()
    story.clock.advance(days=1, minutes=9)
    story.provider.inbound_sms({"from": SAM, "body": "START", "id": "text-six"})
    story.provider.inbound_sms({"from": "+12025550155", "body": "Who is this?", "id": "text-seven"})
    story.stored()
    story.asks("GET", "/v1/replies")
    story.asks("GET", f"/v1/applications/{sam}/timeline")
    story.asks("GET", f"/v1/applications/{sam}/messages")
    story.ends("replies")
