"""The labelled texts of the four files `reply_corpus*.csv`: what each class finds and what it takes by mistake.

The second file was written after the rules, without looking at them. On their first try the rules found 0.918 of its stops
(89 of 97) with precision 0.989; what they missed was then added by kind. The third holds answers to the texts in Spanish, French,
Hebrew and Korean; the rules read 35 of 38 at first. The fourth was written down before the rules
read it: they found 297 of 426 stops, six more languages counted, and took 21 of 561 others for a stop, 17 of them Spanish,
Portuguese and Italian that say "do not stop".
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest

from chalicelib.rules.replies import chosen_name, chosen_number, classify_reply

CLASSES = ("stop", "start", "help", "yes", "no", "other")
LANGUAGES = {"en", "es", "fr", "de", "pt", "it", "nl", "he", "ko"}
KINDS_OF_STOP = ("stop_keyword", "stop_request")


def corpus() -> list[tuple[str, str, str]]:
    """Reads (label, language, text) of all labelled texts."""
    folder = Path(__file__).parent
    rows = []
    for name in ("reply_corpus.csv", "reply_corpus_2.csv", "reply_corpus_3.csv", "reply_corpus_4.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows += [(row["label"], row["language"], row["text"]) for row in csv.DictReader(file)]
    return rows


def class_of(label: str) -> str:
    return "stop" if label in KINDS_OF_STOP else label


def read(text: str) -> str:
    return classify_reply(text) or "other"


CONFUSION = Counter((class_of(label), read(text)) for label, _, text in corpus())


@pytest.mark.parametrize("label", CLASSES)
def test_each_class_has_full_precision_and_recall(label: str, record_property: pytest.RecordProperty) -> None:
    """A missed stop is a text too many; a statement taken for a stop silences somebody who asked for nothing."""
    right = CONFUSION[label, label]
    recall = right / sum(count for (labelled, _), count in CONFUSION.items() if labelled == label)
    precision = right / sum(count for (_, found), count in CONFUSION.items() if found == label)
    record_property(f"{label}_recall", recall)
    record_property(f"{label}_precision", precision)
    sys.stdout.write(f"{label}: precision {precision:.3f}, recall {recall:.3f}\n")
    wrong = [(text, read(text)) for labelled, _, text in corpus() if (class_of(labelled) == label) != (read(text) == label)]
    assert (precision, recall) == (1.0, 1.0), wrong


def test_the_corpus_is_large_and_of_all_languages() -> None:
    """At least 400 different texts, of every class and of the languages that we send in."""
    rows = corpus()
    texts = [text for _, _, text in rows]
    assert len(texts) >= 400
    assert {language for _, language, _ in rows} == LANGUAGES
    assert {class_of(label) for label, _, _ in rows} == set(CLASSES)
    assert {(label, language) for label, language, _ in rows} >= {(kind, one) for kind in KINDS_OF_STOP for one in LANGUAGES}


def test_the_page_about_messages_names_these_figures() -> None:
    """Precision and recall stand in docs/messaging.md, with the number of texts that they come from."""
    page = (Path(__file__).parents[2] / "docs" / "messaging.md").read_text(encoding="utf-8")
    right = sum(count for (label, found), count in CONFUSION.items() if label == found)
    assert right == len(corpus())
    assert f"{len(corpus())} labelled texts of {len(LANGUAGES)} languages: precision 1.000 and recall 1.000" in page


SIGNATURES = (
    "\n-- Sam",
    "\n--\nSam Reed\nWelder",
    "\n\nSent from my iPhone",
    "\n> Heardback: STOP to opt out",
    " - Sam",
    "\nMaria",
)


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("label", ["stop_keyword", "stop_request", "start", "help"])
def test_a_signature_changes_no_meaning(label: str, signature: str) -> None:
    """Phones and people sign; the words before the signature count."""
    texts = [text for labelled, _, text in corpus() if labelled == label and "\n" not in text and " - " not in text]
    assert [text for text in texts if read(text + signature) != class_of(label)] == []


@pytest.mark.parametrize("verb", ["text", "contact", "message", "write to", "remind"])
@pytest.mark.parametrize("subject", ["they", "he", "the recruiter", "nobody there", "my old boss", "you people"])
def test_what_others_do_or_do_not_is_no_stop(subject: str, verb: str) -> None:
    """A subject before the verb makes it a statement."""
    for text in (
        f"{subject} don't {verb} me anymore",
        f"{subject} never {verb} me",
        f"{subject} stopped to {verb} me",
        f"They called once, {subject} don't {verb} me again",
    ):
        assert read(text) not in ("stop", "start", "help"), text


@pytest.mark.parametrize(
    "when", ["before 9", "at work", "until Friday", "while I am driving", "if I am at work", "on weekends", "yet"]
)
@pytest.mark.parametrize("order", ["please don't text me", "stop texting me", "do not contact me"])
def test_an_order_about_when_is_for_people(order: str, when: str) -> None:
    """It asks for another hour, not for silence."""
    assert read(f"{order} {when}") == "other"


@pytest.mark.parametrize("order", ["stop texting me", "please do not contact me again", "unsubscribe me", "no more texts"])
@pytest.mark.parametrize("before", ["", "Hi, ", "I got the job. ", "ok thanks, ", "This is Ana. ", "wrong person, "])
@pytest.mark.parametrize("after", ["", "!!", ", thanks", ". I have a job now", " please", " - Ana", "\nSent from my iPhone"])
def test_an_order_counts_with_what_people_write_around_it(before: str, order: str, after: str) -> None:
    """Reasons, greetings and thanks do not hide it."""
    assert read(before + order + after) == "stop"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("1", 1), (" 2. ", 2), ("#2", 2), ("Option 1 please", 1), ("it's 2", 2), ("2\n-- Sam", 2)),
        *(
            ("one", 1),
            ("The second one", 2),
            ("first", 1),
            ("2nd please", 2),
            ("dos", 2),
            ("la primera", 1),
            ("שתיים", 2),
            ("둘", 2),
        ),
        *((other, None) for other in ("3", "0", "12", "1 or 2", "at 2", "yes", "", "three", "one more question", "both", "2 pm")),
    ],
)
def test_a_choice_is_one_number_alone(text: str, number: int | None) -> None:
    """Anything else could be an hour or a count."""
    assert chosen_number(text, 2) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("Acme Robotics", 1), ("acme", 1), ("It's for Blue Fern, please", 2), ("Blue F...", 2), ("blue fern\n-- Sam", 2)),
        *((other, None) for other in ("Bl", "Blue Fern called me", "Beta", "", "for", "Acme or Blue Fern", "Acmes")),
    ],
)
def test_a_company_is_chosen_by_its_name_or_its_beginning(text: str, number: int | None) -> None:
    assert chosen_name(text, ["Acme Robotics", "Blue Fern"]) == number


def test_a_beginning_that_two_names_share_chooses_none() -> None:
    """The whole name of one does."""
    names = ["Acme", "Acme Robotics"]
    assert [chosen_name(text, names) for text in ("Acm", "Acme", "acme rob", "")] == [None, 1, 2, None]
    assert chosen_name("Acme", ["Acme", "ACME"]) is None


@pytest.mark.parametrize(
    "flood", ["any more ", "please ", "stop the ", "no no ", "the these ", "de ", "text me ", "(", "?.", "to my "]
)
def test_a_flood_of_words_is_read_in_time(flood: str) -> None:
    """Patterns must not backtrack without end."""
    assert read("please stop " + flood * 400 + "tomorrow") in CLASSES
