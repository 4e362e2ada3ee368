"""Checks what must hold at every commit and every provider call. It looks at the world's own state.

at most once    a reminder (wait, step; digest, address) is sent again only if every earlier call was certainly refused
claimed         only a message under the sender's own claim is sent; the facts at its claim still require it
opt-outs        an opt-out that was recorded before the check stops the message; so does an earlier end of the wait
status          sent, failed, retrying, suppressed, unknown say what the provider said; terminal statuses never change
explained       an unknown message has an injected cause
caps            texts cost no more than was reserved, and no more is reserved than the cap; three messages a week to a person
not dropped     a due step leaves the due index only with its message, or because it is not needed any more
"""

from __future__ import annotations

from chalicelib.messaging.opt_outs import OPTED_OUT
from chalicelib.storage import ids
from tests.simulation import promised, truth, weekly
from tests.simulation.accounts import AccountChecks
from tests.simulation.caps import Caps
from tests.simulation.conversations import TOLD, ConversationChecks, wants_feedback
from tests.simulation.delivery_log import DeliveryLog, cause_of, is_in_place
from tests.simulation.fairness import Fairness
from tests.simulation.history import BY_MAIL
from tests.simulation.http_clients import HttpClientChecks
from tests.simulation.ledger import SLACK, Claimed, Ledger, crashed, faults_met, text
from tests.simulation.linked import LinkChecks
from tests.simulation.mail_checks import MailChecks
from tests.simulation.notices import Notices, is_letter, is_notice
from tests.simulation.people import People
from tests.simulation.processes import Process
from tests.simulation.provider_calls import ProviderCalls
from tests.simulation.replies import Replies
from tests.simulation.seekers import SeekerChecks
from tests.simulation.weekly import WeeklyReports
from tests.simulation.world.providers import Call
from tests.simulation.world.service import World
from tests.simulation.world.table import Item, Key, Write

MOVES = {
    None: {"sending", "expired", "suppressed", "retrying"},
    "sending": {"sent", "retrying", "failed", "unknown", "suppressed"},
    "retrying": {"sending", "cancelled", "expired", "suppressed", "failed"},
    "unknown": {"sent", "failed"},
}
"""Allowed changes of a status. A holding notice starts as `retrying`; a person settles an `unknown` message."""

FINAL = {"sent", "failed", "expired", "cancelled", "suppressed", "unknown"}
SKEW = 300.0


