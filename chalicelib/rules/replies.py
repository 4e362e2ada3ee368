"""Classifies what a person texts back: stop, start, help, yes, no, or something for people to read.

A stop is a keyword as the whole text, or an imperative aimed at us ("please stop texting me"). A statement with such words
("they never contact me", "in the end they did") is for people to read. In doubt a person reads it.

A text is read in three steps. `own_words` drops signatures and quoted lines. `split_clauses` splits the rest into clauses of
normalized words. A clause is an imperative where a pattern of `reply_grammar` describes it from its first word, politeness
aside, and nothing after it says when, if or where.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from chalicelib.rules.reply_grammar import patterns, yes_no
from chalicelib.rules.reply_grammar import words as word_lists
from chalicelib.rules.reply_grammar.words import HELP_WORDS, START_WORDS, STOP_WORDS, WEAK_STOPS
from chalicelib.rules.reply_text import Clause, in_full, is_name, normalized_words, own_words, pairs_joined, split_clauses

ReplyMeaning = Literal["stop", "start", "help", "yes", "no"]

_COMMANDS = re.compile(r"(?:and|so|but) (?:please )?(?:stop|quit|do not|never|take|remove|unsubscribe|leave|opt)\b")
_CONTRADICTED = re.compile(
    r"(?:please |just |but |and |instead )*(?:text|message|sms|write)(?: to)? me\b(?! (?:niet|nooit|geen)\b)|"
    r"(?:please )?(?:keep|continue) (?:texting|sending|messaging)"
)
_ABOUT = re.compile(r"^ about (?:(?!at\b|before|after|when|until|till|if\b|while|on\b|during)\w+ ?){1,3}$")
_ABOUT_THE_JOB = re.compile(r" about (?:the |this |that |my |your )*(?:job|position|interview|role)s?\b")
_STOP_NAMED = re.compile(
    r"(?:stop )*(?:please |pls )?(?:(?:reply|replying|text|texting|type|typing|send|sending|txt|"
    r"(?:again )?i (?:already )?(?:said|say|replied|wrote)) )?"
    r"(?:stop|stopall)(?: to (?:opt out|optout|unsubscribe|stop|end|cancel))?(?: (?:please|pls|thanks))?"
)
"""STOP as our texts name it: "Reply STOP to opt out"."""
_STOP_AND_NAME = re.compile(r"\W*(?:STOP|STOPALL|UNSUBSCRIBE)\W+([1-9]|(?:[^\W\d][\w.&'’]*\s*){1,3}?)[\s.!]*")
_ASKS_TO_GO_ON = re.compile(
    r"\bno\s+(?:se\s+|lo\s+)?(?:par(?:ar|e|en|es|as)|cancel(?:ar|e|en|es)|deteng(?:a|an|as)|detener|detenganse|elimin(?:ar|e|en|es))\b",
    re.IGNORECASE,
)
"""Spanish "no paren": without a comma it says the opposite of "no, paren"."""
_REASON = re.compile(
    r"(?:(?:hi|hello|ok|okay|sorry|no|yes|so) )*(?:(?:i am )?(?:not|no longer) interested(?: any ?more)?|no thanks?(?: you)?|"
    r"who (?:is|are|dis)(?: this| you| dis)?|whos this|(?:you have (?:the )?)?wrong (?:number|person)|got it|cool|"
    r"(?:i )?(?:already )?(?:have|got|found) (?:a|an|the|another) (?:new |other )?(?:job|offer)|(?:i )?(?:got|am|was) hired)"
    r"(?: (?:and|so|but|please|pls|thanks))* "
)
"""What people write before STOP without a full stop."""
_CHOICE = re.compile(
    r"(?:(?:reply|option|number|no|nr|press|it|is|for|the|answer|please|el|la|le|der|die|das) ){0,3}(\w+)"
    r"(?: (?:one|please|thanks|pls))?"
)
_ORDINALS = (
    "one first 1st uno una primero primera un une premier premiere eins erste אחת אחד ראשון הראשון 일 하나 첫번째",
    "two second 2nd dos segundo segunda deux deuxieme zwei zweite שתיים שניים שני השני 이 둘 두번째",
    "three third 3rd tres tercero tercera trois troisieme drei dritte שלוש שלושה שלישי השלישי 삼 셋 세번째",
    "four fourth 4th cuatro quatre quatrieme vier ארבע ארבעה 사 넷",
    "five fifth 5th cinco cinq cinquieme funf חמש חמישה 오 다섯",
)
_NUMBERS = {word: number for number, words in enumerate(_ORDINALS, 1) for word in words.split()}
_BEFORE_NAME = word_lists.word_set(
    "for it is its the this i mean meant para por es pour c est fur an el la please pls thanks thank you"
)
_NAME_LETTERS = 3
"""So many letters of a company's name, from its first, say which one is meant."""
_BESIDE_WHOLE = word_lists.POLITE | word_lists.word_set("ok okay hi hello hey thanks thank you sorry")
_STRONG = (STOP_WORDS | word_lists.MISSPELLED_STOPS) - WEAK_STOPS
_AGAIN = re.compile(r"\b(?:again|any ?more|ever|any longer)\b")
_AIMED_AT_ME = re.compile(r"\b(?:me|us|my|this|here|more|texts|messages|reminders)\b")
_NONE_CAME = re.compile(r"no .* (?:since|from (?:the|that|this|my) (?:company|employer))\b")
"""Tells what did not come: "no more emails since last week"."""
_STOP_AND_DO = re.compile(
    r"\w+ (?:and|y|et|und|e|en) (?!i\b|we\b|my\b|please\b|do not\b|never\b|remove\b|take\b|delete\b|leave\b|unsubscribe\b|"
    r"opt|stop\b|lose\b|thank|no\b|this\b)"
)
"""Such as "stop and think", in the footers of mails."""
_TEXTING = re.compile(r"\b(?:te?xt|message|msg|sms|spam|bother|harass|pester|bug|annoy|disturb)\b")


