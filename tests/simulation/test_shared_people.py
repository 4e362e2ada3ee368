"""The checks of shared people notice each wrong reply, opt-out and automatic reply, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from tests.simulation import promised
from tests.simulation.caps import Caps
from tests.simulation.fairness import Fairness
from tests.simulation.ledger import Claimed
from tests.simulation.people import People, Said, meaning_of
from tests.simulation.processes import Process
from tests.simulation.replies import Replies
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Key, Table, Write

NUMBER, MAIL = ("sms", "+12025550110"), ("email", "person0@example.com")
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC).timestamp()
HOUR, DAY = 3600.0, 86400.0
ANN, BO = "EMP#a#CASE#1", "EMP#b#CASE#1"
"""An application with each of two employers, Ann and Bo."""


@pytest.fixture(autouse=True)
def all_rules(monkeypatch):
    monkeypatch.setattr(promised, "DEMANDED", promised.ALL)


@dataclass
class Life:
    """What happens to one person, hour by hour, and what the checks say of it."""

    wrong: list[str] = field(default_factory=list)
    now: float = NOON

    def __post_init__(self) -> None:
        self.table = Table("t", {})
        self.table.load([_item("EMP#a", "EMP", name="Ann"), _item("EMP#b", "EMP", name="Bo")])
        self.table.load([_item(ANN, "APP"), _item(BO, "APP")])
        self.people = People(self.table)
        self.replies = Replies(self.table, self.people, self.wrong.append)

    def texted(self, application: str, number: str = NUMBER[1], *, taken: bool = True) -> None:
        key = (application, f"MSG#{len(self.people.texts)}")
        self.table.load([_item(*key, st="sent", to=number)])
        self.people.text_sent(_call(self.now, number), key)
        self.people.settled(key, self.now)
        self.now += HOUR

    def says(
        self, words: str, address: tuple[str, str] = NUMBER, *, shown: tuple[str, ...] = (), what: Any = None, at: float = 0
    ) -> Said:
        """The person says something, and it is shown in these applications."""
        process = Process("1:hear", lambda: None, Random(1))
        said = self.people.begin(process, what or meaning_of(words), address, words, at or self.now, self.now)
        self.replies.begin(said)
        for application in shown:
            self.show(application, words, process)
        for finished in self.people.end(process, self.now):
            self.replies.end(finished, process, self.now)
        self.now += HOUR
        return said

    def show(self, application: str, words: str, process: Process) -> None:
        key: Key = (application, f"REPLY#{len(self.table.items)}")
        item = _item(*key, sender=NUMBER[1], body=words)
        self.table.load([item])
        self.replies.fact(Write(key, None, item), process)

    def chooses(self, words: str, shown: dict[str, tuple[str, ...]]) -> None:
        """The person answers the question, and what waited is shown: words by application."""
        process = Process("2:hear", lambda: None, Random(1))
        self.replies.begin(self.people.begin(process, "choice", NUMBER, words, self.now, self.now))
        for application, texts in shown.items():
            for text in texts:
                self.show(application, text, process)
        for finished in self.people.end(process, self.now):
            self.replies.end(finished, process, self.now)
        self.now += HOUR

    def answered(self, text: str = "You will get no more texts.") -> None:
        self.replies.automatic_reply(_call(self.now, NUMBER[1], text), Process("3:hear", lambda: None, Random(1)))

    def asked(self) -> None:
        self.answered("Reply 1 for Ann, 2 for Bo")


def _item(pk: str, sk: str, **strings: str) -> dict[str, Any]:
    return {"PK": {"S": pk}, "SK": {"S": sk}, **{name: {"S": value} for name, value in strings.items()}}


def _call(at: float, to: str, text: str = "") -> Call:
    return Call("sms", to, text, at, "", "", taken=True, heard="taken")


@pytest.fixture
def life():
    return Life()


def test_a_reply_goes_to_the_only_employer_that_texted(life):
    """One employer texted: the person means it."""
    life.texted(ANN)
    life.says("yes", shown=(ANN,))
    assert life.wrong == []


def test_a_reply_may_not_go_to_another_employer(life):
    """Another tenant reads what was not said to it."""
    life.texted(ANN)
    life.says("yes", shown=(BO,))
    assert "shown to another employer" in life.wrong[0]


def test_a_second_choice_answers_no_question(life):
    """The question was answered: a "2" of days later may be the number of anything."""
    life.texted(ANN)
    life.texted(BO)
    life.says("hello")
    life.asked()
    life.chooses("1", {ANN: ("hello",)})
    life.says("and this")
    life.chooses("2", {})
    assert life.wrong == []


def test_a_choice_that_was_said_while_another_question_was_asked_may_answer_either(life):
    """The person saw the first question, and we were asking again."""
    life.texted(ANN)
    life.texted(BO)
    life.says("hello")
    life.asked()
    life.now += DAY
    process = Process("2:hear", lambda: None, Random(1))
    life.replies.begin(life.people.begin(process, "choice", NUMBER, "2", life.now, life.now))
    life.asked()
    life.show(BO, "hello", process)
    for finished in life.people.end(process, life.now):
        life.replies.end(finished, process, life.now)
    assert life.wrong == []


def test_a_reply_from_a_number_that_was_never_texted_belongs_to_nobody(life):
    """Any tenant may put a stranger's number on a record."""
    life.says("yes", shown=(ANN,))
    assert "another application" in life.wrong[0]


