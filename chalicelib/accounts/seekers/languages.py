"""Sets the language in which a job seeker is written to and shown their pages."""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.seekers import tenant
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, Conflict, NotFound
from chalicelib.rules.model import Language
from chalicelib.storage import table
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction

_TRIES = 5


def choose(employer_id: str, language: Language, now: datetime) -> None:
    """Sets the language, also of what is due already. Idempotent: after a failure half way the same again completes it.

    A locale of that language stays as it is: es-MX is Spanish. Raises NotFound where the seeker left, Conflict.
    """
    item = _keep(employer_id, language, now)
    candidate = tenant.candidate_id(employer_id, (item.seeker or {})["person_id"])
    if candidate is not None:
        candidates.change(employer_of(item), candidate, {"locale": (item.seeker or {})["locale"]}, now, lambda _: None)


def _keep(employer_id: str, language: Language, now: datetime) -> EmployerItem:
    for _ in range(_TRIES):
        item = table.get(employer_pk(employer_id), "EMP")
        if not isinstance(item, EmployerItem) or item.seeker is None:
            raise NotFound
        if item.seeker.get("locale") and tenant.language(item) == language:
            return item
        before = table.snapshot(item)
        item.seeker = {**item.seeker, "locale": language}
        item.revision, item.updated_at = int(item.revision) + 1, now
        transaction = Transaction()
        transaction.update(item, table.changes(item, before), EmployerItem.revision == before["revision"])
        try:
            transaction.commit()
        except ConditionFailed:
            continue
        return item
    raise Conflict("Others changed this at the same time: try again.")
