"""The very instant at which a session, a link, a code or a token ends: a second before it works, at the instant it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.auth import invitations, session_store, sessions, sign_in_codes, sign_in_links, tokens
from chalicelib.auth.session_store import Client
from chalicelib.auth.users import PersonItem, SessionItem
from chalicelib.signing import BadToken, Expired
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


@pytest.fixture
def begin(person: PersonItem, clock: Any) -> Callable[..., SessionItem]:
    """begin(app=True) -> a session that begins now."""

    def open_session(app: bool = False) -> SessionItem:
        transaction = Transaction()
        session = session_store.open_session(person, transaction, Client("203.0.113.7", app=app), clock())
        transaction.commit()
        return session

    return open_session


def raises(wanted: type[Exception], read: Callable[[datetime], object], now: datetime) -> bool:
    try:
        read(now)
    except wanted:
        return True
    return False


def test_a_link_and_an_invitation_end_at_their_instant(person: PersonItem, clock: Any) -> None:
    """15 minutes, and 14 days."""
    link = sign_in_links.new_token(person, clock())
    for later, ended in ((15 * MINUTE - SECOND, False), (15 * MINUTE, True)):
        assert raises(Expired, lambda now: sign_in_links.read(link, now), clock() + later) == ended
    invited = invitations.invite(person, clock())
    person.save()
    for later, ended in ((14 * DAY - SECOND, False), (14 * DAY, True)):
        assert raises(Expired, lambda now: invitations.read(invited.token, now), clock() + later) == ended
        assert invitations.is_open(person, clock() + later) == (not ended)
        assert (invitations.find([person], invited.code, clock() + later) is None) == ended


def test_an_invitations_code_is_any_number_of_six_digits(person: PersonItem, clock: Any) -> None:
    codes = {invitations.invite(person, clock()).code for _ in range(200)}
    assert all(re.fullmatch("[0-9]{6}", code) for code in codes) and len(codes) > 190
    assert min(codes) < "200000" and max(codes) > "800000", "the odds against either are below one in 10^19"


def test_an_invitation_is_open_until_it_is_accepted(person: PersonItem, clock: Any) -> None:
    """Who was never invited has none, and counts as accepted."""
    invitations.invite(person, clock())
    assert invitations.is_open(person, clock()) and not person.is_accepted
    person.accepted_at = clock()
    assert not invitations.is_open(person, clock()) and person.is_accepted
    person.invited_at, person.accepted_at = None, None
    assert not invitations.is_open(person, clock()) and person.is_accepted


def test_five_tries_of_an_invitations_code_and_no_sixth(person: PersonItem, clock: Any) -> None:
    """The right one is of no use after five wrong ones; as the fifth it is."""
    for wrong, accepted in ((4, True), (5, False)):
        invited = invitations.invite(person, clock())
        person.save()
        other = f"{(int(invited.code) + 1) % 10**6:06}"
        assert [invitations.find([person], other, clock()) for _ in range(wrong)] == [None] * wrong
        assert (invitations.find([person], invited.code, clock()) is not None) == accepted


@pytest.mark.parametrize(("later", "works"), [(15 * MINUTE - SECOND, True), (15 * MINUTE, False)])
def test_a_code_ends_with_its_link(person: PersonItem, clock: Any, later: timedelta, works: bool) -> None:
    [made] = sign_in_codes.make([person], clock())
    sign_in_codes.store([made])
    used = lambda now: sign_in_codes.sign_in("dana@example.com", made.code, Client(), now)  # noqa: E731
    assert raises(sign_in_codes.WrongCode, used, clock() + later) == (not works)


@pytest.mark.parametrize(("wrong", "works"), [(4, True), (5, False)])
def test_a_codes_fifth_try_counts_and_its_sixth_does_not(person: PersonItem, clock: Any, wrong: int, works: bool) -> None:
    [made] = sign_in_codes.make([person], clock())
    sign_in_codes.store([made])
    other = f"{(int(made.code) + 1) % 10**6:06}"
    guessed = lambda now: sign_in_codes.sign_in("dana@example.com", other, Client(), now)  # noqa: E731
    assert [raises(sign_in_codes.WrongCode, guessed, clock()) for _ in range(wrong)] == [True] * wrong
    used = lambda now: sign_in_codes.sign_in("dana@example.com", made.code, Client(), now)  # noqa: E731
    assert raises(sign_in_codes.WrongCode, used, clock()) == (not works)


@pytest.mark.parametrize(
    ("app", "later", "valid"),
    [
        (False, 7 * DAY - SECOND, True),
        (False, 7 * DAY, False),
        (True, 30 * DAY - SECOND, True),
        (True, 30 * DAY, False),
    ],
)
def test_an_unused_session_ends_after_7_days_and_an_apps_after_30(
    person: PersonItem, begin: Any, clock: Any, app: bool, later: timedelta, valid: bool
) -> None:
    session = begin(app)
    assert session_store.is_valid(session, person, clock() + later) == valid
    assert session.expires_at == int((clock() + (30 * DAY if app else 7 * DAY)).timestamp())


@pytest.mark.parametrize(("app", "lasts"), [(False, 30 * DAY), (True, 90 * DAY)])
def test_a_used_session_ends_all_the_same(person: PersonItem, begin: Any, clock: Any, app: bool, lasts: timedelta) -> None:
    """However often it is used; and at once with its person's epoch, or for another person."""
    session = begin(app)
    session.expires_at = int((clock() + 400 * DAY).timestamp())
    assert session.ends_at == clock() + lasts
    assert session_store.is_valid(session, person, clock() + lasts - SECOND)
    assert not session_store.is_valid(session, person, clock() + lasts)
    person.epoch = int(person.epoch) + 1
    assert not session_store.is_valid(session, person, clock())
    person.epoch, session.person_id = int(person.epoch) - 1, "per_other"
    assert not session_store.is_valid(session, person, clock())


