"""Histories of people who are invited and sign in, with strangers who enter their addresses; and what must hold for their mails.

* nothing but the invitation goes to an address before its person accepted
* anyone who signed in from a network before gets a mail an hour there, however often strangers ask
* an employer on trial sends nothing to candidates or for its digest
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.accounts.sessions import sign_in
from chalicelib.accounts.users import invitation
from chalicelib.accounts.users import service as users
from chalicelib.auth import sessions
from chalicelib.auth.audit_log import Origin
from chalicelib.auth.rate_limit import MAILS_TO_ONE_ADDRESS
from chalicelib.errors import NotFound
from tests.simulation.drawing import Drawing
from tests.simulation.history import DAY, History, Step
from tests.simulation.ledger import crashed, text
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.service import World
from tests.simulation.world.table import Item, Key, Table, Write

NETWORKS = {"office": "203.0.113.0/24", "stranger": "198.51.100.0/24"}
OFFICE_ADDRESS = "203.0.113.9"
_CODE = re.compile(r"code.*: ([0-9]{6})")
_LINK = re.compile(r"/sign-in/([\w-]+)")
ABOUT_ACCOUNT = frozenset({"invitation", "verify_address", "sign_in", "access_changed"})
_ASKS_FIRST = frozenset({"invitation", "verify_address"})
"""Mails that ask somebody for their agreement."""


def colleague_address(colleague: int) -> str:
    return f"colleague{colleague}@example.com"


class Accounts(Drawing):
    """Draws such a history."""

    def write(self) -> History:
        draw = self.chance
        self.skewed = False
        self.faults = self.faults if draw.random() < 0.3 else []
        world = {
            "employer": "plain",
            "index_lag": 0,
            "read_lag": draw.choice((0, 0, 0.1)),
            "duplicates": 0,
            "vague": 0,
            "cold": False,
        }
        self._colleague = 0
        steps = [self._of("invite", job=draw.choice((0, 2))) for _ in range(draw.choice((1, 1, 2)))]
        if draw.random() < 0.7:
            steps += self._joins()
        for _ in range(draw.randint(2, 6)):
            steps += self._event()
        return History(self.seed, world, tuple(steps))

    def _event(self) -> list[Step]:
        draw = self.chance
        self._colleague = 0 if draw.random() < 0.8 else 1
        match draw.choice(("accept", "office", "strangers", "strangers", "readdress", "time")):
            case "accept":
                return self._joins()
            case "office":
                return [self._of("ask", who="office"), *([self._of("sign_in")] if draw.random() < 0.5 else [])]
            case "strangers":
                asks = [self._of("ask", gap=draw.choice((0.01, 1, 20)), who="stranger") for _ in range(draw.randint(5, 7))]
                return [*asks, self._of("ask", who="office")]
            case "readdress":
                given = self._of("readdress")
                self._colleague = 1 - self._colleague
                return [given, self._of("ask", who="office")]
        return [self._of("ask", gap=draw.choice((3600, DAY)), who="office")]

    def _joins(self) -> list[Step]:
        return [self._of("accept"), self._of("ask", who="office"), self._of("sign_in")]

    def _of(self, kind: str, gap: float | None = None, **details: Any) -> Step:
        draw = self.chance
        gap = draw.choice((0.01, 1, 60)) if gap is None else gap
        return self.step(kind, gap=gap, colleague=self._colleague, **details)


class AccountActions:
    """What people and strangers do about accounts."""

    world: World
    accounts: AccountChecks
    employer: Callable[[int], Any]

    def invite(self, now: Callable[[], datetime], colleague: int, job: int) -> Any:
        fields = {"name": "Kim", "email": colleague_address(colleague), "role": "recruiter"}
        return users.create(self.employer(job), fields, now(), origin=Origin(place=NETWORKS["office"]))

    def accept(self, now: Callable[[], datetime], colleague: int) -> Any:
        """They enter the code of the last invitation."""
        code = self._last(_CODE, colleague)
        return invitation.accept(colleague_address(colleague), code, NETWORKS["office"], now()) if code else None

    def ask(self, now: Callable[[], datetime], colleague: int, who: str) -> None:
        if sign_in.may_ask(NETWORKS[who], now()):
            sign_in.mail(colleague_address(colleague), NETWORKS[who], now())

    def sign_in(self, now: Callable[[], datetime], colleague: int) -> Any:
        """They open the link of the last mail, which may be used or over."""
        token = self._last(_LINK, colleague)
        try:
            return sessions.begin(token, now(), OFFICE_ADDRESS) if token else None
        except ValueError as unusable:
            return NotFound(str(unusable))

    def readdress(self, now: Callable[[], datetime], colleague: int) -> Any:
        """Their manager gives them the other address."""
        found = [
            item
            for key, item in self.world.table.items.items()
            if key[1].startswith("PERSON#") and text(item, "email") == colleague_address(colleague)
        ]
        if not found:
            return None
        person, other = found[0], colleague_address(1 - colleague)
        return users.change(person["employer_id"]["S"], person["id"]["S"], {"email": other}, None, now())

    def _last(self, pattern: re.Pattern[str], colleague: int) -> str | None:
        mails = [call.text for call in self.world.providers.calls if call.taken and call.to == colleague_address(colleague)]
        found = [match[1] for mail in mails if (match := pattern.search(mail))]
        return found[-1] if found else None


@dataclass
class AccountChecks:
    """The checks of one history."""

    table: Table
    wrong: Callable[[str], None]
    _accepted: set[tuple[str, str]] = field(default_factory=set)
    """(employer, address) of everybody who accepted."""
    _known: dict[str, float] = field(default_factory=dict)
    """Address -> since when its owner is known at the office."""
    _mailed: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Sign-in mails by address and hour."""
    _denied: set[tuple[str, int]] = field(default_factory=set)
    """Where somebody known asked, and got none."""
    _disturbed: bool = False
    """Whether a request may have counted a mail that it did not send."""

    def committed(self, write: Write) -> None:
        item = write.after
        if not item or not write.key[1].startswith("PERSON#"):
            return
        before = write.before or {}
        if "invited_at" not in item or ("accepted_at" in item and "accepted_at" not in before):
            self._accepted.add((item["employer_id"]["S"], item["email"]["S"]))

    def called(self, request: Call, key: Key, item: Item, process: Process | None) -> None:
        """Checks a mail or text at its provider call."""
        employer_id, step = key[0].split("#")[1], text(item, "step") or ""
        employer = self.table.items[f"EMP#{employer_id}", "EMP"]
        if step in _ASKS_FIRST:
            return
        if step in ("sign_in", "access_changed"):
            if (employer_id, request.to) not in self._accepted:
                self.wrong(f"a mail ({step}) went to an address whose person has not accepted")
            if process is not None and step == "sign_in":
                self._mailed[request.to, _hour(process)] += 1
                process.notes["mailed"] = True
        elif employer["trial"]["BOOL"]:
            self.wrong("an employer on trial wrote to a stranger")

    def ended(self, process: Process, now: float) -> None:
        if process.kind not in ("ask", "sign_in"):
            return
        disturbed = crashed(process) or bool(process.notes["step"].faults)
        self._disturbed |= process.kind == "ask" and (disturbed or isinstance(process.outcome, Exception))
        details = process.notes["step"].details
        address = colleague_address(details["colleague"])
        if process.kind == "sign_in":
            if isinstance(process.outcome, str):
                self._known.setdefault(address, now)
        elif details["who"] == "office" and "mailed" not in process.notes and self._is_known(address, process):
            self._denied.add((address, _hour(process)))

    def left(self) -> None:
        """Checks at the end that somebody known was refused only where the mail in reserve had gone out too."""
        if not self._disturbed and any(self._mailed[denied] <= MAILS_TO_ONE_ADDRESS for denied in self._denied):
            self.wrong("a stranger who asked too often locked somebody out")

    def _is_known(self, address: str, process: Process) -> bool:
        """Whether its person, who signed in from the office before this process began, may sign in."""
        if self._known.get(address, process.began_at) >= process.began_at:
            return False
        people = [
            item for (_, sk), item in self.table.items.items() if sk.startswith("PERSON#") and text(item, "email") == address
        ]
        return any("accepted_at" in item for item in people)


def _hour(process: Process) -> int:
    return int(datetime.fromtimestamp(process.began_at, UTC).timestamp()) // 3600
