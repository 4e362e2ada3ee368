"""The main job against a running stack: python story.py <api> <key> <console>. `make client` runs it."""

from __future__ import annotations

import json
import sys
import urllib.request
import uuid
from datetime import datetime, timedelta

from heardback import changes_since, connect, token_of_now
from heardback_client.api.applications import list_applications
from heardback_client.api.contacts import log_contact
from heardback_client.api.interviews import book_interview
from heardback_client.api.risk import get_call_list, get_risk
from heardback_client.models import ApplicationIn, CandidateIn, ContactIn, InterviewIn
from heardback_client.models.contact_in_channel import ContactInChannel
from heardback_client.models.contact_in_decision_type_0 import ContactInDecisionType0
from heardback_client.models.contact_in_outcome import ContactInOutcome
from heardback_client.models.interview_in_stage import InterviewInStage

api, key, console = sys.argv[1:]
client = connect(api, key)
mirror: dict[str, list[str]] = {}


def clock(body: dict[str, str] | None = None) -> datetime:
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(f"{console}/clock", data) as answer:  # noqa: S310 - our own loopback
        return datetime.fromisoformat(json.load(answer)["now"])


def sync(since: str) -> tuple[str, int]:
    """Takes over what changed: (the next token, requests)."""
    requests = 0
    for changed, following in changes_since(client, since):
        requests, since = requests + 1, following
        for one in changed:
            if one.deleted:
                mirror.pop(one.id, None)
            else:
                mirror.setdefault(one.id, []).extend(str(kind) for kind in one.changes)
    return since, requests


now = clock()
token = token_of_now(client)
interview = InterviewIn(
    stage=InterviewInStage.FINAL,
    start_at=now - timedelta(hours=1),
    end_at=now + timedelta(hours=1),
    application=ApplicationIn(job_title="Welder", candidate=CandidateIn(name="Sam Sample", email="sam@example.com")),
)
once = str(uuid.uuid4())
booked = book_interview.sync(client=client, body=interview, idempotency_key=once)
again = book_interview.sync(client=client, body=interview, idempotency_key=once)
assert booked == again, "sent twice, done once"
token, _ = sync(token)
assert mirror[booked.id] == ["interview.booked"], mirror

clock({"now": (now + timedelta(hours=51)).isoformat()})
token, requests = sync(token)
assert requests <= 3 and "application.overdue" in mirror[booked.application_id], (requests, mirror)

found = list_applications.sync(client=client, q="sam sam").data
assert [one.id for one in found] == [booked.application_id]
rows = get_call_list.sync(client=client).data
print(f"call {rows[0].candidate.name}: {rows[0].overdue_hours} hours overdue; score {get_risk.sync(client=client).score:.1f}")
told = log_contact.sync(
    booked.application_id,
    client=client,
    body=ContactIn(
        channel=ContactInChannel.CALL, outcome=ContactInOutcome.REACHED, decision=ContactInDecisionType0.REJECTED, thanked=True
    ),
)
assert told.application.loop == "answered", told
assert not get_call_list.sync(client=client).data
sync(token)
assert mirror[told.id] == ["contact.recorded"], mirror
print(f"Python: {len(mirror)} records mirrored, {requests} page(s) after two days away, the call is in the feed")
