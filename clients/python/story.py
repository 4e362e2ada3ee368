"""A recruiter's day against a running stack: python story.py <api> <email> <console>. `make client` runs it.

The console is that of the local stack: it shows the mails, and moves the clock.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request
import uuid
from datetime import datetime, timedelta

from heardback import changes_since, connect, next_tokens, sign_in, token_of_now
from heardback_client import Client
from heardback_client.api.applications import list_applications
from heardback_client.api.contacts import log_contact
from heardback_client.api.interviews import book_interview
from heardback_client.api.people import get_me
from heardback_client.api.people import sign_in as ask_for_code
from heardback_client.api.risk import get_call_list
from heardback_client.models import ApplicationIn, CandidateIn, ContactIn, InterviewIn, SignInRequest
from heardback_client.models.contact_channel import ContactChannel
from heardback_client.models.decision import Decision
from heardback_client.models.outcome import Outcome
from heardback_client.models.stage import Stage

api, email, console = sys.argv[1:]
mirror: dict[str, list[str]] = {}
requests: list[str] = []
hooks = {"request": [lambda request: requests.append(request.url.path)]}


def asked(path: str, body: dict[str, str] | None = None) -> dict:
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(console + path, data) as answer:  # noqa: S310 - our own loopback
        return json.load(answer)


def clock(body: dict[str, str] | None = None) -> datetime:
    return datetime.fromisoformat(asked("/clock", body)["now"])


def sync(since: str) -> str:
    """Takes over what changed, and returns the next token."""
    for changed, following in changes_since(client, since):
        since = following
        for one in changed:
            if one.deleted:
                mirror.pop(one.id, None)
            else:
                mirror.setdefault(one.id, []).extend(str(kind) for kind in one.changes)
    return since


# Sign in by the code of a mail.
ask_for_code.sync(client=Client(base_url=api), body=SignInRequest(email=email))
mail = [one for one in asked("/outbox")["data"] if one["to"] == email][-1]
code = re.search(r"\b\d{6}\b", mail["body"])
assert code, mail
tokens = sign_in(api, email, code[0], str(uuid.uuid4()))
client = connect(api, tokens.access_token, event_hooks=hooks)
assert get_me.sync(client=client).scopes == ["read", "write"]

# Sync: first a token, then the lists, then what changes.
token = token_of_now(client)
assert not list_applications.sync(client=client).data
now = clock()
interview = InterviewIn(
    stage=Stage.FINAL,
    start_at=now - timedelta(hours=25),
    end_at=now - timedelta(hours=24),
    application=ApplicationIn(job_title="Welder", candidate=CandidateIn(name="Sam Sample", email="sam@example.com")),
)
once = str(uuid.uuid4())
booked = book_interview.sync(client=client, body=interview, idempotency_key=once)
again = book_interview.sync(client=client, body=interview, idempotency_key=once)
assert booked == again, "sent twice, done once"
token = sync(token)
assert mirror[booked.id] == ["interview.booked"], mirror

# Find a person, log a call, see it in the feed.
found = list_applications.sync(client=client, q="sam sam").data
assert [one.id for one in found] == [booked.application_id]
tried = log_contact.sync(
    booked.application_id,
    client=client,
    body=ContactIn(channel=ContactChannel.CALL, outcome=Outcome.VOICEMAIL),
    idempotency_key=str(uuid.uuid4()),
)
token = sync(token)
assert mirror[tried.id] == ["contact.recorded"], mirror

# Offline for a day: the access token is over, and the wait became overdue by the clock alone.
clock({"now": (now + timedelta(hours=26)).isoformat()})
requests.clear()
tokens = next_tokens(api, tokens.refresh_token, str(uuid.uuid4()))
requests.append("/v1/sessions/refresh")
client = connect(api, tokens.access_token, event_hooks=hooks)
token = sync(token)
caught_up = list(requests)
assert len(caught_up) <= 3, caught_up
assert "application.overdue" in mirror[booked.application_id], mirror

rows = get_call_list.sync(client=client).data
print(f"call {rows[0].candidate.name}: {rows[0].overdue_hours} hours overdue")
told = log_contact.sync(
    booked.application_id,
    client=client,
    body=ContactIn(channel=ContactChannel.CALL, outcome=Outcome.REACHED, decision=Decision.REJECTED, thanked=True),
    idempotency_key=str(uuid.uuid4()),
)
assert told.application.loop == "answered" and told.recorded_by.name == "Dana Reyes", told
assert not get_call_list.sync(client=client).data
sync(token)
assert mirror[told.id] == ["contact.recorded"], mirror
print(f"Python: {len(mirror)} records mirrored, {len(caught_up)} requests after a day offline, the call is in the feed")
