"""What our logs say of an error: its kind, its causes' kinds and where it happened. Not its words, which may quote a person.

A library's error names the value that it did not like, a provider's the address that it would not write to. Logs are read by more
people than records are, and live elsewhere: no name, number or address belongs in them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.errors import SettingError

_SAYS_NO_VALUE = (AttributeError, NameError, ImportError, NotImplementedError, SettingError)


class Redacted(Exception):
    """An error, by kind. Its words are left out."""


class _Record(logging.LogRecord):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[1] is not None:
            self.exc_info = _told(self.exc_info[1])


def install_redaction() -> None:
    """For the whole process. Twice is once."""
    logging.setLogRecordFactory(_Record)


def _told(error: BaseException) -> Any:
    unsaid = Redacted(", from ".join(_kind(one) for one in _chain(error)))
    return Redacted, unsaid.with_traceback(error.__traceback__), error.__traceback__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, ClientError):  # the service's own word for it, and what was asked of it
        return f"{name} {error.response.get('Error', {}).get('Code', '')} of {error.operation_name}"
    return f"{name}: {error}" if isinstance(error, _SAYS_NO_VALUE) else name
