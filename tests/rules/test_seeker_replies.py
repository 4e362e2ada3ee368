"""What a job seeker texts back: an outcome only where it certainly is one."""

from __future__ import annotations

import pytest

from chalicelib.rules.seeker_replies import classify_seeker_reply


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("CALLED", "called"),
        ("I called them today.", "called"),
        ("just called", "called"),
        ("heard", "heard"),
        ("They called me back!", "heard"),
        ("Yes", "heard"),
        ("I heard back from them", "heard"),
        ("No answer", "no_answer"),
        ("NOANSWER", "no_answer"),
        ("left a voicemail", "no_answer"),
        ("nobody answered", "no_answer"),
        ("No one picked up", "no_answer"),
        ("Went to voicemail", "no_answer"),
        ("left them a message", "no_answer"),
        ("Called this morning", "called"),
        ("heard from them", "heard"),
        ("They got back to me", "heard"),
        ("I will call", None),
        ("They called it off", None),
        ("missed their call", None),
        ("called, no answer", None),
        ("should I have called?", None),
        ("they never called", None),
        ("not called yet", None),
        ("No", None),
        ("", None),
        ("I called my mother about the weather", None),
    ],
)
def test_a_text_is_an_outcome_only_where_it_certainly_is(body: str, outcome: str | None) -> None:
    assert classify_seeker_reply(body) == outcome