def test_a_reply_may_not_get_lost(life):
    """A person's only word about an interview."""
    life.texted(ANN)
    life.says("yes")
    assert life.wrong == ["a reply was stored nowhere"]


def test_a_reply_while_one_of_two_applications_is_erased_is_shown_to_nobody(life):
    """An erasure deletes one application after the other: the one that the text answers may be gone already."""
    life.table.load([_item("EMP#a#CASE#2", "APP")])
    life.texted("EMP#a#CASE#2")
    life.texted(ANN)
    del life.table.items[ANN, "APP"]
    life.says("yes")
    assert life.wrong == []


def test_a_reply_after_one_application_was_erased_may_not_get_lost(life):
    """The text about the erased one names no number any more, so that the person answers the other one."""
    life.table.load([_item("EMP#a#CASE#2", "APP")])
    life.texted("EMP#a#CASE#2")
    life.texted(ANN)
    del life.table.items[ANN, "APP"]
    life.table.load([_item(*life.people.texts[-1].key, st="sent")])
    life.says("yes")
    assert life.wrong == ["a reply was stored nowhere"]


def test_a_reply_goes_to_the_application_texted_last(life):
    """ "Yes" moves the application that was asked about, no other one."""
    life.texted("EMP#a#CASE#2")
    life.texted(ANN)
    life.says("yes", shown=("EMP#a#CASE#2",))
    assert "another application" in life.wrong[0]


@pytest.mark.parametrize("shown", [(ANN,), (BO,), (ANN, BO)])
def test_a_reply_to_two_employers_is_shown_to_neither(life, shown):
    """Nobody knows yet which employer the person means."""
    life.texted(ANN)
    life.texted(BO)
    life.says("yes", shown=shown)
    assert "though several had texted" in life.wrong[0]


def test_a_reply_to_two_employers_waits_for_the_choice(life):
    """It is shown to the chosen employer, once the person chose."""
    life.texted(ANN)
    life.texted(BO)
    life.says("yes")
    life.asked()
    life.chooses("2", {BO: ("yes",)})
    assert life.wrong == []


def test_the_other_choice_is_noticed(life):
    """The first and the second employer of the question must not be mixed up."""
    life.texted(ANN)
    life.texted(BO)
    life.says("yes")
    life.asked()
    life.chooses("2", {ANN: ("yes",)})
    assert "though several had texted" in life.wrong[0]


def test_a_waiting_reply_may_not_get_lost(life):
    """All that waited is handed over."""
    life.texted(ANN)
    life.texted(BO)
    life.says("yes")
    life.says("when?")
    life.asked()
    life.chooses("1", {ANN: ("when?",)})
    assert "waited for a choice was not shown" in life.wrong[0]


def test_two_employers_a_week_apart_are_no_question(life):
    """The last one is meant."""
    life.texted(ANN)
    life.now += 8 * DAY
    life.texted(BO)
    life.says("yes", shown=(BO,))
    assert life.wrong == []


def test_a_question_names_employers(life):
    """A name that is no employer's cannot be chosen."""
    life.texted(ANN)
    life.answered("Reply 1 for Ann, 2 for Nobody")
    assert "names no employer" in life.wrong[0]


def test_a_text_is_not_certain_until_it_is_stored(life):
    """A reply that comes while a text is being sent may be read before or after it."""
    life.texted(ANN)
    life.texted(BO)
    life.people.texts[-1].settled_at = None
    life.says("yes", shown=(ANN,))
    assert life.wrong == []


