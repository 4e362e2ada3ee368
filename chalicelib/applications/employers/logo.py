"""An employer's logo: set, replaced and removed, with its name in the employer's item in the same transaction.

Pages that show it read the employer alone. The bytes have an item of their own, which only `/logo/…` reads.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from chalicelib.applications.employers import service
from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import Origin
from chalicelib.auth.employers import EmployerItem, LogoItem, logo_key
from chalicelib.errors import ConditionFailed, FieldError, NotFound, Unprocessable
from chalicelib.rules.logo import read_logo
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

_TRIES = 5


def put(employer_id: str, raw: bytes, origin: Origin, now: datetime) -> str:
    """Stores an image as the logo and returns its file name. The same image again writes nothing.

    Raises Unprocessable, which says what was found; NotFound; ConditionFailed where others keep changing the employer.
    """
    try:
        logo = read_logo(raw)
    except ValueError as error:
        raise Unprocessable(errors=[FieldError("/logo", str(error))]) from None
    name = f"{sha256(logo.data).hexdigest()[:32]}.{logo.suffix}"
    item = LogoItem(*logo_key(employer_id), name=name, media_type=logo.media_type, data=logo.data, uploaded_at=now)
    _set(employer_id, item, origin, now)
    return name


def remove(employer_id: str, origin: Origin, now: datetime) -> None:
    """Removes the logo. Idempotent. Raises NotFound, ConditionFailed."""
    _set(employer_id, None, origin, now)


def read(employer_id: str, name: str) -> LogoItem:
    """Reads the logo of that file name. Raises NotFound: also for an earlier logo, and while the employer is suspended."""
    employer = service.read(employer_id)
    if employer.suspended or not employer.logo or employer.logo != name:
        raise NotFound
    item = table.get(*logo_key(employer_id))
    if not isinstance(item, LogoItem) or item.name != name:
        raise NotFound
    return item


def _set(employer_id: str, logo: LogoItem | None, origin: Origin, now: datetime) -> None:
    for _ in range(_TRIES):
        item = service.read(employer_id)
        if item.logo == (logo.name if logo else None):
            return
        before, revision = table.snapshot(item), item.revision
        item.logo, item.revision, item.updated_at = logo.name if logo else None, revision + 1, now
        transaction = Transaction()
        transaction.update(item, table.changes(item, before), EmployerItem.revision == revision)
        if logo:
            transaction.put(logo)
        else:
            transaction.delete(LogoItem(*logo_key(employer_id)))
        audit_log.note(transaction, employer_id, "settings_changed", origin, now, fields=["logo"])
        try:
            transaction.commit()
            return
        except ConditionFailed as error:
            conflict = error
    raise conflict
