"""A field that clients send is stored and shown: forgetting one of the places fails here or in mypy."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chalicelib.applications import responses
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.candidates.schema import CandidateIn
from chalicelib.applications.contacts.responses import Contact
from chalicelib.applications.contacts.schema import ContactIn, StatementIn
from chalicelib.applications.employers.schema import PolicyPatch
from chalicelib.applications.interviews.schema import InterviewIn
from chalicelib.applications.items import ContactItem, InterviewItem, StatementItem
from chalicelib.openapi.document import document
from chalicelib.rules.employer import Policy

RECORDS = {
    "contact": (ContactIn, ContactItem, Contact),
    "statement": (StatementIn, StatementItem, responses.Statement),
    "interview": (InterviewIn, InterviewItem, responses.Interview),
    "candidate": (CandidateIn, CandidateItem, responses.Candidate),
}
STORED_OTHERWISE = {"contact": {"notice"}, "interview": {"call_back", "application", "application_id"}}
"""Fields that are stored under other names, or with another item."""


MADE_BY_US = {
    "contact": {"id", "status", "promised_by", "created_at", "recorded_by", "voided_at", "voided_by"},
    "statement": {"id", "created_at", "recorded_by", "application_id", "application"},
}
"""What a response shows and no client sends."""


def sent(name: str) -> set[str]:
    return set(RECORDS[name][0].model_fields)


def shown(name: str) -> set[str]:
    properties: dict[str, Any] = document()["components"]["schemas"][RECORDS[name][2].__name__]["properties"]
    return set(properties)


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_of_a_request_is_stored(name: str) -> None:
    """PynamoDB refuses an unknown attribute only when a client sends it."""
    assert sent(name) - STORED_OTHERWISE.get(name, set()) <= set(RECORDS[name][1].get_attributes())


@pytest.mark.usefixtures("stack_of_session")  # the document describes the routes of the app
@pytest.mark.parametrize("name", RECORDS)
def test_every_field_of_a_request_is_in_the_response(name: str) -> None:
    """What a client sends, it can read back."""
    assert sent(name) <= shown(name)


@pytest.mark.usefixtures("stack_of_session")
@pytest.mark.parametrize("name", MADE_BY_US)
def test_every_field_of_a_response_can_be_sent_unless_we_make_it(name: str) -> None:
    """A field that is stored and shown, and that no client can send, stays empty for ever."""
    assert shown(name) - sent(name) == MADE_BY_US[name]


def test_every_setting_of_the_policy_can_be_changed() -> None:
    """The response is the policy of the rules itself, so a setting is declared there and in the request."""
    assert set(PolicyPatch.model_fields) == {field.name for field in dataclasses.fields(Policy)}
