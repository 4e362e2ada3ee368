"""Sets the language in which a job seeker is written to and shown their pages."""

from __future__ import annotations

from collections.abc import Callable
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
    _write_to(_keep(employer_id, language, now, lambda item: tenant.language(item) == language), now)


def set_locale(employer_id: str, locale: str, now: datetime, check: Callable[[EmployerItem], None]) -> EmployerItem:
    """Sets the locale itself, as `choose` does the language.

    `check` sees the record as read, and raises for a stale If-Match. Raises NotFound, Conflict.
    """

    def is_set(item: EmployerItem) -> bool:
        check(item)
        return (item.seeker or {}).get("locale") == locale

    item = _keep(employer_id, locale, now, is_set)
    _write_to(item, now)
    return item


def _write_to(item: EmployerItem, now: datetime) -> None:
    """Writes to the seeker in the language that they chose."""
    candidate = tenant.candidate_id(item.id, (item.seeker or {})["person_id"])
    if candidate is not None:
        candidates.change(employer_of(item), candidate, {"locale": (item.seeker or {})["locale"]}, now, lambda _: None)


def _keep(employer_id: str, locale: str, now: datetime, is_set: Callable[[EmployerItem], bool]) -> EmployerItem:
    for _ in range(_TRIES):
        item = table.get(employer_pk(employer_id), "EMP")
        if not isinstance(item, EmployerItem) or item.seeker is None:
            raise NotFound
        if is_set(item) and item.seeker.get("locale"):
            return item
        before = table.snapshot(item)
        item.seeker = {**item.seeker, "locale": locale}
        item.revision, item.updated_at = int(item.revision) + 1, now
        transaction = Transaction()
        transaction.update(item, table.changes(item, before), EmployerItem.revision == before["revision"])
        try:
            transaction.commit()
        except ConditionFailed:
            continue
        return item
    raise Conflict("Others changed this at the same time: try again.")