class Checker:
    """The checks of one history. `violations` holds what they found wrong."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger()
        self.violations: list[str] = []
        self.dirty: set[str] = set()
        self._employers_changed: dict[str, float] = {}
        self.notices = Notices(world.table, self.ledger, self.wrong)
        self.caps = Caps(world.table, self.wrong, lambda: self.world.process)
        world.table.on_commit = self.committed
        self.people = People(world.table)
        self.replies = Replies(world.table, self.people, self.wrong)
        self.fairness = Fairness(self.wrong)
        self.accounts = AccountChecks(world.table, self.wrong)
        self.seekers = SeekerChecks(world.table, self.people, self.wrong, lambda: self.world.now)
        self.links = LinkChecks(world.table, self.wrong)
        self.http_clients = HttpClientChecks(world.table, self.ledger, self.wrong)
        self.log = DeliveryLog(world.table, self.wrong)
        self.conversations = ConversationChecks(world.table, self.wrong, lambda: self.world.now)
        self.mails = MailChecks(world.table, self.people, self.wrong, lambda: self.world.process, lambda: self.world.now)
        self.weekly = WeeklyReports(world.table, self.wrong)
        self.calls = ProviderCalls(
            world,
            self.ledger,
            self.caps,
            self.people,
            self.replies,
            self.fairness,
            self.accounts,
            self.seekers,
            self.conversations,
            self.mails,
            self.wrong,
        )
        world.on_call, world.on_read = self.calls.called, self.calls.asked

    def wrong(self, what: str) -> None:
        self.violations.append(what)

    # commits

    def committed(self, writes: list[Write]) -> None:
        for write in writes:
            self.caps.committed(write)
            self.accounts.committed(write)
            self.seekers.committed(write)
            self.links.committed(write)
            self.mails.committed(write)
            self.http_clients.committed(write)
            self.conversations.committed(write, self.world.process)
            kind = write.key[1].partition("#")[0]
            if kind == "CLAIM" and write.before is None:
                due = truth.instant(write.after["due_at"]) if write.after and "due_at" in write.after else None
                self.ledger.claims[write.key[0].partition("#")[2]] = due.timestamp() if due else self.world.now
            elif kind == "MSG":
                self._message(write)
            elif kind == "APP":
                self._application(write)
            elif kind == "EMP":
                self._employers_changed[write.key[0]] = self.world.now
            elif kind in ("INT", "CON", "STA", "REPLY") and write.before is None and write.after is not None:
                self._fact(write)
            if "#CASE#" in write.key[0]:
                self.dirty.add(write.key[0])

    def _fact(self, write: Write) -> None:
        """Checks that a request writes one fact: a second one would be a repetition after a lost response.

        Nothing is written about an application that was erased: it would stay.
        """
        if (write.key[0], "APP") not in self.world.table.items:
            self.wrong(f"{write.key[1].partition('#')[0]} was stored in an application that was erased")
        if self.world.process is None or (write.after and "lnk" in write.after):  # a job passes on all that is new by a link
            return None
        if write.key[1].startswith("CON#") and self.world.process.kind == "deliver":
            return self.notices.contact_logged(write)
        if self.world.process.kind == BY_MAIL:  # one mail may go to two employers
            return None
        said = self.people.by_text(self.world.process)
        if write.key[1].startswith(("REPLY#", "STA#", "CON#")) and said is not None:
            self.replies.fact(write, self.world.process)
            if said.what == "choice":  # it hands over what waited for it
                return None
        fact = write.key[1][:3]
        if fact in ("REP", "STA") and self.world.process.kind == "deliver":  # a job hands over all texts of a number that waited
            fact = write.key[1].removesuffix(ids.tail(write.key[1]))  # what derives from the text alone
        written = self.ledger.facts.setdefault((self.world.process.request, fact), set())
        written.add(write.key)
        if len(written) > 1:
            self.wrong("one request wrote two facts")
        return None

    def _message(self, write: Write) -> None:
        before, after = text(write.before, "st"), text(write.after, "st")
        self.notices.changed(write)
        if after is None and self.world.process is not None and self.world.process.kind == "own_erase":
            return None  # of a job seeker who erased everything
        if after is None:
            return self.wrong(f"{write.key[1]} is gone")
        self.log.changed(self.world.process, write, self.world.now)
        if before != after or before is None:
            waits = before is None and after == "retrying"
            is_told = (before, after) == ("sent", "failed") and self.log.allows(self.world.process, write)
            asked_for = is_notice(write.after) or is_in_place(write.after) or _tells_owner(write.after)
            if (after not in MOVES.get(before, set()) and not is_told) or (waits and not asked_for):
                self.wrong(f"a message went from {before} to {after}")
            if before == "unknown" and (self.world.process is None or self.world.process.kind != "resolve"):
                self.wrong("an unknown message was settled by something else than a person")
            self.ledger.statuses[write.key] = after
            if after in ("sent", "unknown"):
                self.people.settled(write.key, self.world.now)
            if after == "suppressed":
                self._check_opted_out(write)
            if before is None:
                self._only_one(write.key)
            if before == "sending":
                self._settled(write, after)
            if after == "sending":
                self._claimed(write)
        elif before == "sending" and text(write.before, "claim") != text(write.after, "claim"):
            self.wrong("a message changed its claim while it was being sent")
        return None

    def _check_opted_out(self, write: Write) -> None:
        """Checks that a message held back as opted out has an opt-out that concerns it."""
        if promised.OPT_OUTS not in promised.DEMANDED or text(write.after, "reason") != OPTED_OUT:
            return
        claimed = self.ledger.claimed.get(write.key)
        since = claimed.at if claimed else self.world.process.began_at if self.world.process else self.world.now
        address = (text(write.after, "ch") or "", text(write.after, "to") or "")
        ended_by_mail = address[0] == "email" and write.key[0] in self.mails.stopped
        if not ended_by_mail and not self.people.may_be_out(write.key[0], address, since):
            self.wrong(f"a message to {address[1]} was held back though no opt-out concerns it")

    def ended(self, process: Process) -> None:
        """Checks what must hold after a process."""
        self.caps.ended(process)
        self.accounts.ended(process, self.world.now)
        self.seekers.ended(process)
        self.links.ended(process)
        self.http_clients.ended(process)
        self.log.ended(process)
        self.mails.ended(process)
        for said in self.people.end(process, self.world.now):
            self.replies.end(said, process, self.world.now)

    def _only_one(self, key: Key) -> None:
        """Checks that a step of a wait, with its beginning and deadline, has one message; so has a digest to one address."""
        item = self.world.table.items[key]
        if is_notice(item):
            return self.notices.only_one(key)
        names = ("cause", "since", "due", "step") + (("to",) if text(item, "aud") == "employer" else ())
        wanted = [text(item, name) for name in names]
        if any(
            other != key and other[1].startswith("MSG#") and [text(found, name) for name in names] == wanted
            for other, found in self.world.table.partitions[key[0]].items()
        ):
            self.wrong("one step of one wait has two messages")
        return None

    def _claimed(self, write: Write) -> None:
        item = write.after
        assert item is not None
        token = text(item, "claim") or ""
        if token not in self.ledger.claims and not self.world.table.partitions.get(f"CLAIM#{token}"):
            self.wrong("a message is being sent under no claim")
        self.ledger.claims.setdefault(token, self.world.now + 900)
        channel, to = text(item, "ch") or "", text(item, "to") or ""
        addresses = self._owed(write.key, item) if text(item, "aud") == "candidate" else (("email", to),)
        if text(item, "step") == "decision":
            self._check_decision(write.key, item)
        if text(item, "step") == weekly.STEP:
            self.weekly.claimed(write.key, item, self.world.now)
        self.ledger.claimed[write.key] = claimed = Claimed(token, self.world.process, self.world.now, channel, to, addresses)
        self.caps.claimed(claimed)
        if channel == "sms":
            self.people.text_claimed(to, write.key)
        if any(call.heard != "refused" or call.taken for call in self.ledger.reminder(write.key, item).calls):
            self.wrong("a reminder was claimed again though an earlier call may have reached the person")

    def _check_decision(self, key: Key, item: Item) -> None:
        """Checks that a decider is asked about an open, undecided wait, as the facts are at the claim."""
        pk = f"{key[0].removesuffix('#DIGEST')}#CASE#{(text(item, 'app') or '')[-16:]}"
        case = truth.Case.read(self.world.table, pk)
        wait = case.folded(self.world.now).open
        about = text(item, "cause"), truth.instant(item["since"]), truth.instant(item["due"])
        if wait is None or (wait.cause, wait.since, wait.word_due_at) != about or case.application.decided is not None:
            self.wrong("a decider was asked though it is decided, or nobody waits for it any more")

    def _owed(self, key: Key, item: Item) -> tuple[tuple[str, str], ...]:
        """Returns the person's addresses. Wrong where the facts at the moment of the claim require no such message."""
        case = truth.Case.read(self.world.table, key[0])
        wait = case.folded(self.world.now).open
        if text(item, "step") == TOLD:
            is_wanted = wants_feedback(self.world.table.items[key[0], "APP"])
        elif is_letter(item):  # a promise made since leaves it as it is, and so does a moved deadline
            is_wanted = wait is not None and (wait.promised or f"letter:{wait.cause}" == text(item, "cause"))
        else:
            about = cause_of(item), truth.instant(item["since"]), truth.instant(item["due"])
            is_wanted = wait is not None and (wait.cause, wait.since, wait.word_due_at) == about
        if not is_wanted:
            self.wrong(f"{text(item, 'step')} was claimed though the wait had ended, moved or been cancelled before")
        person = case.candidate(self.world.table) or self.world.table.items[key[0], "APP"]
        found = tuple((way, address) for way, name in (("email", "email"), ("sms", "phone")) if (address := text(person, name)))
        if (text(item, "ch"), text(item, "to")) not in found:
            self.wrong("a message goes to an address that the candidate no longer has")
        return found

    def _settled(self, write: Write, status: str) -> None:
        claimed = self.ledger.claimed.pop(write.key, None)
        if claimed is None or text(write.before, "claim") != claimed.token:
            return self.wrong("a message was settled under another claim")
        if "to" not in (write.after or {}):
            return self._erased(write.key, claimed, status)
        last = claimed.calls[-1] if claimed.calls else None
        own = self.world.process is claimed.process
        if own:
            fits = {
                "sent": last is not None and last.heard == "taken",
                "unknown": last is not None and last.heard == "nothing",
                "retrying": last is None or last.heard == "refused",
                "failed": last is None or last.heard == "refused",
                "suppressed": last is None,
            }[status]
            if not fits:
                self.wrong(f"a message ended {status}, and its provider call {last.heard if last else 'was not made'}")
            if status == "sent" and last and text(write.after, "pid") != last.message_id:
                self.wrong("a message carries another message's provider id")
        elif status != "unknown":
            self.wrong(f"a message was made {status} by a process that does not hold its claim")
        elif self.world.now < self.ledger.claims[claimed.token] - SKEW:
            self.wrong("a claim was expired before it was due")
        if status == "unknown":
            self._explain(write.key, claimed, last)
        return None

    def _erased(self, key: Key, claimed: Claimed, status: str) -> None:
        """Notes a message whose person was erased meanwhile: it may be on its way, so it ends as unknown."""
        if status != "unknown":
            self.wrong(f"a message that was being sent when its person was erased ended {status}")
        self.ledger.erased[key] = claimed
        self.ledger.unknowns[key] = "its person was erased while it was being sent"

    def _explain(self, key: Key, claimed: Claimed, last: Call | None) -> None:
        faults = faults_met(claimed.process, "TransactWriteItems", claimed.at if claimed.calls else 0)
        ambiguous = {"lose", "drop", "late", "internal", "internal_done", "freeze", "freeze_after"}
        if last is not None and last.heard == "nothing" and not crashed(claimed.process):
            why = "no response from the provider"
        elif crashed(claimed.process):
            why = "the worker crashed"
        elif last is None and ambiguous.intersection(faults):
            why = "the claim's response was lost"
        elif len(faults) >= 4:
            why = "the settling was refused to the end"
        else:
            why = ""
            self.wrong("an unknown message has no injected cause")
        self.ledger.unknowns[key] = why

    def _application(self, write: Write) -> None:
        before, after = write.before, write.after
        if before is None or after is None or text(before, "w") != "open" or text(after, "w") != "open":
            return
        if text(before, "lnk") != text(after, "lnk") or truth.was_sent_elsewhere(write.key[0], before):
            return  # another list reminds from then on, or has reminded
        same = all(text(before, name) == text(after, name) for name in ("w_id", "w_since", "w_due"))
        step = text(before, "step") or ""
        if not same or not step.startswith(("nudge_", "what_next")) or step == text(after, "step"):
            return
        due = (text(before, "due_at") or "9999") <= truth.stored(self.world.now - SLACK)
        if due and not self._has_message(write.key[0], before, step) and self._still_wanted(after, step):
            self.wrong(f"{step} was due and was dropped without a message")

    def _has_message(self, pk: str, application: Item, step: str) -> bool:
        wanted = text(application, "w_id"), text(application, "w_since"), step
        return any(
            key[1].startswith("MSG#") and (text(item, "cause"), text(item, "since"), text(item, "step")) == wanted
            for key, item in self.world.table.partitions[pk].items()
        )

    def _still_wanted(self, application: Item, step: str) -> bool:
        """Whether the nudge is still required by the policy that the process may have read."""
        began = self.world.process.began_at if self.world.process else 0.0
        if self._employers_changed.get(f"EMP#{text(application, 'e')}", -1.0) >= began:
            return False
        if step == "what_next":
            return truth.wants_what_next(self.world.table, application)
        return truth.wants_nudge(self.world.table, application, int(step.removeprefix("nudge_")))

    def check_claims(self) -> None:
        """Checks that each claim has a message that is being sent under it."""
        held = {f"CLAIM#{claimed.token}" for claimed in (*self.ledger.claimed.values(), *self.ledger.erased.values())}
        if any(sk == "CLAIM" and pk not in held for pk, sk in self.world.table.items):
            self.wrong("a claim exists though nothing is being sent under it")


def _tells_owner(item: Item | None) -> bool:
    """Whether it is the mail to an owner about what a candidate wrote: made with the reply, sent by the next delivery."""
    return text(item, "step") == "reply" and text(item, "aud") == "employer"
