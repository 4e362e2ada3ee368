"""What is stored of a session, who finds it, and what the audit log says of its beginning and end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.auth import audit_log, session_store, sessions, sign_in_links
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import AuditItem, Origin
from chalicelib.auth.session_store import Client
from chalicelib.auth.users import PersonItem, SessionItem
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/19.0 Safari/604.1"


def opened(person: PersonItem, now: Any, app: bool = False, key: str | None = None) -> SessionItem:
    transaction = Transaction()
    session = session_store.open_session(person, transaction, Client("203.0.113.7", PHONE, app, key), now)
    transaction.commit()
    return session


def entries(person: PersonItem, now: Any) -> list[AuditItem]:
    return audit_log.Entries(person.employer_id, now).newest(50)


@pytest.mark.parametrize("app", [False, True])
def test_a_session_is_stored_with_its_network_and_browser(person: PersonItem, clock: Any, app: bool) -> None:
    """The network is truncated, and the browser is in our words."""
    made = opened(person, clock.advance(minutes=1), app, "hash")
    stored = table.get(*made.key)
    assert isinstance(stored, SessionItem)
    fields = {name: value for name, value in stored.attribute_values.items() if value is not None}
    assert fields == {
        "PK": f"EMP#{person.employer_id}#PEOPLE",
        "SK": f"SESSION#{made.id}",
        "id": made.id,
        "person_id": person.id,
        "epoch": 1,
        "turn": 1,
        "created_at": clock(),
        "turned_at": clock(),
        "place": "203.0.113.0/24",
        "agent": "Safari on iPhone",
        "host_cookie": True,
        "repeatable": "hash",
        "expires_at": int((clock() + timedelta(days=30 if app else 7)).timestamp()),
        **({"app": True} if app else {}),
    }
    newest = entries(person, clock())[0]
    assert (newest.what, newest.place) == ("sign_in", "203.0.113.0/24")
    assert newest.actor == Actor("person", person.id, "Dana Reyes").stored()


def test_a_session_is_found_until_it_ends(person: PersonItem, clock: Any) -> None:
    """With its person; the newest of an employer come first."""
    first = opened(person, clock())
    second = opened(person, clock.advance(hours=1))
    third = opened(person, clock.advance(hours=1))
    employer_id = person.employer_id
    assert [one.id for one in session_store.of_employer(employer_id)] == [third.id, second.id, first.id]
    assert [one.id for one in session_store.of_person(person, clock())] == [third.id, second.id, first.id]
    assert session_store.last_seen(person, session_store.of_employer(employer_id), clock()) == clock()
    assert session_store.last_seen(person, [], clock()) is None
    found = session_store.find(employer_id, first.id, clock())
    assert found and (found[0].id, found[1].id) == (first.id, person.id)
    assert session_store.find("emp_other", first.id, clock()) is None
    assert session_store.find(employer_id, "no id", clock()) is None
    late = first.created_at + timedelta(days=7)
    assert session_store.find(employer_id, first.id, late) is None and session_store.find(employer_id, second.id, late)
    table.get(*person.key).delete()  # type: ignore[union-attr]
    assert session_store.find(employer_id, second.id, clock()) is None


def test_the_end_of_a_session_is_noted_where_somebody_ended_it(person: PersonItem, clock: Any) -> None:
    """Who did it, from where, and in which session."""
    for noted in (None, ("session_revoked", Origin(Actor("person", "per_x", "Kim"), "198.51.100.0/24"))):
        session = opened(person, clock.advance(minutes=1))
        before = len(entries(person, clock()))
        session_store.end(session, clock(), noted)
        assert table.get(*session.key) is None
        assert len(entries(person, clock())) - before == (1 if noted else 0)
    [newest] = [one for one in entries(person, clock()) if one.what == "session_revoked"]
    assert (newest.place, newest.about) == ("198.51.100.0/24", {"type": "session", "id": session.id, "name": None})
    assert newest.actor == Actor("person", "per_x", "Kim").stored()


def test_a_link_used_twice_is_noted_with_its_person(person: PersonItem, clock: Any) -> None:
    """The second use signs nobody in."""
    token = sign_in_links.new_token(person, clock())
    assert sessions.begin(token, clock(), "203.0.113.7", PHONE).startswith("heardback_session=")
    with pytest.raises(sign_in_links.Used):
        sessions.begin(token, clock(), "198.51.100.9", PHONE)
    [failed] = [one for one in entries(person, clock()) if one.what == "sign_in_failed"]
    assert (failed.place, int(failed.times)) == ("198.51.100.0/24", 1)
    assert failed.actor == Actor("person", person.id, "Dana Reyes").stored()
