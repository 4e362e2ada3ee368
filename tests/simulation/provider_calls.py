"""Checks every provider call: claimed by this process, no STOP that could be known, a fit time, never twice."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.rules.employer import Window
from chalicelib.rules.model import WEEKDAYS
from chalicelib.rules.reminders import send_windows
from chalicelib.storage import ids, recipients
from tests.simulation import promised, truth
from tests.simulation.accounts import ABOUT_ACCOUNT, AccountChecks
from tests.simulation.caps import Caps
from tests.simulation.conversations import TOLD, ConversationChecks
from tests.simulation.fairness import Fairness
from tests.simulation.history import BY_MAIL, BY_TEXT
from tests.simulation.ledger import SLACK, Claimed, Ledger, text
from tests.simulation.mail_checks import MailChecks
from tests.simulation.notices import is_letter, is_notice
from tests.simulation.people import People
from tests.simulation.processes import Process
from tests.simulation.replies import Replies
from tests.simulation.seekers import OWN_STEPS, SeekerChecks, is_seekers
from tests.simulation.world.providers import Call
from tests.simulation.world.service import World
from tests.simulation.world.table import Item, Key

DAYS_APART = 5
WHAT_NEXT = "what_next"
_LINK = re.compile(r"/f/([\w-]{32})")
_NOTICE_BY_MAIL = Window(days=WEEKDAYS, start="08:00", end="21:00")
_ZONE = "America/New_York"


@dataclass
class ProviderCalls:
    """The checks of one history."""

    world: World
    ledger: Ledger
    caps: Caps
    people: People
    replies: Replies
    fairness: Fairness
    accounts: AccountChecks
    seekers: SeekerChecks
    conversations: ConversationChecks
    mails: MailChecks
    wrong: Callable[[str], None]

    def asked(self, request: dict[str, Any]) -> None:
        """Notes when a process reads opt-outs."""
        if self.world.process is None:
            return
        asked = self.world.process.notes.setdefault("asked", {})
        for wanted in request["RequestItems"].values():
            for key in wanted["Keys"]:
                if key["PK"]["S"].startswith("OPT#"):
                    asked[key["PK"]["S"]] = self.world.now

    def called(self, request: Call) -> None:
        if self.world.process is not None and self.world.process.kind in BY_TEXT:
            return self._check_automatic_reply(request, self.world.process)
        if self.world.process is not None and self.world.process.kind == BY_MAIL:
            return self.mails.called(request)
        found = self._message_of(request)
        if found is None and self.world.process is not None and self.replies.is_about_waiting_text(request):
            if self.people.is_out(("sms", request.to), self.world.process.began_at):
                self.wrong(f"an answer of a later day went to {request.to}, which had opted out")
            return self._check_automatic_reply(request, self.world.process)
        if found is None:
            return self.wrong(f"a message went to {request.to} that this process has not claimed")
        key, claimed = found
        if key not in self.world.table.items:  # everything of a job seeker was erased while it was on its way
            return None
        item = self.world.table.items[key]
        earlier = self.ledger.reminder(key, item).calls
        if any(other.heard != "refused" or other.taken for other in earlier):
            self.wrong(f"{text(item, 'step')} was sent again though an earlier call was not refused")
        earlier.append(request)
        claimed.calls.append(request)
        if text(item, "step") not in ABOUT_ACCOUNT | OWN_STEPS:  # these answer what somebody did just now
            self._check_opt_outs(key, claimed)
        if text(item, "step") == "phone_code":  # no employer pays it, and no reply answers it
            self.caps.replied(request)
            return self.seekers.called(request, key, item, self.world.process)
        if request.channel == "sms" and (request.taken or request.heard == "nothing"):
            self.people.text_sent(request, key)
        self.mails.sent(request, key)
        self.caps.called(request, key, claimed)
        if is_seekers(self.world.table, key[0].split("#")[1]):
            self.seekers.called(request, key, item, self.world.process)
        else:
            self.accounts.called(request, key, item, self.world.process)
        self.conversations.called(request, key, item)
        self.fairness.called(request, key[0].split("#")[1], claimed)
        self._check_time(item)
        return None

    def _check_automatic_reply(self, request: Call, process: Process) -> None:
        """Checks that a text from a person gets at most one automatic reply."""
        self.replies.automatic_reply(request, process)
        self.caps.replied(request)
        answered = (process.request, request.to)  # a delivery asks several people
        self.ledger.automatic_replies[answered] += 1
        if self.ledger.automatic_replies[answered] > 1:
            self.wrong(f"a text was answered twice, to {request.to}")

    def _message_of(self, request: Call) -> tuple[Key, Claimed] | None:
        """Finds the message that this call carries: one that is being sent under a claim of this process."""
        held = [*self.ledger.claimed.items(), *self.ledger.erased.items()]
        own = [
            (key, claimed)
            for key, claimed in held
            if claimed.process is self.world.process and (claimed.to, claimed.channel) == (request.to, request.channel)
        ]
        tagged = f"MSG#{request.tags.get('heardback_message', [''])[0]}"  # a mail names its message
        own.sort(key=lambda pair: (pair[0][1] != tagged, not self._is_about(request, pair[0]), len(pair[1].calls)))
        if own and request.channel == "email" and self._names_another(request, own[0][0], tagged):
            self.wrong(f"a mail to {request.to} names another message than it carries")
        return own[0] if own else None

    def _names_another(self, request: Call, key: Key, tagged: str) -> bool:
        """Whether a mail names no message of this process, or one to a candidate about another application than its words."""
        item = self.world.table.items.get(key, {})
        if text(item, "step") in ABOUT_ACCOUNT | OWN_STEPS:  # these name none
            return False
        is_to_candidate = text(item, "aud") == "candidate" and "to" in item
        return key[1] != tagged or (is_to_candidate and not self._is_about(request, key))

    def _is_about(self, request: Call, key: Key) -> bool:
        """Whether the text is about that message's application: by the link to the candidate's page, else by the job's title.

        A notice and a nudge about the same application differ in what they promise.
        """
        item = self.world.table.items[key]
        marks = ("You will hear by" in request.text, "not to take your application further" in request.text)
        if (is_notice(item) and not is_letter(item), is_letter(item)) != marks:
            return False
        if link := _LINK.search(request.text):
            return key[0].endswith(ids.to_base32(int.from_bytes(base64.urlsafe_b64decode(link[1])[-10:]), 16))
        return (text(self.world.table.items.get((key[0], "APP")), "job") or "") in request.text

    def _check_opt_outs(self, key: Key, claimed: Claimed) -> None:
        """Checks opt-outs that were finished before the claim, and those that the process could read after it."""
        if self.people.is_out((claimed.channel, claimed.to), claimed.at):
            self.wrong(f"a message was sent to {claimed.to}, which had opted out")
        addresses = claimed.addresses
        if promised.OPT_OUTS in promised.DEMANDED:
            addresses = ((claimed.channel, claimed.to),)
            if self.people.ended_by_stop(key[0], claimed.at):
                self.wrong("a message was sent about an application that was texted at a number under STOP")
        if claimed.channel == "email" and claimed.process and self.mails.has_ended(key[0], claimed.process.began_at):
            self.wrong("a mail was sent about an application to which a former address had said STOP")
        asked = self.world.process.notes.get("asked", {}) if self.world.process else {}
        for channel, address in addresses:
            pk, _ = recipients.key_of(channel, address)  # type: ignore[arg-type]
            if asked.get(pk, float("-inf")) < claimed.at:
                self.wrong("a message went out without reading opt-outs after its claim")
            known = self.world.table.as_of((pk, "OPT"), asked.get(pk, float("-inf")))
            if known and truth.model(known).is_out:
                self.wrong(f"a message went out after STOP at the person's {channel} address")

    def _check_time(self, item: Item) -> None:
        if truth.instant(item["na"]) + timedelta(seconds=SLACK) < datetime.fromtimestamp(self.world.now, UTC):
            self.wrong("a message went out when it was too late for it")
        if text(item, "aud") != "candidate":
            return
        window = _NOTICE_BY_MAIL if is_notice(item) and not is_letter(item) and text(item, "ch") == "email" else Window()
        now, slack, planned_at = datetime.fromtimestamp(self.world.now, UTC), timedelta(seconds=SLACK), self._planned_at(item)
        if planned_at is not None and planned_at - slack > now:
            self.wrong(f"{text(item, 'step')} went out before it was due")
        if text(item, "step") == WHAT_NEXT and truth.instant(item["due"]) + slack < now:
            self.wrong("what happens next was told after word was due")
        moments = [datetime.fromtimestamp(self.world.now + by, UTC) for by in (-SLACK, 0, SLACK)]
        if not any(send_windows.in_window(moment, window, _ZONE, send_windows.no_holidays) for moment in moments):
            self.wrong(f"a message went out at {moments[1].astimezone(ZoneInfo(_ZONE)):%a %H:%M}")

    def _planned_at(self, item: Item) -> datetime | None:
        """Returns from when on a reminder may go: after the interview, or once word is due. None for notices."""
        if is_notice(item) or text(item, "step") == TOLD:
            return None
        if text(item, "step") == WHAT_NEXT:
            return truth.instant(item["since"])
        nth = truth.number_of_nudge(text(item, "step") or "")
        return truth.instant(item["due"]) + timedelta(days=DAYS_APART * (nth - 1))
