"""What candidates' replies to texts mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.copy.automatic_replies import STARTED, STOPPED, help_text, received, which
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.replies import classify_reply

KEYWORDS = [
    *("STOP", "STOPALL", "QUIT", "END", "REVOKE", "OPTOUT", "CANCEL", "UNSUBSCRIBE", "REMOVE", "TD"),
    *("ARRET", "ARRETER", "ALTO", "PARAR", "BAJA", "STOPP", "ABMELDEN"),
]
"""CTIA's and the FCC's keywords, and those of French, Spanish, Portuguese and German."""
COURTESIES = (
    "please pls plz now thanks thank you ok okay hi hello hey sorry just yes no it all this these sms text texts texting message "
    "messages messaging msg msgs from us me immediately sir heardback"
)
STOPS = [
    *" | ".join(
        (
            "STOP | stop | Stop. | STOP!!! | stop please | Please stop | PLEASE STOP NOW | stop it | stop, thanks | S.T.O.P.",
            "s t o p | ＳＴＯＰ | 🛑 STOP 🛑 | Stop stop stop | STOPALL | stop all",
            "stop-all | Yes stop | QUIT | quit. | END | End!",
            "REVOKE | revoke | OPT OUT | opt-out | Opt out please | optout | OPTOUT | CANCEL | cancel pls | UNSUBSCRIBE",
            "unsubscribe me | Please unsubscribe | un-subscribe | REMOVE | TD | ARRET | Arrêt | remove me | remove my number",
            "please stop texting me | Please stop texting me. | stop texting | STOP TEXTING ME!! | stop sending me texts",
            "Could you stop messaging me | stop contacting me please | I want you to stop sending me these messages",
            "stop these messages | no more texts | No more messages please | don't text me | do not text me again",
            "Dont text me anymore | Do not contact me again",
            "please don't send me any more messages | I don't want these texts",
            "I do not want to get any more texts | take me off your list",
            "Take me off | remove me from this list | leave me alone",
            "Leave me alone! | I revoke my consent | withdraw my consent | I want to opt out | opt me out | wrong number",
            "Sorry, wrong number | You have the wrong number",
            "This is the wrong number | lose my number | cancel these messages",
            "never text me again | quit texting me",
            "stop spamming me | Don't stop by, and stop texting me | stop bothering me",
        )
    ).split(" | "),
    " stop\n",
    '"STOP"',
    "st\u200bop",
]
NOT_STOPS = [
    *" | ".join(
        (
            "I will stop by tomorrow | I'll stop by the office at 5 | Can I stop by? | Don't stop | please don't stop texting me",
            "Why did you stop? | at the bus stop | the end of the week works | I want to cancel my interview",
            "please do not cancel my interview | By the end of the day | They told me to call back",
            "Please do not contact my current employer | I quit my job last week",
            "non-stop work | I can't stop thinking about it",
            "remove the first line from my CV | ok | 👍",
            "thanks | Who is this? | What is the number to call? | I sent an email",
            "The message did not arrive | I got the wrong number for Dana | Did you get my messages?",
            "end of story, they never called | when does it end | they stopped answering",
        )
    ).split(" | "),
    "",
    "  ",
]


@pytest.mark.parametrize("body", STOPS)
def test_every_plain_way_to_say_stop_is_a_stop(body: str) -> None:
    """One text after STOP is one too many, and in places unlawful."""
    assert classify_reply(body) == "stop"


@pytest.mark.parametrize("body", NOT_STOPS)
def test_texts_that_only_contain_stop_words_are_left_for_a_person(body: str) -> None:
    """ "I will stop by" must not opt anybody out, and a person must read it."""
    assert classify_reply(body) is None


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        *((body, "start") for body in ("START", "start please", "Unstop")),
        *((body, "help") for body in ("HELP", "help?", "INFO")),
        *((body, "yes") for body in ("YES", "yes!", "Y", "Yes, they called me", "Yes I did, thanks", "Sí")),
        *((body, "no") for body in ("NO", "no.", "Nope", "Not yet", "No, not yet", "No word yet", "nothing yet")),
        *((body, None) for body in ("No thanks", "yes but they want to meet again", "I started a company", "can you help me?")),
    ],
)
def test_start_help_yes_and_no_are_understood_alone(body: str, meaning: str | None) -> None:
    """A candidate's yes closes the loop; a half-yes is for the recruiter to read."""
    assert classify_reply(body) == meaning


_PUNCTUATION = st.text(" .,!?\"'()-*\n\t\u200b", max_size=6)


@given(st.sampled_from(KEYWORDS), _PUNCTUATION, _PUNCTUATION, st.data())
def test_a_keyword_in_any_case_and_punctuation_is_a_stop(word: str, before: str, after: str, data: st.DataObject) -> None:
    """Phones capitalise, quote and punctuate as they like."""
    written = "".join(char.upper() if data.draw(st.booleans()) else char for char in word)
    assert classify_reply(before + written + after) == "stop"


@given(st.text(max_size=2000))
def test_any_text_at_all_gets_an_answer(body: str) -> None:
    """Strangers write what they like; reading it must neither raise nor hang."""
    assert classify_reply(body) in ("stop", "start", "help", "yes", "no", None)


