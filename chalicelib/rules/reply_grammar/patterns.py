"""All patterns, compiled."""

from __future__ import annotations

import re

from chalicelib.rules.reply_grammar.english import ENGLISH, ENGLISH_NEGATED
from chalicelib.rules.reply_grammar.more_languages import ARABIC, CHINESE, HINDI, JAPANESE, POLISH, RUSSIAN
from chalicelib.rules.reply_grammar.other_languages import DUTCH, FRENCH, GERMAN, HEBREW, ITALIAN, KOREAN, PORTUGUESE, SPANISH

IMPERATIVES = tuple(re.compile(rf"(?:{pattern})(?!\S)") for pattern in ENGLISH)
FOREIGN = tuple(
    re.compile(rf"(?:{pattern})(?!\S)")
    for language in (SPANISH, FRENCH, GERMAN, PORTUGUESE, ITALIAN, DUTCH, HEBREW, POLISH, RUSSIAN, ARABIC, HINDI)
    for pattern in language
)
"""The same in other languages, where a "no" directly before one says the opposite."""
NEGATED = tuple(re.compile(rf"(?:{pattern})(?!\S)") for pattern in ENGLISH_NEGATED)
JOINED = tuple(re.compile(pattern) for language in (KOREAN, CHINESE, JAPANESE) for pattern in language)
ASKING = re.compile(
    r"(?:please |pls |and |so |hey |hi )*(?:can|could|would|will) (?:you|u)\b|(?:me )?pueden?\b|podrian?\b|podeis\b|pouvez|"
    r"pourriez|konn|kann|pode|poderia|potete|puoi|"
    r"potreste|kunt|kun|kunnen|willen|wil|אפשר|תוכלו"
)
"""A question that is a request."""
