"""Reads what a job seeker texts back about their own interview: "called", "heard", "no answer". In doubt it is nothing.

STOP, START and HELP are read before, as for everybody (`replies`).
"""

from __future__ import annotations

import re

from chalicelib.rules.model import SeekerOutcome
from chalicelib.rules.replies import classify_reply
from chalicelib.rules.reply_text import in_full, normalized_words, own_words

_AFTER = (
    r"(?: (?:just|now|today|this morning|this afternoon|yesterday|already|again|them|him|her|back|and|got through|thanks|"
    r"thank you))*"
)
_NOBODY = (
    r"no ?answer|(?:nobody|no one|noone) (?:answered|picked up)|(?:i )?(?:left|got) (?:a )?voicemail|voicemail|"
    r"(?:i )?left (?:them )?a message|(?:it )?went to voicemail"
)
_CALLED = r"(?:i )?(?:have )?(?:just )?(?:called|phoned|rang)(?: them| him| her)?"
_THEY = r"they (?:have )?(?:just )?(?:(?:called|phoned|rang|wrote|emailed|replied|answered|texted)(?: me)?|got back to me)"
_HEARD = rf"heard(?: back)?(?: from them)?|i (?:have )?heard(?: back)?(?: from them)?|{_THEY}"
_PATTERNS: tuple[tuple[re.Pattern[str], SeekerOutcome], ...] = (
    (re.compile(rf"(?:{_NOBODY}){_AFTER}"), "no_answer"),
    (re.compile(rf"(?:{_CALLED}){_AFTER}"), "called"),
    (re.compile(rf"(?:{_HEARD}){_AFTER}"), "heard"),
)


def classify_seeker_reply(body: str) -> SeekerOutcome | None:
    """Returns the outcome that a text tells, whatever its case and punctuation; None where it tells none for certain."""
    own = own_words(body)
    if "?" in own:
        return None
    text = in_full(" ".join(normalized_words(own)))
    found = next((what for pattern, what in _PATTERNS if pattern.fullmatch(text)), None)
    return found or ("heard" if classify_reply(body) == "yes" else None)
