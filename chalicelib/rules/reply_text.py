"""Reads a text as words and clauses: without signatures, quoted lines, accents, punctuation and contractions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.rules.reply_grammar import words as word_lists
from chalicelib.rules.reply_grammar.our_words import without_our_words
from chalicelib.rules.reply_grammar.words import HELP_WORDS, NO_WORDS, START_WORDS, STOP_WORDS, YES_WORDS

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
"""Characters that no text or mail shows. Ends of lines and tabs are none of them."""
WORDS_READ = 400
NAME_WITHIN = 80
"""The name in a signature begins within this many characters of the end."""
SENTENCES_READ = 80
_SIGNATURE = re.compile(
    r"^\s*(?:--+|__+|—+|–+)\s*\S?.*$|"
    r"^\s*(?:sent|get|enviado|envoye|envoyé|gesendet|inviato|verzonden|von meinem|verstuurd|mit freundlichen|best regards|"
    r"kind regards|sincerely|נשלח מה).*$|"
    r"^\s*(?:>|on .+ wrote:|el .+ escribio:|le .+ a ecrit).*$|^\s*\S.*에서 보냄\s*$",
    re.IGNORECASE,
)
_DASHED_NAME = re.compile(r"(?:\s+[-–—~]+\s*|\s*[–—~]\s*|\s+-|\s*\n+\s*|,\s*\n+\s*)((?:[^\W\d_][\w.'’]*\s*){1,3})[\s.!]*$")
_NO_NAMES = (
    YES_WORDS
    | NO_WORDS
    | word_lists.word_set(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
        "october november december interview appointment call wait work job today tomorrow texting messaging sign street bus"
    )
)
_LIMIT = re.compile(r"[.!?;:…,\n\r\"“”«»()¡¿。！？、，।]+|\s[-–—]+\s")
_ELIDED = re.compile(r"\b(qu|[ldmnjcst])['’´`](?=\w{2})")
_VOWEL_SIGN = re.compile("[\u0900-\u0963\u0966-\u0dff\u3099\u309a]")
"""Marks of Indic letters and of kana, without which they are other letters."""
_BETWEEN_WORDS = re.compile("[^\\w\u0900-\u0963\u0966-\u0dff]+|_")
_NUMBER_SIGN = re.compile(r"\bwrong (?:#(?!\w)|num\b)", re.IGNORECASE)
_APOSTROPHES = re.compile(r"['’´`׳״]")
_SPLIT_BEFORE = re.compile(r" (?=(?:please|pls|plz|por favor|bitte) )| (?=(?:and|so|but|pero|und|aber|mais|maar|dus) )")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in normalized words. `after_they`: an earlier clause of its sentence has a third person as subject."""

    text: str
    is_question: bool
    conditional: bool
    after_they: bool
    reported: bool
    joined_on: bool = False
    """Whether only a conjunction splits it from the clause before."""


def normalized_words(body: str) -> list[str]:
    """Returns the words without case, accents, punctuation, emoji and hidden characters: "ＳＴＯＰ" is "stop"."""
    plain = unicodedata.normalize("NFKD", body).casefold()
    kept = "".join(char for char in plain if _VOWEL_SIGN.match(char) or unicodedata.category(char) not in ("Mn", "Cf", "Me"))
    kept = unicodedata.normalize("NFC", kept)  # letters of Hangul and kana are joined again
    spaced = _BETWEEN_WORDS.sub(" ", _APOSTROPHES.sub("", _ELIDED.sub(r"\1 ", kept)))
    return spaced.split()[:WORDS_READ]


def own_words(body: str) -> str:
    """Drops signatures, quoted lines, our own words and a name at the end, and so leaves what the person wrote."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = [line for number, line in enumerate(lines) if not (number and _SIGNATURE.match(line))]
    own = without_our_words("\n".join(kept).strip() if any(line.strip() for line in kept) else body)
    own = _NUMBER_SIGN.sub("wrong number", own)
    named = _DASHED_NAME.search(own, len(own) - NAME_WITHIN)  # a negative place is the beginning
    if named and own[: named.start()].strip() and is_name(named[1]):
        own = own[: named.start()]
    return own


def is_name(text: str) -> bool:
    """Whether a text is one to three capitalised words, none of which we know."""
    known = _NO_NAMES | word_lists.COURTESIES | word_lists.LEAD | word_lists.TAIL | STOP_WORDS | START_WORDS | HELP_WORDS
    return all(word[0].isupper() and known.isdisjoint(normalized_words(word)) for word in text.split())


def pairs_joined(words: Sequence[str]) -> list[str]:
    """Joins "opt out" to "optout", "수신 거부" to "수신거부", and so on."""
    text = " ".join(words)
    return re.sub(
        r"\b(opt|un|stop|수신|구독|e|الغاء) (out|in|subscribe|stop|mails?|mailing|거부|거절|취소|해지|동의|허용|الاشتراك)\b",
        _join_known,
        text,
    ).split()


def _join_known(match: re.Match[str]) -> str:
    both = match[1] + match[2]
    return both if both in STOP_WORDS | START_WORDS | {"email", "emails", "emailing"} else match[0]


def split_clauses(own: str) -> list[Clause]:
    """Splits a text into sentences, and these into clauses at punctuation and before conjunctions."""
    found: list[Clause] = []
    sentences = [match.span() for match in re.finditer(r"[^.!?;…\n。！？]+[.!?;…\n。！？]*", own)]
    for start, end in sentences[:SENTENCES_READ]:
        found += _clauses_of_sentence(own[start:end])
    return found


def _clauses_of_sentence(sentence: str) -> list[Clause]:
    asks = "?" in sentence or "？" in sentence
    found: list[Clause] = []
    they = reported = conditional = False
    for part in _LIMIT.split(sentence):
        text = in_full(" ".join(pairs_joined(normalized_words(part))))
        if not text:
            continue
        pieces = _SPLIT_BEFORE.split(text)
        is_first = not found
        if len(pieces) > 1:
            found.append(Clause(text, asks, conditional, they, reported))
        for number, piece in enumerate(pieces):
            words = piece.split()
            opens_if = words[0] in ("si", "se") and len(words) > 1 and not words[1].startswith("equivoc")
            tells_how = words[0] == "to" and words[1:2] and words[1] in ("unsubscribe", "stop", "optout", "cancel")
            if words[0] in word_lists.CONDITIONS or (is_first and number == 0 and (opens_if or tells_how)):
                conditional = True
            found.append(Clause(piece, asks, conditional, they, reported, number > 0))
            they = they or not word_lists.THEY.isdisjoint(words)
            reported = words[-1] in word_lists.SAID or (they and len(words) > 1 and words[-2] in word_lists.SAID)
    return found


def in_full(text: str) -> str:
    """Writes contractions in full: "dont" is "do not"."""
    return " ".join(word_lists.CONTRACTIONS.get(word, word) for word in text.split())
