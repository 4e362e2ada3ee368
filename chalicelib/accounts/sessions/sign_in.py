"""Signs people in by mail: a link and a 6-digit code, each mail for one sign-in.

Known and unknown addresses get the same response, after the same time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from chalicelib.accounts.users import service as people
from chalicelib.accounts.users.invitation import wrong_code
from chalicelib.auth import rate_limit, sign_in_codes, sign_in_links
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.session_store import Client
from chalicelib.auth.sign_in_codes import WrongCode
from chalicelib.auth.users import PersonItem, SessionItem
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.messaging import gate, providers, send_now
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.copy.sign_in import sign_in_mail
from chalicelib.rules.model import Message
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import get_many

RESPONSE_SECONDS = 0.7
"""Longer than sending a mail nearly always takes, so that the time does not show whether an address is known."""
REFUSAL_SECONDS = 0.3
"""The same for a code that did not work: its tries are counted, those of an unknown address are not."""
MAX_EMPLOYERS = 10


def wait(began: float, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Waits until so many seconds after `began`, a monotonic time."""
    sleep(max(0.0, seconds - (time.monotonic() - began)))


def may_ask(network: str, now: datetime) -> bool:
    """Counts a request for a mail. Returns False where this network asked too often, also for addresses that are unknown."""
    return rate_limit.allow_within_hour("sign-in place", network, rate_limit.ASKED_FROM_ONE_PLACE, now)


def mail(email: str, network: str, now: datetime, link_query: str = "") -> None:
    """Sends one mail, with a link and a code for each employer at which the address was accepted; none where there is none.

    Over the quotas nothing is sent, and nothing is said: the codes of earlier mails go on to work.
    """
    known = people.signing_in_with(email)[:MAX_EMPLOYERS]
    keys = [(employer_pk(person.employer_id), "EMP") for person in known]
    found = get_many(keys) if keys else {}
    pairs = [(person, found.get(key)) for person, key in zip(known, keys, strict=True)]
    at = [(person, item) for person, item in pairs if isinstance(item, EmployerItem)]
    if at:
        _send(at, network, now, link_query)


def _send(at: Sequence[tuple[PersonItem, EmployerItem]], network: str, now: datetime, link_query: str) -> None:
    made = sign_in_codes.make([person for person, _ in at], now)
    ways = [
        (item.name, f"{settings().base_url}/sign-in/{sign_in_links.new_token(person, now, one.nonce)}{link_query}", one.code)
        for (person, item), one in zip(at, made, strict=True)
    ]
    person, item = at[0]
    words = _to_seeker(person.email, item, ways[0]) if item.seeker and len(at) == 1 else sign_in_mail(person.email, ways)
    asked = OnDemand("sign_in", words, employer_of(item), network)
    if gate.allow(asked, now) is None:
        try:
            sign_in_codes.store(made)
        except ConditionFailed:  # erased or removed at this moment
            gate.refused(asked, now)
            return
        send_now.send_allowed(asked, providers.channels(), now)


def _to_seeker(email: str, item: EmployerItem, way: tuple[str, str, str]) -> Message:
    """Writes the mail to somebody who keeps their own interviews alone, in their language."""
    from chalicelib.applications.seekers import tenant  # late: most deployments have no job seekers
    from chalicelib.rules.copy import seeker_account

    _, link, code = way
    return seeker_account.sign_in_mail(email, link, code, tenant.language(item))


def by_code(
    email: str, code: str, client: Client, network: str, now: datetime, sleep: Callable[[float], None] = time.sleep
) -> tuple[SessionItem, bool]:
    """Signs in by a mailed code; returns the session, and whether the same request made it before.

    Raises Unprocessable for any wrong code, TooManyRequests after some.
    """
    began = time.monotonic()
    attempt = rate_limit.try_code("code", email, network, now)
    try:
        if attempt.allowed:
            signed_in = sign_in_codes.sign_in(email, code, client, now)
            rate_limit.code_worked("code", email, network, now)
            return signed_in
    except WrongCode:
        pass
    wait(began, REFUSAL_SECONDS, sleep)
    raise wrong_code(attempt, "is wrong, too old, or was used", now)
