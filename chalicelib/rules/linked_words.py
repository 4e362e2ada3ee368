"""Which words two linked applications pass on to each other: when the candidate was told, and to which day they were put off.

No decision, note, feedback or name is among them. A word that was passed on is never passed back: each side counts only what
was recorded there, so the words of neither depend on those of the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.rules.model import Contact, Statement
from chalicelib.rules.waits import Folded


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `key` tells it from others of its application; `promised_by` is the day that it names, if any."""

    key: str
    at: datetime
    promised_by: datetime | None = None


def words(folded: Folded, contacts: Iterable[Contact], statements: Iterable[Statement], since: datetime) -> list[Word]:
    """Returns the words since an instant, oldest first. `folded` is the fold of the facts that were recorded on this side.

    Contacts that reached the candidate and statements "I heard" are words while they count, and so is an invitation that
    answered a wait. Attempts are none.
    """
    opened = {wait.cause: wait.word_due_at for wait in folded.waits}
    found = [Word(one.id, one.occurred_at, opened.get(one.id)) for one in contacts if one.id in folded.reached]
    found += [Word(one.id, one.at, opened.get(one.id)) for one in statements if one.id in folded.heard]
    invited = [wait for wait in folded.waits if wait.answered_by == "interview" and wait.answered_at]
    found += [Word(f"invited {wait.cause}", wait.answered_at) for wait in invited if wait.answered_at]
    return sorted((one for one in found if one.at >= since), key=lambda one: (one.at, one.key))