def classify_reply(body: str) -> ReplyMeaning | None:
    """Returns the meaning of a reply, whatever its case and punctuation; None where a person must read it."""
    own = own_words(body)
    words = normalized_words(own)
    if not words:
        return None
    goes_on = _ASKS_TO_GO_ON.search(_without_accents(own)) is not None
    if (keyword := _keyword(words)) is not None and not (goes_on and keyword == "stop"):
        return keyword
    if _names_whom_to_stop(own) or _tells_us_to_stop(split_clauses(own), goes_on=goes_on):
        return "stop"
    is_question = "?" in own or "？" in own
    return None if is_question else yes_no.read(in_full(" ".join(words)).split())


def is_keyword(body: str) -> bool:
    """Whether a text is a keyword and nothing but courtesies beside it: STOP, "unsubscribe please"."""
    own = own_words(body)
    return _keyword(normalized_words(own)) is not None or _names_whom_to_stop(own)


def is_stop_word(subject: str) -> bool:
    """Whether the subject of a mail is STOP or a like word and nothing but courtesies. "Cancel" may be about an interview."""
    return _only(pairs_joined(normalized_words(subject)), _STRONG)


def chosen_number(body: str, most: int) -> int | None:
    """Returns the number that a person chose from 1 to `most`: "2", "#2.", "Option 2 please", "the second one". None: none."""
    found = _CHOICE.fullmatch(in_full(" ".join(normalized_words(own_words(body)))))
    word = found[1] if found else ""
    number = int(word) if len(word) == 1 and word.isdecimal() else _NUMBERS.get(word, 0)
    return number if 1 <= number <= most else None


def chosen_name(body: str, names: Sequence[str]) -> int | None:
    """Returns the number, from 1, of the one name that a text is, or begins: "Acme", "for Blue Fern please". None: none."""
    said = " ".join(word for word in normalized_words(own_words(body)) if word not in _BEFORE_NAME)
    spelled = [" ".join(normalized_words(name)) for name in names]
    for matches in (
        [number for number, name in enumerate(spelled, 1) if name == said],
        [number for number, name in enumerate(spelled, 1) if len(said) >= _NAME_LETTERS and name.startswith(said)],
    ):
        if said and matches:
            return matches[0] if len(matches) == 1 else None
    return None


def _keyword(words: Sequence[str]) -> ReplyMeaning | None:
    """Reads a text that is keywords and nothing but courtesies beside them."""
    joined = "".join(words)
    pairs = pairs_joined(words)
    if in_full(" ".join(word for word in words if word not in _BESIDE_WHOLE)) in word_lists.WHOLE_STOPS:
        return "stop"
    if joined in STOP_WORDS or _only(pairs, STOP_WORDS | word_lists.MISSPELLED_STOPS) or _STOP_NAMED.fullmatch(" ".join(pairs)):
        return "stop"
    if joined in START_WORDS or _only(pairs, START_WORDS):
        return "start"
    return "help" if joined in HELP_WORDS or _only(pairs, HELP_WORDS) else None


def _only(words: Sequence[str], keywords: frozenset[str]) -> bool:
    """Whether there is a keyword, and nothing but courtesies beside it."""
    said = {word for word in words if word in keywords or _unstretched(word) in keywords}
    if not said:
        return False
    beside = word_lists.GREETINGS if said <= WEAK_STOPS else word_lists.COURTESIES
    return all(word in said or word in beside for word in words)


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) != "Mn")


