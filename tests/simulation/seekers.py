"""Histories of job seekers who keep their own interviews, with strangers who name them; and what must hold.

* a seeker's tenant writes to its own mailbox and to numbers that a right code confirmed, and to nobody else
* three codes a day go to a number, none to one that said STOP; five sign-up mails an hour to a mailbox
* what the seeker heard or let go brings no reminder; "no answer" leaves the wait open; the same tap twice is one outcome
* a tenant stays on trial, is in no list of employers, and an erasure leaves nothing of its person
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.accounts.seekers import phone, privacy, sign_up
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.seekers import interviews, outcomes
from chalicelib.applications.seekers.interviews import OwnInterview
from chalicelib.applications.seekers.outcomes import Outcome
from chalicelib.auth import session_store, sign_in_codes
from chalicelib.auth.audit_log import Origin
from chalicelib.auth.employers import employer_of
from chalicelib.auth.rate_limit import MAILS_TO_ONE_ADDRESS
from chalicelib.messaging.gate import CODES_A_DAY
from chalicelib.rules.model import CallBack
from tests.simulation import truth
from tests.simulation.drawing import Drawing
from tests.simulation.history import DAY, HOUR, History, Step
from tests.simulation.ledger import text
from tests.simulation.people import People
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.service import World
from tests.simulation.world.table import Item, Key, Table, Write

PLACE = "203.0.113.0/24"
COMPANIES = ("Fern", "Oak")
_CODE = re.compile(r"code.*: ([0-9]{6})|Heardback: ([0-9]{6})")
OWN_STEPS = frozenset({"seeker_sign_up", "phone_code"})
"""Messages about the account of a seeker, who asked for them just now."""


def seeker_address(seeker: int) -> str:
    return f"seeker{seeker}@example.com"


def seeker_number(seeker: int) -> str:
    """Person 0 of other histories has the number of seeker 0: an employer may text it too."""
    return f"+1202555011{seeker}"


def is_seekers(table: Table, employer_id: str) -> bool:
    return "seeker" in table.items.get((f"EMP#{employer_id}", "EMP"), {})


class SeekersAlone(Drawing):
    """Draws such a history."""

    def write(self) -> History:
        draw = self.chance
        self.skewed = False
        self.faults = self.faults if draw.random() < 0.4 else []
        lag = draw.choice((0, 0, 0.1))
        world = {
            "employer": "plain",
            "index_lag": 0,
            "read_lag": lag,
            "duplicates": draw.choice((0, 0.3)),
            "vague": 0,
            "cold": False,
        }
        steps = self._joins()
        if draw.random() < 0.6:
            steps += self._confirms()
        steps += self._books()
        if draw.random() < 0.3:  # an employer interviews the same person, at the same number
            steps.append(self.step("book", gap=1, person=0, job=0, ends=-48.0, reach="sms"))
        for _ in range(draw.randint(2, 6)):
            steps += self._event()
        return History(self.seed, world, tuple(steps))

    def _event(self) -> list[Step]:
        draw = self.chance
        kinds = ("pump", "pump", "pump", "outcome", "outcome", "reply", "move", "books", "codes", "mails", "stop", "erase")
        match draw.choice(kinds):
            case "outcome":
                what = draw.choice(("called", "heard", "no_answer", "no_answer", "closed"))
                tap = {"what": what, "promise": draw.choice((None, 24, 72)), "tap": draw.getrandbits(16)}
                return [self._of("own_outcome", gap=gap, **tap) for gap in draw.choice(((1,), (1, 0.01)))]
            case "reply":
                words = draw.choice(("CALLED", "heard", "No answer", "yes", "who is this?"))
                return [*self._pump(), self.step("hear", gap=draw.choice((1, 60)), person=0, job=0, words=words), *self._pump()]
            case "move":
                return [self._of("own_move", hours=draw.choice((1, 5, 60))), *self._pump()]
            case "books":
                return self._books()
            case "codes":
                return [self._of("own_phone", gap=draw.choice((0.01, 1)), number=draw.choice((0, 0, 1))) for _ in range(4)]
            case "mails":
                return [self._of("own_sign_up", gap=draw.choice((0.01, 1, 20))) for _ in range(draw.randint(5, 7))]
            case "stop":
                words = draw.choice(("STOP", "STOP", "START"))
                return [self.step("hear", gap=1, person=0, job=0, words=words), *self._confirms(), *self._pump()]
            case "erase":
                return [self._of("own_erase", gap=600), *self._pump()]
        return self._pump()

    def _joins(self) -> list[Step]:
        return [self._of("own_sign_up"), self._of("own_enter", gap=60)]

    def _confirms(self) -> list[Step]:
        number, right = (0, True) if self.chance.random() < 0.8 else (1, False)
        return [self._of("own_phone", number=number), self._of("own_confirm", gap=1, right=right)]

    def _books(self) -> list[Step]:
        draw = self.chance
        ends = draw.choice((-48.02, -48.0, -47.99, -24, 2))
        chosen = draw.choice(((0,), (1,), (0, 1)))
        return [self._of("own_book", gap=1, company=company, ends=ends) for company in chosen]

    def _pump(self) -> list[Step]:
        draw = self.chance
        tick = self.step("tick", gap=draw.choice((60, 60, HOUR, DAY, 2 * DAY, 5 * DAY)))
        return [tick, *(self.step("deliver", gap=draw.choice((0.05, 0.1, 1)), most=100) for _ in range(draw.choice((1, 1, 2))))]

    def _of(self, kind: str, gap: float | None = None, **details: Any) -> Step:
        gap = self.chance.choice((0.01, 1, 60)) if gap is None else gap
        return self.step(kind, gap=gap, seeker=0, **details)


class SeekerActions:
    """What job seekers do, and strangers who name them."""

    world: World
    seekers: SeekerChecks

    def own_sign_up(self, now: Callable[[], datetime], seeker: int) -> None:
        given = sign_up.SignUp(seeker_address(seeker), "Jo", "America/New_York")
        sign_up.ask(given, Origin(place=PLACE), now())

    def own_enter(self, now: Callable[[], datetime], seeker: int) -> Any:
        """They enter the code of the last mail."""
        code = self._code(seeker_address(seeker))
        if code is None:
            return None
        try:
            return sign_in_codes.sign_in(seeker_address(seeker), code, session_store.Client("203.0.113.9", app=True), now())[0].id
        except ValueError:
            return None

    def own_phone(self, now: Callable[[], datetime], seeker: int, number: int) -> None:
        if found := self._tenant(seeker):
            phone.send_code(found[0], seeker_number(number), PLACE, now())

    def own_confirm(self, now: Callable[[], datetime], seeker: int, right: bool) -> Any:
        """They enter the code of the last text, or one that they guess."""
        found = self._tenant(seeker)
        code = self._code(*(seeker_number(one) for one in (0, 1)))
        if found is None or code is None:
            return None
        self.seekers.tries(found[0].id, code if right else None)
        return phone.confirm(*found, code if right else f"{(int(code) + 1) % 10**6:06}", now()).id

    def own_book(self, now: Callable[[], datetime], seeker: int, company: int, ends: float) -> Any:
        found, end_at = self._tenant(seeker), now() + timedelta(hours=ends)
        if found is None:
            return None
        call_back = CallBack("Dana", "+12025550100", "boss@example.com")
        own = OwnInterview(COMPANIES[company], "Cook", "interview", end_at - timedelta(hours=1), end_at, call_back=call_back)
        booked = interviews.book(*found, own, now())
        if booked.case.application.company != COMPANIES[company]:
            self.seekers.wrong("what one company says counts for another one")
        return booked.interview.id

    def own_outcome(self, now: Callable[[], datetime], seeker: int, what: Any, promise: float | None, tap: int) -> Any:
        if (found := self._tenant(seeker)) is None or (interview := self._latest_own(found[0].id)) is None:
            return None
        pk, interview_id = interview
        due = now() + timedelta(hours=promise) if promise and what in ("called", "heard") else None
        outcome = Outcome(what, next_word_by=due, about=f"{pk}:{tap}")
        if what != "closed":  # before it is recorded: of a process that dies nobody learns whether it was
            self.seekers.tapped(pk, f"{pk}:{tap}")
        waits: list[Any] = []

        def note(*_: Any) -> None:
            """Called at each attempt: another outcome may have come between two of them."""
            waits.append(truth.Case.read(self.world.table, pk).folded(self.world.now).open)

        made, _ = outcomes.record(employer_of(found[0]), interview_id, outcome, now(), note)
        if waits[-1]:
            self.seekers.recorded(what, waits[-1].cause, made.application, due is not None)
        return interview_id

    def own_move(self, now: Callable[[], datetime], seeker: int, hours: float) -> Any:
        if (found := self._tenant(seeker)) is None or (interview := self._latest_own(found[0].id)) is None:
            return None
        item: Any = truth.model(self.world.table.items[interview[0], f"INT#{interview[1]}"])
        by = timedelta(hours=hours)
        fields = {"start_at": item.start_at + by, "end_at": item.end_at + by}
        return interviews.change(employer_of(found[0]), interview[1], fields, now(), lambda *_: None)[1].id

    def own_erase(self, now: Callable[[], datetime], seeker: int) -> Any:
        if (found := self._tenant(seeker)) is None:
            return None
        privacy.erase(*found, Origin(place=PLACE), now())
        return found[0].id

    def _tenant(self, seeker: int) -> tuple[Any, Any] | None:
        """The tenant and the person of a seeker who has entered, as authentication reads them."""
        items = self.world.table.items
        for key, item in items.items():
            if key[1].startswith("PERSON#") and text(item, "email") == seeker_address(seeker) and "accepted_at" in item:
                tenant = items.get((f"EMP#{text(item, 'employer_id')}", "EMP"))
                return (truth.model(tenant), truth.model(item)) if tenant else None
        return None

    def _latest_own(self, employer_id: str) -> tuple[str, str] | None:
        prefix = f"EMP#{employer_id}#CASE#"
        items = self.world.table.items
        found = [
            (sk[4:], pk)
            for pk, sk in items
            if pk.startswith(prefix) and sk.startswith("INT#") and text(items.get((pk, "APP")), "w_int") == sk[4:]
        ]
        return (max(found)[1], max(found)[0]) if found else None

    def _code(self, *addresses: str) -> str | None:
        sent = [call for call in self.world.providers.calls if call.taken and call.to in addresses]
        found = [match[1] or match[2] for call in sent if (match := _CODE.search(call.text))]
        return found[-1] if found else None


@dataclass
class SeekerChecks:
    """The checks of one history."""

    table: Table
    people: People
    wrong: Callable[[str], None]
    now: Callable[[], float] = lambda: 0.0
    _confirmed: dict[str, set[str]] = field(default_factory=dict)
    """By tenant: the numbers that a right code may have confirmed."""
    _coded: dict[tuple[str, str], str] = field(default_factory=dict)
    """(tenant, code) -> the number that it was texted to."""
    _codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Codes texted, by number and day."""
    _mails: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Sign-up mails, by address and hour."""
    _taps: dict[str, set[str]] = field(default_factory=dict)
    _erased: set[str] = field(default_factory=set)
    """Tenants that were erased."""

    def tries(self, employer_id: str, code: str | None) -> None:
        """Notes that a code is entered: a right one confirms the number that it was texted to."""
        if code is not None and (number := self._coded.get((employer_id, code))):
            self._confirmed.setdefault(employer_id, set()).add(number)

    def tapped(self, pk: str, about: str) -> None:
        """Notes a tap that is to be recorded once however often it is tapped."""
        self._taps.setdefault(pk, set()).add(about)

    def recorded(self, what: str, cause: str, application: ApplicationItem, promises: bool) -> None:
        """Checks what an outcome did to the wait that was open before it, for *cause*."""
        state = application.wait_state
        if what == "no_answer" and (state, application.wait_cause) != ("open", cause):
            self.wrong("nobody answered, and the wait ended")
        if (what == "closed" or (what == "heard" and not promises)) and state == "open":
            self.wrong(f"{what} left the wait open")

    def committed(self, write: Write) -> None:
        item = write.after
        if not item:
            return
        if write.key[1] == "EMP" and "seeker" in item:
            if not item["trial"]["BOOL"]:
                self.wrong("a job seeker is no longer on trial")
            if text(item, "list_key") != "seekers#EMP":
                self.wrong("a job seeker is listed among employers")

    def called(self, request: Call, key: Key, item: Item, process: Process | None) -> None:
        """Checks a mail or text of a seeker's tenant at its provider call."""
        employer_id, step = key[0].split("#")[1], text(item, "step") or ""
        moment = datetime.fromtimestamp(process.began_at if process else self.now(), UTC)
        if step == "phone_code":
            if match := _CODE.search(request.text):
                self._coded[employer_id, match[1] or match[2]] = request.to
            self._codes[request.to, f"{moment:%Y-%m-%d}"] += 1
            if self._codes[request.to, f"{moment:%Y-%m-%d}"] > CODES_A_DAY:
                self.wrong("a number got more codes than its day allows")
            if process is not None and self.people.is_out(("sms", request.to), process.began_at):
                self.wrong("a code went to a number that had said STOP")
            return
        if step == "seeker_sign_up":
            self._mails[request.to, int(moment.timestamp()) // 3600] += 1
            if self._mails[request.to, int(moment.timestamp()) // 3600] > MAILS_TO_ONE_ADDRESS:
                self.wrong("a mailbox got more sign-up mails than its hour allows")
            return
        own = {seeker_address(0)} if request.channel == "email" else self._confirmed.get(employer_id, set())
        if request.to not in own:
            self.wrong(f"a job seeker's list wrote to {request.to}, which is not theirs")

    def ended(self, process: Process) -> None:
        """Checks after an erasure that nothing of its person is left."""
        if process.kind == "own_erase" and isinstance(process.outcome, str):
            self._erased.add(process.outcome)
            self._check_erased(process.outcome, "an erasure left")

    def _check_erased(self, employer_id: str, wrong: str) -> None:
        for key, item in self.table.items.items():
            if key[0].startswith(f"EMP#{employer_id}") and key[1].partition("#")[0] not in ("FEED", "SPEND"):
                self.wrong(f"{wrong} {key[1].partition('#')[0]}")
                return
            if key[1] == "AT#seeker" and text(item, "employer_id") == employer_id:
                self.wrong(f"{wrong} the address")

    def left(self) -> None:
        """Checks at the end that each tap is one outcome at most, and that nothing of who was erased came late."""
        for employer_id in sorted(self._erased):
            self._check_erased(employer_id, "after an erasure came")
        for pk, taps in self._taps.items():
            facts = self.table.partitions.get(pk, {}).items()
            told = sum(key[1].startswith(("CON#", "STA#")) and "lnk" not in item for key, item in facts)
            replied = sum(
                said.what == "reply" and said.address == ("sms", seeker_number(0)) for said in self.people.said.values()
            )
            if told > len(taps) + replied:
                self.wrong("the same tap made two outcomes")
