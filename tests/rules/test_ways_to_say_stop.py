"""Requests to stop that one pattern alone finds, language by language: without that pattern each would go unheard."""

from __future__ import annotations

import pytest

from chalicelib.rules.replies import classify_reply

REQUESTS = {
    "English": (
        "I want to stop receiving texts | i would like to quit getting your messages | quit the texting | stop that texting | "
        "stop everything | you can stop | these texts need to stop | Your reminders have to stop | "
        "I don't want you to text me | piss off | cut it out | knock it off | enough with the texts | enough of your messages"
    ),
    "Spanish": (
        "no vuelvan a escribirme | nunca vuelvas a llamarme | no manden mensajes | no envíen más mensajes | "
        "no escriban más | ya no molesten más | no manden nada"
    ),
    "French": (
        "m'écrivez plus | me contactez plus jamais | envoyez moi plus de sms | envoyez plus de messages | "
        "je veux arrêter de recevoir des messages | je souhaite cesser de recevoir vos sms"
    ),
    "German": "Schluss mit den Nachrichten | genug Nachrichten | beenden Sie die Nachrichten",
    "Portuguese": (
        "não quero ser contatado | não desejo ser incomodada | não quero que me liguem mais | quero me descadastrar | "
        "cancelar minha inscrição | sair da lista"
    ),
    "Italian": (
        "non messaggiarmi | mai contattarci | non mandate messaggi | non inviate altri sms | non voglio essere contattato | "
        "non voglio che mi contattiate | niente più messaggi | mai più sms | vorrei disiscrivermi | "
        "voglio cancellarmi dalla lista | disdire gli sms"
    ),
    "Dutch": (
        "sms me niet meer | bel mij nooit meer | schrijf me niet meer | stuur geen berichten | stuur me geen sms | "
        "ik wil niet langer benaderd worden | ik wil niet meer gebeld worden | geen contact meer | "
        "geen contact meer opnemen | neem geen contact meer met mij op"
    ),
    "Hebrew": (
        "בלי עוד הודעות | לא עוד הודעות | אין יותר הודעות | אני רוצה להסיר את עצמי | אני מבקש להיות מוסר | "
        "לבטל את ההודעות | טעות במספר | זה מספר שגוי | זה לא המספר הנכון"
    ),
    "Korean": (
        "명단에서 빼주세요 | 목록에서 저를 삭제해 주세요 | 저를 리스트에서 제거해 주십시오 | 잘못 보내셨어요 | "
        "번호 잘못 보내셨습니다 | 잘못된 번호입니다"
    ),
}


@pytest.mark.parametrize("body", [body for bodies in REQUESTS.values() for body in bodies.split(" | ")])
def test_a_request_to_stop_counts_in_each_language(body: str) -> None:
    """The person says it their own way; one text after that is one too many."""
    assert classify_reply(body) == "stop"


@pytest.mark.parametrize("body", ["please sms me", "stop calling, text me", "sms me instead"])
def test_who_asks_to_be_texted_is_not_opted_out(body: str) -> None:
    """Dutch "sms me niet meer" asks for the opposite of English "sms me"."""
    assert classify_reply(body) is None


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("yes\n" + "A" * 79, "yes"),
        ("yes\n" + "A" * 80, None),
        ("Thank you all for the kind words, and the very long talk that we had. Stop texting me - Sam", "stop"),
        ("~Opt Out", "stop"),
        ("Yes - Maria", "yes"),
        ("Yes - No", None),
        ("yes - maybe", None),
    ],
)
def test_a_name_at_the_end_is_no_part_of_the_answer(body: str, meaning: str | None) -> None:
    """It begins within the last 80 characters, and something stands before it."""
    assert classify_reply(body) == meaning


@pytest.mark.parametrize(("before", "meaning"), [(79, "stop"), (80, None)])
def test_an_order_counts_up_to_the_80th_sentence(before: int, meaning: str | None) -> None:
    """A flood of sentences must not take long to read."""
    assert classify_reply("well. " * before + "stop texting me. well") == meaning


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("Sí, no me escriban más", "stop"),
        ("Si me llaman, no me escriban más", None),
        ("Si llaman, no me escriban más", None),
        ("Se mi contattano, non scrivetemi più", None),
        ("If they call, stop texting me", None),
        ("Remove me from your list?", None),
        ("Remove me from your list？", None),
        ("I got a job and please stop texting me", "stop"),
        ("They called once, can you please stop texting me?", "stop"),
        ("My boss said, can you please stop texting me?", None),
        ("They told me, stop texting me", None),
    ],
)
def test_an_order_counts_unless_it_depends_on_something_or_is_somebody_elses(body: str, meaning: str | None) -> None:
    """Spanish "si" and Italian "se" open a condition where more words follow; alone, "sí" is a yes."""
    assert classify_reply(body) == meaning


@pytest.mark.parametrize(
    ("before", "meaning"), [("hi hello hey ok okay wow look", "stop"), ("hi hello hey ok okay wow look omg", None)]
)
def test_up_to_seven_words_may_lead_to_an_order(before: str, meaning: str | None) -> None:
    """More of them are another sentence."""
    assert classify_reply(f"{before} remove me from your list") == meaning


@pytest.mark.parametrize(("body", "meaning"), [("yes yes", "yes"), ("sí sí", "yes"), ("no no", "no"), ("no no yes", None)])
def test_a_repeated_yes_or_no_is_one(body: str, meaning: str | None) -> None:
    """People repeat themselves; they do not contradict themselves by that."""
    assert classify_reply(body) == meaning


def test_a_flood_of_signs_before_the_words_is_for_people() -> None:
    """No word stands in the sentences that are read."""
    assert classify_reply("- . " * 80 + "remove me from your list") is None


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("They ring me and leave me alone", None),
        ("They said nothing, never text me again", None),
        ("They called, told me, stop texting me", None),
        ("They called, please stop texting me", "stop"),
        ("I called but wrong number", None),
        ("I have a job and kindly stop texting me", "stop"),
        ("never text me", None),
        ("never text me again", "stop"),
        ("no do not text", None),
        ("no do not text me", "stop"),
    ],
)
def test_words_after_a_subject_tell_what_others_do(body: str, meaning: str | None) -> None:
    """An order among them is one where it is polite, or plainly about our texts."""
    assert classify_reply(body) == meaning


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("please 명단에서 빼주세요", "stop"),
        ("엄마에게 문자 보내지 마세요", None),
        ("st\u200bop texting me", "stop"),
        ("s\u20ddtop texting me", "stop"),
        ("un subscribe me", "stop"),
        ("opt in please", "start"),
        ("stop in please", None),
        ("stop enough", "stop"),
        ("They called, yes", None),
    ],
)
def test_words_count_however_they_are_spaced_and_led_in(body: str, meaning: str | None) -> None:
    """Hidden signs within a word do not hide it; "stop in" is a visit."""
    assert classify_reply(body) == meaning


@pytest.mark.parametrize(("words", "meaning"), [(57, "stop"), (56, None)])
def test_an_order_is_read_to_its_60th_word(words: int, meaning: str | None) -> None:
    """What follows later says nothing about it any more."""
    assert classify_reply("stop texting me" + " now" * words + " tomorrow") == meaning
