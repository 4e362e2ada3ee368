"""The catalogues of candidates' languages are whole, current, and keep every field."""

from __future__ import annotations

import re
from string import Template

import pytest

from chalicelib.rules.copy import language as languages
from chalicelib.rules.copy.gsm7 import BASIC, EXTENSION
from chalicelib.rules.model import LANGUAGES
from infra import catalogues

TRANSLATED = pytest.mark.parametrize("language", catalogues.TRANSLATED)
TAGS = re.compile(r"</?[a-z]+[^>]*>")
LISTS = {"Monday": 7, "Mon,": 7, "January": 12, "Jan,": 12}


def forms(message) -> list[tuple[str, str]]:
    """(source, translation) of each plural form."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[1], one) for one in message.string]


def translated(language: str):
    return [message for message in catalogues.read(language) if message.id]


def fields(text: str) -> set[str]:
    return set(Template(text).get_identifiers())


def test_every_language_but_english_has_a_catalogue():
    """A language without one would be sent in English under another name."""
    assert {*catalogues.TRANSLATED, "en"} == set(LANGUAGES) == set(languages.NAMES)
    assert set(catalogues.SHORT) == languages.UCS2


@TRANSLATED
def test_no_message_is_missing_fuzzy_or_left_over(language):
    """A missing one would reach a candidate in English; a left-over one says that a text was changed and not its translation."""
    found = translated(language)
    assert {message.id if isinstance(message.id, str) else message.id[0] for message in found} == set(
        catalogues.messages(language)
    )
    assert [message.id for message in found if message.fuzzy] == []
    assert [source for message in found for source, text in forms(message) if not text] == []


@TRANSLATED
def test_a_translation_has_the_fields_and_tags_of_its_message(language):
    """A field too many fails at the send; one too few drops a name."""
    wrong = [
        (source, text)
        for message in translated(language)
        for source, text in forms(message)
        if fields(source) != fields(text) or sorted(TAGS.findall(source)) != sorted(TAGS.findall(text))
    ]
    assert wrong == []


@TRANSLATED
def test_lists_of_days_and_months_are_whole(language):
    """One item too few would name the wrong day."""
    for message in translated(language):
        for begin, number in LISTS.items():
            if isinstance(message.id, str) and message.id.startswith(begin):
                assert len(message.string.split(", ")) == number


@TRANSLATED
def test_the_compiled_file_is_that_of_the_source(language):
    """`make catalogues` writes both."""
    assert catalogues.path_of(language, "mo").read_bytes() == catalogues.compiled(catalogues.read(language))
    assert catalogues.path_of(language).read_bytes() == catalogues.source_of(catalogues.updated(language))


@pytest.mark.parametrize("language", sorted({*catalogues.TRANSLATED} - languages.UCS2))
def test_texts_of_160_characters_stay_in_their_alphabet(language):
    """One character outside it would halve the segment."""
    texts = {message.id: message.string for message in translated(language)}
    for message in catalogues.messages(language):
        if "STOP to opt out" in message or "START" in message or message in languages.YOUR_STAGE.values():
            assert set(texts[message]) <= BASIC | EXTENSION, texts[message]


@TRANSLATED
def test_stop_stands_in_latin_letters_in_every_text_that_has_it(language):
    """Carriers act on this word, and on no translation of it."""
    for message in translated(language):
        assert ("STOP" in str(message.id)) == ("STOP" in str(message.string)), message.id


@TRANSLATED
def test_the_source_and_the_program_agree_on_who_reviewed(language):
    """A language is marked as not reviewed until `Last-Translator` names somebody."""
    reviewed = "not yet reviewed" not in catalogues.read(language).last_translator
    assert languages.catalogue(language).is_reviewed == reviewed