def read(session: SessionItem, clock: Any, later: timedelta = timedelta(0), method: str = "GET", turn: int = 0) -> Any:
    """Reads the session by the cookie of its turn, so many turns ago."""
    session.turn = int(session.turn) - turn
    cookie = sessions.cookie_of(session).partition(";")[0]
    session.turn = int(session.turn) + turn
    return sessions.read({"cookie": f"other=1; {cookie}; heardback_session=second"}, method, clock() + later)


@pytest.mark.parametrize(
    ("method", "later", "rotates"),
    [("GET", HOUR - SECOND, False), ("GET", HOUR, True), ("POST", HOUR, False), ("POST", 2 * HOUR, False)],
)
def test_a_cookie_rotates_with_the_first_page_after_an_hour(
    begin: Any, clock: Any, method: str, later: timedelta, rotates: bool
) -> None:
    """Not with a form: its answer may be lost."""
    visitor = read(begin(), clock, later, method)
    assert visitor is not None and (visitor.set_cookie is not None) == rotates
    [stored] = session_store.of_employer(visitor.employer.id)
    assert (int(stored.turn), stored.turned_at) == ((2, clock() + later) if rotates else (1, clock()))
    if rotates:
        assert stored.expires_at == int((clock() + later + 7 * DAY).timestamp())
        assert visitor.set_cookie == sessions.cookie_of(stored)


@pytest.mark.parametrize(
    ("later", "turns", "works"), [(10 * MINUTE - SECOND, 1, True), (10 * MINUTE, 1, False), (SECOND, 2, False)]
)
def test_the_cookie_of_the_turn_before_works_for_ten_minutes(
    begin: Any, clock: Any, later: timedelta, turns: int, works: bool
) -> None:
    """It gets the present one. After that, or two turns ago, it ends the session for everybody."""
    session = begin()
    employer_id = session.PK.split("#")[1]
    SessionItem(*session.key).update([SessionItem.turn.set(4)])
    session.turn = 4
    visitor = read(session, clock, later, turn=turns)
    assert (visitor and visitor.set_cookie) == (sessions.cookie_of(session) if works else None)
    assert [int(one.turn) for one in session_store.of_employer(employer_id)] == ([4] if works else [])


def test_a_cookie_is_signed_and_names_a_browsers_session(begin: Any, clock: Any) -> None:
    """An app's session has tokens; a cookie of it opens nothing."""
    assert read(begin(app=True), clock) is None
    session = begin()
    assert sessions.cookie_of(session).startswith("heardback_session=")
    visitor = read(session, clock)
    assert visitor.person.name == "Dana Reyes" and not visitor.is_manager
    assert (visitor.actor.type, visitor.actor.id, visitor.actor.name) == ("person", visitor.person.id, "Dana Reyes")
    for cookie in ("", "heardback_session=x", "heardback_session", sessions.delete_cookie()):
        assert sessions.read({"cookie": cookie}, "GET", clock()) is None
    assert sessions.delete_cookie().partition(" Path")[0] == "heardback_session=; Max-Age=0;"
    assert "; Max-Age=604800; " in sessions.cookie_of(session)


@pytest.mark.parametrize(("later", "works"), [(HOUR - SECOND, True), (HOUR, False)])
def test_an_access_token_ends_after_an_hour(begin: Any, clock: Any, later: timedelta, works: bool) -> None:
    granted = tokens.grant(begin(app=True))
    assert raises(Expired, lambda now: tokens.read_access(granted.access_token, now), clock() + later) == (not works)
    with pytest.raises(BadToken):
        tokens.read_access(granted.refresh_token, clock())


def test_an_ended_apps_access_token_is_refused_until_it_would_have_ended(person: PersonItem, begin: Any, clock: Any) -> None:
    """Each end is remembered for the hour that an access token may still last, and then dropped."""
    first, second, third = begin(app=True), begin(app=True), begin(app=True)
    ends = [clock(), clock() + HOUR - SECOND, clock() + HOUR]
    kept = []
    for session, now in zip((first, second, third), ends, strict=True):
        session_store.end(session, now)
        stored: Any = table.get(*person.key)
        kept.append([one for one, _ in stored.ended_sessions])
        assert session_store.is_ended(session.id, stored)
    assert kept == [[first.id], [first.id, second.id], [second.id, third.id]]
    assert stored.ended_sessions[0] == [second.id, int((ends[1] + HOUR).timestamp())]
    assert not session_store.is_ended(first.id, stored)