def test_one_automatic_reply_a_day(life):
    """Each one costs money and annoys."""
    life.texted(ANN)
    life.answered()
    life.now += HOUR
    life.answered()
    assert life.wrong == ["a number got two automatic replies in one day"]


def test_automatic_replies_on_two_days(life):
    """The next day is another day."""
    life.texted(ANN)
    life.answered()
    life.now += DAY
    life.answered()
    assert life.wrong == []


def test_no_automatic_reply_to_a_number_that_was_never_texted(life):
    """Strangers could make us text each other."""
    life.answered()
    assert life.wrong == ["an automatic reply went to a number that was never texted"]


def test_stop_ends_its_number_and_the_applications_texted_at_it(life):
    """Other applications, and mail to an address that a record pairs with the number, go on."""
    life.texted(ANN)
    life.says("STOP")
    assert life.people.is_out(NUMBER, life.now)
    assert life.people.ended_by_stop(ANN, life.now)
    assert not life.people.ended_by_stop(BO, life.now)
    assert not life.people.is_out(MAIL, life.now)
    assert life.people.may_be_out(ANN, MAIL, life.now)
    assert not life.people.may_be_out(BO, MAIL, life.now)


def test_start_undoes_stop_and_nothing_else(life):
    """A link that was used before stays used."""
    life.texted(ANN)
    life.says("", MAIL, what="link")
    life.says("STOP")
    life.says("START")
    assert not life.people.is_out(NUMBER, life.now)
    assert not life.people.ended_by_stop(ANN, life.now)
    assert not life.people.may_be_out(ANN, NUMBER, life.now)
    assert life.people.is_out(MAIL, life.now)


def test_an_older_start_undoes_no_later_stop(life):
    """SNS delivers in any order: what was said last counts."""
    life.texted(ANN)
    earlier = life.now
    life.now += HOUR
    life.says("STOP")
    life.says("START", at=earlier)
    assert life.people.is_out(NUMBER, life.now)
    assert life.people.ended_by_stop(ANN, life.now)


@dataclass
class Mails:
    """Mails of employers to one person."""

    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = Table("t", {})
        self.caps = Caps(self.table, self.wrong.append, lambda: None)

    def sent(self, application: str, at: float) -> None:
        key = (application, f"MSG#{len(self.table.items)}")
        self.table.load([_item(*key, st="sending", to=MAIL[1], aud="candidate")])
        call = Call("email", MAIL[1], "", at, "", "", taken=True, heard="taken")
        self.caps.called(call, key, Claimed("t", None, at, *MAIL, (MAIL,)))


def test_each_employer_may_send_one_message_a_week():
    """Others may not use up what one employer has to say."""
    mails = Mails()
    for hour in range(3):
        mails.sent(ANN, NOON + hour * HOUR)
    mails.sent(BO, NOON + 4 * HOUR)
    assert mails.wrong == []
    mails.sent(BO, NOON + 5 * HOUR)
    assert mails.wrong == ["a person was written to 5 times in seven days"]


def test_the_operators_limit_of_a_day_holds():
    """An employer's mistake, or a stolen key, costs no more than a day's messages."""
    mails = Mails()
    mails.caps.limits = {"a": {"emails_per_day": 2}, "b": {"emails_per_day": 9}}
    for day in range(2):
        for hour in range(2):
            mails.sent(ANN, NOON + (8 * day + hour / 24) * DAY)
    mails.sent(BO, NOON + HOUR / 2)
    assert mails.wrong == []
    mails.sent(ANN, NOON + 8 * DAY + 3 * HOUR)
    assert mails.wrong == ["an employer sent more than emails_per_day allows"]


def test_a_message_behind_another_employers_endpoint_is_noticed():
    """A worker that waits for one employer's server lets another's candidates wait."""
    wrong: list[str] = []
    worker = Process("1:deliver", lambda: None, Random(1), began_at=NOON)
    claimed = Claimed("t", worker, NOON, *NUMBER, (NUMBER,))
    fairness = Fairness(wrong.append, slow="a")
    fairness.called(_call(NOON + 30, NUMBER[1]), "a", claimed)
    fairness.called(_call(NOON + 3, NUMBER[1]), "b", claimed)
    assert wrong == []
    fairness.called(_call(NOON + 30, NUMBER[1]), "b", claimed)
    assert "waited 30 s" in wrong[0]
