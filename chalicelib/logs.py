"""Redacts errors in logs: their kind, their causes' kinds and where they happened are kept, their words are not.

A library's error may quote a value, and a provider's an address. More people read logs than records, and logs are stored
elsewhere: no name, number or address may be in them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.errors import SettingError

_QUOTES_NO_VALUE = (AttributeError, NameError, ImportError, NotImplementedError, SettingError)


class Redacted(Exception):
    """Stands for an error, by its kind. Its words are left out."""


class _Record(logging.LogRecord):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[1] is not None:
            self.exc_info = _redacted(self.exc_info[1])


def install_redaction() -> None:
    """Installs the redaction for the whole process. Idempotent."""
    logging.setLogRecordFactory(_Record)


def _redacted(error: BaseException) -> Any:
    redacted = Redacted(", from ".join(_kind(one) for one in _chain(error)))
    return Redacted, redacted.with_traceback(error.__traceback__), error.__traceback__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, ClientError):  # the service's error code, and the operation
        return f"{name} {error.response.get('Error', {}).get('Code', '')} of {error.operation_name}"
    return f"{name}: {error}" if isinstance(error, _QUOTES_NO_VALUE) else name
