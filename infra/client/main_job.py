"""The main job, through the generated client: python main_job.py <api> <operator key>"""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime, timedelta

from heardback_client import AuthenticatedClient
from heardback_client.api.contacts import log_contact
from heardback_client.api.employers import create_employer
from heardback_client.api.interviews import book_interview
from heardback_client.api.keys import create_key
from heardback_client.api.risk import get_call_list, get_risk
from heardback_client.models import ApplicationIn, CandidateIn, ContactIn, EmployerNew, InterviewIn, KeyNew
from heardback_client.models.contact_in_channel import ContactInChannel
from heardback_client.models.contact_in_decision_type_0 import ContactInDecisionType0
from heardback_client.models.contact_in_outcome import ContactInOutcome
from heardback_client.models.interview_in_stage import InterviewInStage
from heardback_client.models.key_new_scopes_item import KeyNewScopesItem

api, operator_key = sys.argv[1:]
operator = AuthenticatedClient(base_url=api, token=operator_key, raise_on_unexpected_status=True)
employer = create_employer.sync(
    client=operator, body=EmployerNew(name="Blue Fern (sample)", timezone="America/New_York", call_back_phone="+12025550100")
)
scopes = [KeyNewScopesItem.READ, KeyNewScopesItem.WRITE]
key = create_key.sync(client=operator, body=KeyNew(scopes=scopes, employer_id=employer.id))

client = AuthenticatedClient(base_url=api, token=key.secret, raise_on_unexpected_status=True)
ended = datetime.now(UTC) - timedelta(days=5)
interview = InterviewIn(
    stage=InterviewInStage.FINAL,
    start_at=ended - timedelta(hours=1),
    end_at=ended,
    application=ApplicationIn(job_title="Welder", candidate=CandidateIn(name="Sam Sample", email="sam@example.com")),
)
once = str(uuid.uuid4())
booked = book_interview.sync(client=client, body=interview, idempotency_key=once)
again = book_interview.sync(client=client, body=interview, idempotency_key=once)
assert booked == again, "sent twice, done once"

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
print(f"called: nobody waits; score {get_risk.sync(client=client).score:.1f}")
