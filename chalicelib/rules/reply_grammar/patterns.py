"""All patterns, compiled."""

from __future__ import annotations

import re

from chalicelib.rules.reply_grammar.english import ENGLISH, ENGLISH_NEGATED
from chalicelib.rules.reply_grammar.other_languages import DUTCH, FRENCH, GERMAN, HEBREW, ITALIAN, KOREAN, PORTUGUESE, SPANISH

IMPERATIVES = tuple(
    re.compile(rf"(?:{pattern})(?!\S)")
    for language in (ENGLISH, SPANISH, FRENCH, GERMAN, PORTUGUESE, ITALIAN, DUTCH, HEBREW)
    for pattern in language
)
NEGATED = tuple(re.compile(rf"(?:{pattern})(?!\S)") for pattern in ENGLISH_NEGATED)
JOINED = tuple(re.compile(pattern) for pattern in KOREAN)
ASKING = re.compile(
    r"(?:please |pls |and |so |hey |hi )*(?:can|could|would|will) (?:you|u)\b|pueden?\b|podrian?\b|podeis\b|pouvez|"
    r"pourriez|konn|kann|pode|poderia|potete|puoi|"
    r"potreste|kunt|kun|kunnen|willen|wil|אפשר|תוכלו"
)
"""A question that is a request."""
