"""Who gets a digest: the addresses of the employer's lists, and each owner of applications, who gets their own.

An owner who has not accepted, left the team, ended the digest or may not be written to gets none. What they own then goes to the
employer's list: nobody's wait is told to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chalicelib.applications import team
from chalicelib.rules.employer import Employer

DigestStep = Literal["digest", "owner_digest", "escalation", "weekly_report"]
OWN: DigestStep = "owner_digest"
"""The digest of what one person owns."""
WEEKLY: DigestStep = "weekly_report"
"""The report of the week, which names nobody. It goes with the week's first digest."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mail: which digest, its address, and whose applications. `owner_id` is None where it is not one owner's."""

    step: DigestStep
    to: str
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Recipients:
    """All recipients, and the addresses of owners who get a digest of their own, by the person's id."""

    all: tuple[Recipient, ...]
    owners: Mapping[str, str]


def of(employer: Employer) -> Recipients:
    """Reads who gets the employer's digests, each once. One query of its people."""
    people = team.accepted(employer.id)
    owners = {one.id: one.email for one in people if one.digest_ended_at is None and employer.may_write_to(one.email)}
    lists: list[Recipient] = [Recipient("digest", to) for to in employer.digest_to]
    lists += [Recipient(OWN, email, person_id) for person_id, email in sorted(owners.items())]
    lists += [Recipient("escalation", to) for to in employer.policy.escalate_to]
    lists += [Recipient(WEEKLY, to) for to in employer.policy.report_to]
    return Recipients(tuple(dict.fromkeys(lists)), owners)
