"""Bugs in who gets mails about an account, and what an employer on trial may send."""

from __future__ import annotations

from chalicelib.auth.users import people_at
from tests.simulation.planted.bug import Bug, always_return, wrap

GATE = "chalicelib.messaging.gate"
USERS = "chalicelib.accounts.users.service"

BUGS: tuple[Bug, ...] = (
    Bug(
        "mail before an invitation is accepted",
        "An employer mails strangers sign-in links by naming their addresses.",
        [wrap(USERS, "signing_in_with", lambda original: people_at)],
    ),
    Bug(
        "a changed address counts as accepted",
        "An employer names its own address first and a stranger's afterwards.",
        [always_return("chalicelib.accounts.users.invitation", "prepare_anew", None)],
    ),
    Bug(
        "no sign-in mail in reserve",
        "A stranger locks a recruiter out by asking for links to their address.",
        [always_return(GATE, "_from_reserve", False)],
    ),
    Bug(
        "trial mail to a stranger",
        "An employer that nobody has looked at writes to anybody.",
        [always_return("chalicelib.rules.employer", "Employer.may_write_to", True)],
    ),
)
