"""What an owner reads of a candidate's words: without links, and cut."""

from __future__ import annotations

import pytest

from chalicelib.rules.copy.reply_mails import owner_mail, quote
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import ReplyKind


@pytest.mark.parametrize(
    ("words", "most", "quoted"),
    [
        (" Hello\n there ", 1000, "Hello\n there"),
        (" Hello\n there ", 999, "Hello there"),
        ("see https://evil.example/x and WWW.evil.example now", 1000, "see [link left out] and [link left out] now"),
        ("a" * 1000, 1000, "a" * 1000),
        ("a" * 1001, 1000, "a" * 999 + "…"),
        ("abcd efgh", 6, "abcd…"),
    ],
)
def test_words_are_quoted_without_links_and_cut(words: str, most: int, quoted: str) -> None:
    """On one line where there is little space."""
    assert quote(words, most) == quoted


@pytest.mark.parametrize(
    ("kind", "subject", "said"),
    [
        ("text", "a candidate has written to you", "Jane Doe (Welder) texted:"),
        ("not_yet", "a candidate says that they have not heard", "Jane Doe (Welder) says that nobody has got in touch yet."),
        (
            "dispute",
            "a candidate disputes a logged contact",
            "Jane Doe (Welder) says that nobody got in touch, although a contact was logged. They are waiting again.",
        ),
    ],
)
def test_the_mail_says_what_the_candidate_did(kind: ReplyKind, subject: str, said: str) -> None:
    """The subject has no word of theirs and no name: it is shown on locked screens."""
    mail = owner_mail("dana@example.com", Employer("emp_1", "Acme", "UTC"), kind, "Jane Doe", "Welder", "", "https://h.example/p")
    assert mail.subject == f"Acme: {subject}"
    assert mail.text.startswith(f"{said}\n\nOpen their page: https://h.example/p\n\n")
