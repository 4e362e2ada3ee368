"""Which cookie names the session, over HTTP and HTTPS, and which links are logged when they sign nobody in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import config
from chalicelib.auth import session_store, sessions, sign_in_links
from chalicelib.auth.session_store import Client
from chalicelib.auth.users import PersonItem, SessionItem
from chalicelib.signing import BadToken, Expired
from chalicelib.storage.table import Transaction


@pytest.fixture
def address(stack: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """address("https://heardback.example/api") sets where the deployment is."""

    def set_to(url: str) -> None:
        monkeypatch.setenv("HEARDBACK_BASE_URL", url)
        config.forget()

    yield set_to
    monkeypatch.undo()
    config.forget()


def opened(person: PersonItem, now: Any) -> SessionItem:
    transaction = Transaction()
    session = session_store.open_session(person, transaction, Client("203.0.113.7"), now)
    transaction.commit()
    return session


def value_of(session: SessionItem) -> str:
    """The cookie's value, without its name and attributes."""
    return sessions.cookie_of(session).partition(";")[0].partition("=")[2]


@pytest.mark.parametrize(
    ("url", "cookie"),
    [
        ("http://heardback.example", "form=x; Max-Age=604800; Path=/; Secure; HttpOnly; SameSite=Lax"),
        ("http://heardback.example/api", "form=x; Max-Age=604800; Path=/api; Secure; HttpOnly; SameSite=Lax"),
        ("https://heardback.example/api", "__Host-form=x; Max-Age=604800; Path=/; Secure; HttpOnly; SameSite=Lax"),
    ],
)
def test_a_cookie_is_for_this_deployments_path_and_over_https_for_its_host(address: Any, url: str, cookie: str) -> None:
    """Browsers take the prefix over HTTPS and for the whole host alone."""
    address(url)
    assert sessions.set_cookie("form", "x") == cookie
    assert sessions.cookies({"cookie": "a=1; b=2=3;c ; a=4"}) == {"a": "1", "b": "2=3", "c": ""}


def test_over_https_the_cookie_of_this_host_alone_is_read(address: Any, person: PersonItem, clock: Any) -> None:
    """One under the plain name, which a neighbouring domain can plant, neither replaces it nor signs anybody in."""
    address("https://heardback.example")
    own, planted = opened(person, clock()), opened(person, clock())
    both = {"cookie": f"heardback_session={value_of(planted)}; __Host-heardback_session={value_of(own)}"}
    visitor = sessions.read(both, "GET", clock())
    assert visitor is not None and visitor.session.id == own.id and visitor.set_cookie is None
    assert sessions.read({"cookie": f"heardback_session={value_of(planted)}"}, "GET", clock()) is None


def test_over_https_a_session_that_began_without_the_prefix_gets_it(address: Any, person: PersonItem, clock: Any) -> None:
    session = opened(person, clock())
    SessionItem(*session.key).update([SessionItem.host_cookie.remove()])
    address("https://heardback.example")
    visitor = sessions.read({"cookie": f"heardback_session={value_of(session)}"}, "POST", clock())
    assert visitor is not None and visitor.session.id == session.id
    assert visitor.set_cookie is not None and visitor.set_cookie.startswith(f"__Host-heardback_session={value_of(session)};")


def test_no_cookie_outlives_its_session_or_its_person(person: PersonItem, clock: Any) -> None:
    for gone in (lambda session: session.delete(), lambda _: person.delete()):
        session = opened(person, clock())
        headers = {"cookie": f"heardback_session={value_of(session)}"}
        assert sessions.read(headers, "GET", clock()) is not None
        gone(session)
        assert sessions.read(headers, "GET", clock()) is None


def test_a_link_that_was_never_ours_is_logged_and_an_old_one_is_not(person: PersonItem, clock: Any, caplog: Any) -> None:
    """An alarm counts the lines. People open old links all the time."""
    link = sign_in_links.new_token(person, clock())
    with pytest.raises(BadToken):
        sessions.begin(link[:-4] + "AAAA", clock())
    assert [record.getMessage() for record in caplog.records].count("sign_in_failed") == 1
    with pytest.raises(Expired):
        sessions.begin(link, clock() + timedelta(minutes=15))
    assert [record.getMessage() for record in caplog.records].count("sign_in_failed") == 1