def _names_whom_to_stop(own: str) -> bool:
    """Whether a text is STOP in capitals and a name or number: "STOP Blue Fern", "STOP 2"."""
    found = _STOP_AND_NAME.fullmatch(own.strip())
    return found is not None and (found[1].isdigit() or is_name(found[1]))


def _unstretched(word: str) -> str:
    """Shortens "stooop" and "stopppp" to "stop"."""
    return re.sub(r"(.)\1{2,}", r"\1", word)


def _tells_us_to_stop(clauses: Sequence[Clause], *, goes_on: bool) -> bool:
    if not clauses or any(_CONTRADICTED.match(clause.text) for clause in clauses):
        return False
    if not goes_on and _begins_or_ends_with_keyword(clauses):
        return True
    after = [replace(clause, text=clause.text[found.end() :]) for clause in clauses if (found := _REASON.match(clause.text))]
    return any(_is_imperative(clause) for clause in [*clauses, *after]) or any(_only(one.text.split(), _STRONG) for one in after)


def _begins_or_ends_with_keyword(clauses: Sequence[Clause]) -> bool:
    """Whether STOP stands alone in the first or last clause: "Stop. I have a job now." """
    ends = [clause for clause in (clauses[0], clauses[-1]) if not (clause.is_question or clause.conditional or clause.reported)]
    return any(_only(_after_but(clause), _STRONG) and not (clause.joined_on and clause.after_they) for clause in ends)


def _after_but(clause: Clause) -> Sequence[str]:
    """The words of a clause, without the "but" or "so" that joins it to the one before."""
    words = clause.text.split()
    return words[1:] if clause.joined_on and words[0] in ("but", "so") else [] if clause.joined_on else words


def _is_imperative(clause: Clause) -> bool:
    if clause.conditional or clause.reported or (clause.is_question and not patterns.ASKING.match(clause.text)):
        return False
    words = clause.text.split()
    if clause.joined_on and not (_is_polite(words) or (_COMMANDS.match(clause.text) and not clause.after_they)):
        return False
    if any(
        pattern.fullmatch(joined) for joined in {"".join(words), "".join(_without_lead(words))} for pattern in patterns.JOINED
    ):
        return True
    for begin in range(min(len(words), 8)):
        if begin and words[begin - 1] not in word_lists.LEAD:
            break
        if _matches(words[begin:], words[:begin], clause):
            return True
    return False


def _is_polite(words: Sequence[str]) -> bool:
    return not word_lists.POLITE.isdisjoint(words[:2])


def _without_lead(words: Sequence[str]) -> Sequence[str]:
    kept = 0
    while kept < len(words) and words[kept] in word_lists.LEAD:
        kept += 1
    return words[kept:]


def _matches(words: Sequence[str], lead: Sequence[str], clause: Clause) -> bool:
    text = " ".join(words[:60])
    goes_on = len(words) > 1 and words[1] in word_lists.NEXT_CLAUSE and not clause.is_question
    goes_on = goes_on and (words[1] not in ("this", "it") or words[2:3] in (["is"], ["was"], ["isnt"]))
    if goes_on and words[0] in ("stop", "stopp", "stopall", "unsubscribe", "optout") and not _STOP_AND_DO.match(text):
        return True
    is_denied = bool(lead) and lead[-1] in word_lists.NEGATIONS and words[0] not in word_lists.NEGATIONS
    for pattern in patterns.IMPERATIVES if is_denied else patterns.IMPERATIVES + patterns.FOREIGN:
        if (match := pattern.match(text)) and _ends_well(text[match.end() :]) and not _NONE_CAME.match(text):
            return True
    for pattern in patterns.NEGATED:
        if (match := pattern.match(text)) and _ends_well(text[match.end() :]):
            return _is_order(text, match[0], lead, clause)
    return False


def _is_order(text: str, matched: str, lead: Sequence[str], clause: Clause) -> bool:
    """Tells "don't text me" from the end of "(they) never contact me"."""
    if not word_lists.POLITE.isdisjoint([*lead, *matched.split()]):
        return True
    if clause.after_they:
        return False
    again, texting = _AGAIN.search(text) is not None, _TEXTING.search(matched) is not None
    if matched.startswith("never"):
        return again
    aimed = _AIMED_AT_ME.search(text) is not None
    return again or (texting and aimed if "no" in lead else texting or aimed)


def _ends_well(rest: str) -> bool:
    """Whether nothing but words of emphasis follows, or another clause begins."""
    words = _ABOUT.sub("", _ABOUT_THE_JOB.sub("", rest)).split()
    for number, word in enumerate(words):
        if word == "as" and words[number + 1 : number + 2] in (["a"], ["an"], ["soon"], ["long"]):
            return False
        if word in word_lists.NEXT_CLAUSE and word not in word_lists.TAIL:
            return True
        if word not in word_lists.TAIL:
            return False
    return True
