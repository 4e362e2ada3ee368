"""`story`: what happens by requests, texts, mails' events and time, and its record, which is compared with a sample."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import deepcopy
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from chalicelib.storage import keys
from infra.local.environment import TABLE
from infra.local.feedback import Feedback
from tests.engines import Answer, Api, code_for, join
from tests.records.record import Record

SAMPLES = Path(__file__).parent / "samples"
UPDATE = "HEARDBACK_UPDATE_RECORDS"
CONSENT = {"given_at": "2026-01-05T06:07:08Z", "source": "career page"}


_ACCESS = "AUD|AT|CODE|KEY|KEYS|KNOWN|LEAVING|LIMIT|PERSON|PHONECODE|SESSION|SSO|USED"
_SENDING = "ANSWERED|CLAIM|DIGEST|LETTER|MSG|NEWS|OPT|OUT|PARKED|PENDING|REPLY|SPEND|SUBJECT|WHICH"
_FOLLOWS = "CON|DECIDER|DISP|EXP|FBMAIL|FEED|FEEDBACK|SNOOZE|STA|UNTOLD|WAIT"
KINDS = frozenset("|".join((_ACCESS, _SENDING, _FOLLOWS)).split("|"))
"""What sending, storage and sign-in store, and what follows from it."""

OF_OTHERS = ("application", "contact", "interview", "statement")
"""Entries of a timeline whose payload other packages define: a new field there changes no sample."""


class Story:
    """The steps of a story. People, times and places differ, so that no two values can change places unseen."""

    def __init__(self, stack: Any, employer: Api) -> None:
        self.clock, self.outbox, self.faults, self.stack = stack.clock, stack.outbox, stack.faults, stack
        self.employer, self.public = employer, employer.using(None)
        self.provider = Feedback(stack.app, stack.clock, lambda: stack.outbox)
        self.record = Record()
        self._told = 0

    def listen(self) -> None:
        """The employer has a webhook: outcomes are told as events, which wait for it."""
        item: Any = self.stack.table.get(keys.employer_pk(self.employer.employer_id), "EMP")
        item.webhooks = True
        item.save()

    def joins(self, name: str, email: str, role: str = "recruiter") -> str:
        """Somebody of the team, who has accepted. Returns the id."""
        join(self.employer, self.outbox, email, name, role)
        people = self.employer.get("/v1/people").json["data"]
        return next(str(one["id"]) for one in people if one["email"] == email)

    def interviewed(self, name: str, *, job: str = "Welder", hours: float = 1, **more: Any) -> str:
        """Somebody whose interview ended so many hours ago. Returns the application's id."""
        person: dict[str, Any] = {key: more.pop(key) for key in ("email", "phone", "timezone", "locale") if key in more}
        if "phone" in person:
            person["sms_consent"] = CONSENT
        body = {
            "stage": more.pop("stage", "final"),
            "start_at": self.clock.text(hours=-hours - 1),
            "end_at": self.clock.text(hours=-hours),
            "application": {"job_title": job, "candidate": {"name": name, **person}, **more},
        }
        made = self.employer.post("/v1/interviews", body)
        assert made.status == 201, made
        return str(made.json["application_id"])

    def run(self, **later: float) -> None:
        """Time passes, and everything that is due then is done."""
        if later:
            self.clock.advance(**later)
        self.stack.pumps.until_nothing_is_due()

    def asks(self, method: str, path: str, body: Any = None, *, as_: Api | None = None, **more: Any) -> Answer:
        """A request whose response is recorded."""
        answer = (as_ or self.employer)(method, path, body, **more)
        shown = deepcopy(answer.json)
        for row in shown.get("data", []) if path.endswith("/timeline") else []:
            if row["type"] in OF_OTHERS:
                del row["payload"]
        self.record.answered(f"{method} {path.partition('?')[0]}: {answer.status}", shown)
        return answer

    def stored(self) -> None:
        """Records what has changed of the items since the last time, and what was sent."""
        self.record.stored(item for item in self._items() if item["SK"]["S"].partition("#")[0] in KINDS)
        self.record.sent(self.outbox[self._told :])
        self._told = len(self.outbox)

    def ends(self, name: str) -> None:
        """Compares the record with its sample."""
        path = SAMPLES / f"{name}.txt"
        if os.environ.get(UPDATE):
            path.write_text(self.record.text)
        found, wanted = self.record.text.splitlines(), path.read_text().splitlines()
        difference = "\n".join(unified_diff(wanted, found, "sample", "found", lineterm="", n=8))
        assert found == wanted, f"{difference[:6000]}\nif it is meant: {UPDATE}=1 pytest tests/records"

    def _items(self) -> list[dict[str, Any]]:
        client, found = self.stack.table.client(), []
        start: dict[str, Any] = {}
        while True:
            page = client.scan(TableName=TABLE, **start)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


@pytest.fixture
def story(stack: Any, employer: Api) -> Story:
    return Story(stack, employer)


@pytest.fixture
def code(outbox: Any) -> Callable[[str], str]:
    """code("ann@example.com") -> the code of the last mail to the address."""
    return lambda email: str(code_for(outbox, email))
