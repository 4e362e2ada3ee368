"""A signed-up person of an employer."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.auth.users import PersonItem, person_key
from chalicelib.storage import table
from tests.engines import join


@pytest.fixture
def person(employer: Any, outbox: Any) -> PersonItem:
    made = join(employer, outbox, "dana@example.com", "Dana Reyes").json
    item = table.get(*person_key(employer.employer_id, made["id"]))
    assert isinstance(item, PersonItem)
    return item