def test_what_we_answer_is_one_segment() -> None:
    """An answer that nobody asked for should not cost two texts."""
    helps = [help_text("support@heardback.example"), help_text(None), help_text("x" * 200)]
    names = ["Blue Fern", "Acme", "W" * 300, "李小龍", "Größe & Söhne, Bau- und Handelsgesellschaft mbH {€}"]
    asked = [which(names[:number]) for number in range(2, 6)] + [which(["x" * 200] * 9), which(["{" * 60] * 5)]
    for text in (*helps, STOPPED, STARTED, *asked):
        assert septets(text) <= SMS_SEPTETS


def test_the_question_names_employers_without_links_and_numbers() -> None:
    """Their names are strangers' words: cleaned, cut, and in order."""
    assert which(["Blue Fern", "Acme"]) == (
        "Heardback: more than one company wrote to you. Who is your message for? Reply 1 for Blue Fern, 2 for Acme"
    )
    assert "evil" not in which(["Acme", "www.evil.example call +1 900 555 0199"])
    assert "..., 2 for Acme" in which(["Very " * 30 + "Long", "Acme"])


@pytest.mark.parametrize("word", KEYWORDS)
def test_every_keyword_alone_is_a_stop(word: str) -> None:
    """In capitals and in small letters."""
    assert classify_reply(word) == classify_reply(word.lower()) == "stop"


@pytest.mark.parametrize("courtesy", COURTESIES.split())
def test_a_courtesy_beside_a_keyword_changes_nothing(courtesy: str) -> None:
    """ "Please stop", "stop now", "hello stop"."""
    assert classify_reply(f"{courtesy} ABMELDEN") == classify_reply(f"abmelden {courtesy}") == "stop"
    assert classify_reply(f"UNSTOP {courtesy}") == "start"
    assert classify_reply(f"{courtesy} Hilfe") == "help"


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        *((word, "start") for word in ("START", "UNSTOP", "OPTIN", "opt in", "RESUME", "SUBSCRIBE")),
        *((word, "help") for word in ("HELP", "INFO", "AIDE", "AYUDA", "HILFE", "help please")),
        ("welder", None),
    ],
)
def test_start_and_help_have_their_keywords(body: str, meaning: str | None) -> None:
    """Carriers name them, and the languages that we send in."""
    assert classify_reply(body) == meaning


def test_automatic_answers_read_like_this() -> None:
    """Who we are, what holds now, and where a person answers; an address of up to 40 characters fits."""
    address = "support@heardback.example"
    assert help_text(address) == (
        "Heardback sends reminders after job interviews, for the company that interviewed you. "
        "Help: support@heardback.example. STOP to opt out"
    )
    assert (
        help_text(None)
        == help_text("x" * 41)
        == ("Heardback sends reminders after job interviews, for the company that interviewed you. STOP to opt out")
    )
    assert "x" * 40 in help_text("x" * 40)
    assert STOPPED == "Heardback: you are opted out and will get no more texts. Reply START to undo this."
    assert STARTED == ("Heardback: you may get reminders about your interviews again. Reply HELP for help, STOP to opt out.")


def test_a_very_long_text_is_read_to_its_400th_word() -> None:
    """Reading must not hang on a flood of words."""
    assert classify_reply("stop " * 399 + "stop") == "stop"
    assert classify_reply("stop " * 400 + "tomorrow") == "stop"
    assert classify_reply("stop " * 399 + "tomorrow") is None


def test_a_question_that_just_fits_keeps_the_names_and_one_letter_more_cuts_one_letter() -> None:
    """As much of the names as one segment holds."""
    spare = SMS_SEPTETS - len(which(["", ""]).replace("the other company", ""))
    first, second = "A" * (spare - spare // 2), "B" * (spare // 2)
    whole = which([first, second])
    assert (len(whole), first in whole, second in whole) == (SMS_SEPTETS, True, True)
    longer = "A" * 40 + "B"
    cut = which([longer, longer])
    assert len(cut) in (SMS_SEPTETS - 1, SMS_SEPTETS)
    assert cut.count("A...") == 2
    assert which(["Aa", "Bb", "Cc", "Dd", "Ee", "Ff"]).endswith("5 for Ee")


@pytest.mark.parametrize(
    ("body", "meaning"),
    [("do not text", "stop"), ("do not message", "stop"), ("do not contact me", "stop"), ("do not contact", None)],
)
def test_an_order_names_texting_or_the_writer(body: str, meaning: str | None) -> None:
    """ "(they) did not contact" alone may be about the employer."""
    assert classify_reply(body) == meaning


@pytest.mark.parametrize("word", ["stop", "stopp", "stopall", "unsubscribe", "optout"])
def test_a_keyword_before_the_reason_is_a_stop(word: str) -> None:
    """ "Stop they called" needs no comma; a keyword within another sentence means something else."""
    assert classify_reply(f"{word} they called") == classify_reply(f"{word} i have a job") == "stop"


@pytest.mark.parametrize(
    ("employer", "named"),
    [
        ("Blue Fern", "Blue Fern"),
        ("李小龍", "The company"),
        ("A" * 89, "A" * 89),
        ("A" * 90, "A" * 86 + "..."),
        ("A" + "€" * 45, "A" + "€" * 42 + "..."),
    ],
)
def test_a_text_that_we_read_is_acknowledged_in_one_segment(employer: str, named: str) -> None:
    """By the employer's name, cut where it needs more than the 89 septets that are left; a euro sign takes two."""
    text = received(employer)
    assert text == f"{named} has your message. Heardback sent this for them. Reply STOP to opt out."
    assert septets(text) <= SMS_SEPTETS
