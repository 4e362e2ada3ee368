"""Links by which a decider answers: signed, expiring, and bound to the person, the application and its wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from chalicelib.applications.decider_schedule import wait_key
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import open_wait_of
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.config import settings
from chalicelib.rules.model import Wait
from chalicelib.signing import BadToken, Expired, sign_token, verify_token
from chalicelib.storage import ids, keys, table

LASTS = timedelta(days=14)
"""After word was due, or after the mail: later a person signs in."""
_PURPOSE = "decide"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a decider's link leads to, as it is now."""

    employer: EmployerItem
    application: ApplicationItem
    person: PersonItem
    is_current: bool
    """Whether the candidate still waits for the very word that the mail asked about."""


def url(application: ApplicationItem, wait: Wait, person_id: str, now: datetime) -> str:
    """Makes the address of the page, to which the mail adds the answer."""
    payload = f"{application.employer_id} {application.id} {person_id} {_hash_of(wait)}".encode()
    return f"{settings().base_url}/d/{sign_token(settings().sign, _PURPOSE, payload, max(now, wait.word_due_at) + LASTS)}"


def read(token: str, now: datetime) -> OpenedLink:
    """Reads a link. Raises BadToken, Expired; Expired too where the person left, decides no more, or somebody was erased."""
    parts = verify_token(settings().sign, _PURPOSE, token, now).decode("utf-8", "replace").split(" ")
    if len(parts) != 4 or not all(ids.is_id(one, kind) for one, kind in zip(parts, ("emp", "app", "per"), strict=False)):
        raise BadToken
    employer_id, application_id, person_id, wait_hash = parts
    where = ((keys.employer_pk(employer_id), "EMP"), (keys.case_pk(employer_id, application_id), "APP"))
    found = table.get_many([*where, person_key(employer_id, person_id)])
    employer, application, person = (found.get(key) for key in (*where, person_key(employer_id, person_id)))
    if not (isinstance(employer, EmployerItem) and isinstance(application, ApplicationItem) and isinstance(person, PersonItem)):
        raise Expired
    if application.decider_id != person_id or not person.is_accepted:
        raise Expired
    wait = open_wait_of(application)
    return OpenedLink(employer, application, person, wait is not None and _hash_of(wait) == wait_hash)


def _hash_of(wait: Wait) -> str:
    return sha256(wait_key(wait).encode()).hexdigest()[:16]
