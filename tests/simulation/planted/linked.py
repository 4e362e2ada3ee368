"""Bugs in what two linked records tell each other, and in who reminds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.rules.linked_words import Word
from tests.simulation.planted.bug import Bug, always_return, wrap

PAIRS = "chalicelib.applications.linking.pairs"
WORDS = "chalicelib.applications.linking.words"
EXCHANGE = "chalicelib.applications.linking.exchange"
STATEMENTS = "chalicelib.applications.contacts.service"


def reminded_here(candidate_of: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item: replace(candidate_of(item), reminded_elsewhere=False)


def attempts_too(contact_of: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item: replace(contact_of(item), outcome="reached")


def undone_too(contact_of: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item: replace(contact_of(item), voided=False)


def with_the_decision(add_statement: Callable[..., Any]) -> Callable[..., Any]:
    return lambda unit, case, fields, **known: add_statement(unit, case, {**fields, "decision": "rejected"}, **known)


def with_what_came(words_of: Callable[..., Any]) -> Callable[..., Any]:
    """What came by the link counts as said here."""

    def all_words(case: Any, since: Any, now: Any) -> Any:
        came = [one for one in case.statements.values() if one.link and not one.voided]
        return [*words_of(case, since, now), *(Word(one.id, one.at) for one in came)]

    return all_words


BUGS: tuple[Bug, ...] = (
    Bug(
        "both records remind",
        "Somebody who keeps a list of their own gets each reminder twice.",
        [wrap("chalicelib.applications.mappers", "candidate_of", reminded_here)],
    ),
    Bug(
        "nudges are not carried over by a link",
        "Somebody who came by the employer's reminder gets it from their list again.",
        [always_return(PAIRS, "_carry_nudges", None)],
    ),
    Bug(
        "an attempt crosses as word",
        "A voicemail ends the seeker's wait.",
        [wrap("chalicelib.applications.mappers", "contact_of", attempts_too, during=(WORDS, "words_of"))],
    ),
    Bug(
        "an undone contact stays word on the other side",
        "A call that was logged by mistake leaves the seeker without a reminder.",
        [wrap("chalicelib.applications.mappers", "contact_of", undone_too, during=(WORDS, "words_of"))],
    ),
    Bug(
        "the decision crosses",
        "A company's decision is told by a record instead of a person.",
        [wrap(STATEMENTS, "add_statement", with_the_decision, during=(PAIRS, "take_in"))],
    ),
    Bug(
        "words travel back",
        "What one side passed on comes back to it as another word.",
        [wrap(WORDS, "words_of", with_what_came)],
    ),
    Bug(
        "a word does not wake the link",
        "A logged call ends one clock alone.",
        [always_return(WORDS, "wake", None)],
    ),
    Bug(
        "an erasure leaves the other record's reference",
        "Somebody who erased everything is still named by an id elsewhere.",
        [always_return(WORDS, "leave", None)],
    ),
    Bug(
        "a policy that ends no links",
        "An employer that agrees no longer still tells and is told.",
        [always_return(EXCHANGE, "_end", None), always_return(PAIRS, "is_allowed", True)],
    ),
)
