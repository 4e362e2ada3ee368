"""How long sessions, links and codes last, how often they may be tried, and what stands in cookies and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.auth import (
    actors,
    audit_log,
    employers,
    invitations,
    rate_limit,
    session_store,
    sessions,
    sign_in_codes,
    sign_in_links,
    single_sign_on,
    tokens,
    users,
)
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import Origin

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULES: list[tuple[Any, str, Any]] = [
    (actors, "OPERATOR", Actor("operator", None, None)),
    (actors, "SYSTEM", Actor("system", None, None)),
    (actors, "CANDIDATE", Actor("candidate", None, None)),
    (audit_log, "KEPT", 400 * DAY),
    (audit_log, "FIELDS_MOST", 50),
    (audit_log, "PAGE", 50),
    (audit_log, "NOBODY", Origin(Actor("system", None, None), None)),
    (employers, "OWN_COUNTRIES", "own_countries"),
    (invitations, "LASTS", 14 * DAY),
    (invitations, "TRIES_MOST", 5),
    (rate_limit, "BUCKETS_MOST", 10_000),
    (rate_limit, "BURST_SECONDS", 2),
    (rate_limit, "MAILS_TO_ONE_ADDRESS", 5),
    (rate_limit, "ASKED_FROM_ONE_PLACE", 60),
    (rate_limit, "CODES_AN_HOUR", 5),
    (rate_limit, "CODES_FROM_KNOWN", 5),
    (rate_limit, "KNOWN_FOR", 90 * DAY),
    (session_store, "ACCESS_LASTS", HOUR),
    (sessions, "COOKIE", "heardback_session"),
    (sessions, "ROTATES_AFTER", HOUR),
    (sessions, "ROTATION_GRACE", 10 * MINUTE),
    (sign_in_codes, "TRIES_MOST", 5),
    (sign_in_codes, "MAILS_THAT_COUNT", 2),
    (sign_in_links, "LINK_LIFETIME", 15 * MINUTE),
    (single_sign_on, "CLOCKS_DIFFER", 60),
    (single_sign_on, "GOOGLE", "https://accounts.google.com"),
    (single_sign_on, "MICROSOFT_HOST", "login.microsoftonline.com"),
    (single_sign_on, "SHARED_TENANTS", ("common", "organizations", "consumers")),
    (tokens, "ACCESS", "hba_"),
    (tokens, "REFRESH", "hbr_"),
    (users, "IDLE", 7 * DAY),
    (users, "LASTS", 30 * DAY),
    (users, "APP_IDLE", 30 * DAY),
    (users, "APP_LASTS", 90 * DAY),
    (users, "SEEKER_ADDRESS", "AT#seeker"),
    (
        users,
        "ROLE_SCOPES",
        {"recruiter": ("read", "write"), "manager": ("read", "write", "manage"), "seeker": ("my",)},
    ),
]


@pytest.mark.parametrize(("module", "name", "value"), RULES, ids=lambda one: getattr(one, "__name__", None))
def test_a_limit_or_a_time_of_signing_in_is_as_stated(module: Any, name: str, value: Any) -> None:
    assert getattr(module, name) == value
