"""The words of a letter for one application: for sending, and for the preview before it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import call_back_for, candidate_of, written_out
from chalicelib.auth.actors import Actor
from chalicelib.rules.copy import letters
from chalicelib.rules.copy.letters import LetterFields
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import LetterReason, Message


def words(
    item: ApplicationItem,
    employer: Employer,
    reasons: Sequence[LetterReason],
    feedback_by: datetime | None,
    unsubscribe_url: str | None,
    by: Actor | None = None,
) -> Message:
    """Returns the mail; `by` signs where it is a person. Raises ValueError where the candidate has no address."""
    fields = LetterFields(
        employer=employer,
        candidate=candidate_of(item),
        call_back=written_out(call_back_for(item, employer)),
        job_title=item.job_title,
        stage=item.wait_stage or "interview",
        begun_at=item.created_at,
        reasons=tuple(reasons),
        feedback_by=feedback_by,
        sender=by.name if by and by.type == "person" else None,
    )
    return letters.letter(fields, unsubscribe_url)
