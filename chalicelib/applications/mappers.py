"""Converts stored items to the records of `rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.api.phone_numbers import country_of, dear_to_call
from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem, WaitItem
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, Contact, Interview, Statement, Wait
from chalicelib.rules.reminders import next_step


def candidate_of(item: ApplicationItem) -> Candidate:
    """The candidate, from the copy that the application carries."""
    return Candidate(
        id=item.candidate_id,
        name=item.name,
        email=item.email,
        phone=item.phone,
        phone_takes_texts=bool(item.phone_takes_texts),
        timezone=item.timezone,
        locale=item.locale,
        sms_consent_at=item.sms_consent_at,
        unconfirmed=bool(item.unconfirmed),
        reminded_elsewhere=item.linked == "seeker",
    )


def is_reachable(item: ApplicationItem) -> bool:
    """Whether the candidate has a phone number or an email address (`Candidate.reachable`)."""
    return bool(item.phone or item.email)


def recipient_of(item: ApplicationItem) -> Candidate:
    """The candidate with the country of a number that is texted: without a time zone, texts go by it."""
    candidate = candidate_of(item)
    if candidate.timezone or next_step.channel(candidate) != "sms":
        return candidate
    return replace(candidate, phone_country=country_of(candidate.phone or ""))


def call_back_of(item: ApplicationItem | InterviewItem) -> CallBack:
    """The contact named by the interview. The employer's own is the fallback (`CallBack.or_else`)."""
    return CallBack(item.call_back_name, item.call_back_phone, item.call_back_email)


def call_back_for(item: ApplicationItem | InterviewItem, employer: Employer) -> CallBack:
    """The contact that a candidate is asked to call: the interview's, else the employer's.

    Numbers that are dear to call are refused at the API. Those stored before that are left out here.
    """
    if employer.seeker:  # a name alone says who to ask for
        return _affordable(call_back_of(item))
    return _affordable(call_back_of(item)).or_else(_affordable(employer.call_back))


def written_out(call_back: CallBack) -> CallBack:
    """The contact as messages show it: with its number grouped as in its country."""
    from chalicelib.api.phone_numbers import readable_phone  # late: only what is written to people needs it

    return replace(call_back, phone=readable_phone(call_back.phone)) if call_back.phone else call_back


def _affordable(call_back: CallBack) -> CallBack:
    return replace(call_back, phone=None) if call_back.phone and dear_to_call(call_back.phone) else call_back


def open_wait_of(item: ApplicationItem) -> Wait | None:
    """The open wait, from the copy that the application carries; None where there is none."""
    if item.wait_state != "open":
        return None
    return Wait(cause=item.wait_cause, stage=item.wait_stage, since=item.wait_since, word_due_at=item.word_due_at)


def interview_of(item: InterviewItem) -> Interview:
    return Interview(
        id=item.id,
        stage=item.stage,
        start_at=item.start_at,
        end_at=item.end_at,
        booked_at=item.booked_at,
        word_due_hours=int(item.word_due_hours),
        next_word_by=item.next_word_by,
        call_back=call_back_of(item),
        status=item.status,
    )


def contact_of(item: ContactItem) -> Contact:
    return Contact(
        id=item.id,
        channel=item.channel,
        outcome=item.outcome,
        occurred_at=item.occurred_at,
        recorded_at=item.recorded_at,
        decision=item.decision,
        promised_by=item.promised_by,
        promise_named=item.next_word_by is not None,
        voided=item.voided_at is not None,
    )


def statement_of(item: StatementItem) -> Statement:
    return Statement(
        id=item.id,
        heard=bool(item.heard),
        at=item.at,
        recorded_at=item.recorded_at,
        decision=item.decision,
        voided=bool(item.voided),
        promised_by=item.promised_by,
    )


def wait_of(item: WaitItem) -> Wait:
    return wait_with(item.attribute_values)


def wait_with(attributes: Mapping[str, Any]) -> Wait:
    """A wait from the attributes of its item."""
    return Wait(
        cause=attributes["cause"],
        stage=attributes["stage"],
        since=attributes["since"],
        word_due_at=attributes["word_due_at"],
        state=attributes["state"],
        answered_at=attributes.get("answered_at"),
        answered_by=attributes.get("answered_by"),
        answer=attributes.get("answer"),
    )
