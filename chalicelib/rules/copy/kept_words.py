"""The words of a sent message as they are kept: for people who read an application's history."""

from __future__ import annotations

import re

WORDS_MOST = 4_000
LINK = "[personal link]"
"""Replaces each link in the kept words: anyone who opens one acts as the candidate, or ends their messages."""
_LINK = re.compile(r"https?://\S+")


def kept_words(text: str) -> str:
    """Returns the words of a message without its links, cut after `WORDS_MOST` characters."""
    return _LINK.sub(LINK, text).strip()[:WORDS_MOST]
