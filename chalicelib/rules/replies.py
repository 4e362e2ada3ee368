"""Classifies what a person texts back: stop, start, help, yes, no, or something for people to read.

A missed stop means one text too many. Chat taken for a stop ("I will stop by tomorrow") opts somebody out who did not ask for
it, and hides the reply. So a stop is a keyword with nothing but courtesies around it, or a phrase about these messages.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

ReplyMeaning = Literal["stop", "start", "help", "yes", "no"]

STOP_WORDS = frozenset(
    {
        "stop",
        "stopall",
        "quit",
        "end",
        "revoke",
        "optout",
        "cancel",
        "unsubscribe",
        "remove",
        "td",
        "arret",
        "arreter",
        "alto",
        "parar",
        "baja",
        "stopp",
        "abmelden",
    }
)
"""The opt-out keywords of carriers and the FCC, and of the languages that we send in."""
START_WORDS = frozenset(
    {
        "start",
        "unstop",
        "optin",
        "resume",
        "subscribe",
    }
)
HELP_WORDS = frozenset(
    {
        "help",
        "info",
        "aide",
        "ayuda",
        "hilfe",
    }
)
_COURTESIES = frozenset(
    {
        "please",
        "pls",
        "plz",
        "now",
        "thanks",
        "thank",
        "you",
        "ok",
        "okay",
        "hi",
        "hello",
        "hey",
        "sorry",
        "just",
        "yes",
        "no",
        "it",
        "all",
        "this",
        "these",
        "sms",
        "text",
        "texts",
        "texting",
        "message",
        "messages",
        "messaging",
        "msg",
        "msgs",
        "from",
        "us",
        "me",
        "immediately",
        "sir",
        "heardback",
    }
)
_ABOUT_US = r"(?:text(?:s|ing)?|txt(?:s|ing)?|messag(?:e|es|ing)|msgs?|sms|reminders?|notifications?|spam(?:s|ming)?)"
_WRITING = r"(?:te?xt(?:ing)?|messag(?:e|ing)|contact(?:ing)?|bother(?:ing)?|spam(?:ming)?|sms|writ(?:e|ing)|send(?:ing)?)"
_TO_ME = r"(?:me|us|this (?:number|phone)|my (?:number|phone)|here|it|these|those|any ?more|again|" + _ABOUT_US + r")"
_MINE = r"(?:me|us|this number|my (?:number|phone|details|data))"
_NOT = r"(?:do not|dont|don t|never|no longer|must not|should not)"
_STOP_PHRASES = frozenset(
    re.compile(pattern)
    for pattern in {
        rf"\b(?:stop|quit|cease|discontinue|end|cancel)\b (?:\w+ ){{0,2}}{_WRITING}\b(?: \w+){{0,2}} {_TO_ME}\b",
        rf"\b(?:stop|quit|cease|discontinue) (?:with )?(?:the |these |those |this |your |all |any ){{0,2}}{_ABOUT_US}\b",
        rf"\b(?:stop|quit|cease) {_WRITING}$",
        rf"\b(?:end|cancel) (?:the |these |those |your |all |my ){{1,2}}(?:{_ABOUT_US}|subscription)\b",
        rf"\b{_NOT} (?:ever )?{_WRITING} (?:\w+ )?{_TO_ME}\b",
        rf"\b{_NOT} want (?:to (?:get|receive|have) )?(?:any |more |any more |your |these |this |those ){{0,3}}{_ABOUT_US}\b",
        rf"^(?:please )?no more (?:of )?(?:these |your |this )?{_ABOUT_US}\b",
        r"\bopt(?:ing)? (?:me |us )?out\b",
        r"\bunsubscribe\b",
        rf"\b(?:remove|take|delete|erase) {_MINE}(?: \w+){{0,2}} (?:off|from|list|please|now)\b",
        rf"^(?:please )?(?:remove|delete|erase) {_MINE}$",
        r"\b(?:take|get) me off\b",
        r"\bleave me alone\b",
        r"\blose my number\b",
        r"\b(?:revoke|withdraw) (?:my |all )?(?:consent|permission)\b",
        r"^(?:sorry |hi |you have (?:got )?(?:the )?|this is (?:the )?|its the |it is the )*wrong (?:number|person)\b",
    }
)
_NOT_A_STOP = re.compile(
    rf"\b(?:{_NOT}|not|cannot|cant|can t|wont|won t|why did you|did you) (?:ever |please )?(?:stop|quit|end|cancel|cease)\b"
)
_YES = re.compile(
    r"^(?:yes|yep|yeah|yup|y|si|oui|ja)"
    r"(?: (?:i did|i have|they did|they called|they called me|thanks|thank you|i heard back|i heard|heard back|please))*$"
)
_NO = re.compile(
    r"^(?:no|nope|n|nein|non)"
    r"(?: (?:not yet|i did not|i didnt|i didn t|i have not|i havent|they did not|they didnt|nothing|nothing yet|word|yet|news))*$"
    r"|^(?:not yet|nothing yet|still nothing|no word yet|nothing)$"
)


def classify_reply(body: str) -> ReplyMeaning | None:
    """Returns the meaning of a reply, whatever its case and punctuation; None where a person must read it."""
    words = normalized_words(body)
    text, joined = " ".join(words), "".join(words)
    if _says_stop(words, text, joined):
        return "stop"
    if joined in START_WORDS or _only(words, START_WORDS):
        return "start"
    if joined in HELP_WORDS or _only(words, HELP_WORDS):
        return "help"
    return "yes" if _YES.match(text) else "no" if _NO.match(text) else None


def normalized_words(body: str) -> list[str]:
    """Returns the words without case, accents, punctuation, emoji and hidden characters: "ＳＴＯＰ" is "stop"."""
    plain = unicodedata.normalize("NFKD", body).casefold()
    kept = "".join(char for char in plain if unicodedata.category(char) not in ("Mn", "Cf", "Me"))
    spaced = re.sub(r"[^\w]+|_", " ", re.sub(r"['’`´]", "", kept))
    return spaced.split()[:400]


def _says_stop(words: list[str], text: str, joined: str) -> bool:
    if joined in STOP_WORDS or _only(words, STOP_WORDS) or _only(_pairs_joined(words), STOP_WORDS):
        return True
    without = _NOT_A_STOP.sub(" ", text)
    return any(pattern.search(without) for pattern in _STOP_PHRASES)


def _only(words: list[str], keywords: frozenset[str]) -> bool:
    """Whether there is a keyword, and nothing but courtesies beside it."""
    return any(word in keywords for word in words) and all(word in keywords or word in _COURTESIES for word in words)


def _pairs_joined(words: list[str]) -> list[str]:
    """Joins "opt out" to "optout" and "un subscribe" to "unsubscribe"."""
    return re.sub(r"\b(opt|un) (out|subscribe)\b", r"\1\2", " ".join(words)).split()


HELP = "Heardback sends reminders after job interviews, for the company that interviewed you.$support STOP to opt out"
STOPPED = "Heardback: you are opted out and will get no more messages. Reply START to undo this."
STARTED = "Heardback: you may get reminders about your interviews again. Reply HELP for help, STOP to opt out."

STILL_STOPPED = "Heardback: you unsubscribed by a link or email too, so we still send nothing.$support"


def help_text(support_email: str | None) -> str:
    """Returns the reply to HELP in one segment: who we are, and the support address."""
    return HELP.replace("$support", f" Help: {support_email}." if support_email and len(support_email) <= 40 else "")


def still_stopped(support_email: str | None) -> str:
    """Returns the reply to START where an unsubscribe link also opted the person out, in one segment."""
    change = f" To change that, write to {support_email}." if support_email and len(support_email) <= 40 else ""
    return STILL_STOPPED.replace("$support", change)
