"""What a new employer has still to do, shown on Today until there is a first wait. Each step ticks itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from chalicelib.accounts.users import service as people
from chalicelib.api import pagination
from chalicelib.auth.sessions import Visitor


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with the page that does it."""

    label: str
    path: str
    done: bool


def steps(visitor: Visitor) -> list[Step]:
    """Return the steps with their state; empty once all are done."""
    employer = visitor.employer
    begun = bool(list(islice(pagination.ids_of_kind(employer.id, "APP")(None), 1)))
    found = [
        Step("Set the contact for candidates", "/settings#company", bool(employer.call_back.phone or employer.call_back.email)),
        Step("Add your first interview", "/people/add", begun),
        Step("Or import a spreadsheet", "/people/import", begun),
        Step("Or connect your hiring system", "/settings/connections", begun),
        Step("Choose who gets the morning digest", "/settings#reminders", bool(employer.digest_to)),
        Step("Send yourself a test text", "/settings/test-text", visitor.person.tested_at is not None),
        Step("Invite your team", "/settings#people", len(people.of_employer(employer.id)) > 1),
    ]
    return [] if all(step.done for step in found) else found
