"""Requests to stop that one pattern alone finds, language by language: without that pattern each would go unheard."""

from __future__ import annotations

import pytest

from chalicelib.rules.replies import classify_reply, is_keyword

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
    "Polish": (
        "Proszę przestać | Przestańcie pisać | Proszę nie pisać | nie wysyłajcie mi wiadomości | wypisz mnie | Stop proszę | "
        "Proszę mnie usunąć z listy | nie chcę więcej wiadomości | Zły numer | pomyłka"
    ),
    "Russian": (
        "Отписаться | стоп | Не пишите мне | больше не присылайте сообщения | Хватит писать | отпишите меня | "
        "Удалите мой номер | вы ошиблись номером | не тот номер"
    ),
    "Arabic": (
        "توقف | إيقاف | إلغاء الاشتراك | لا ترسلوا لي رسائل | توقفوا عن إرسال الرسائل | لا تراسلوني | لا أريد رسائل | "
        "رقم خاطئ | الرقم غلط"
    ),
    "Hindi": ("बंद करो | बंद करें | रोकें | मुझे मैसेज मत भेजो | कृपया मैसेज बंद करें | गलत नंबर | band karo | message mat bhejo | galat number"),
    "Chinese": (
        "退订 | 退訂 | 停止 | 取消订阅 | 别再发了 | 请不要再发短信了 | 请不要再联系我 | 請勿打擾 | "
        "我不想收到这些短信 | 你打错了 | 發錯人了"
    ),
    "Japanese": (
        "ストップ | 配信停止 | やめてください | もう送らないでください | 連絡しないでください | メールを送らないでください | "
        "番号が違います | 間違い電話です | 退会"
    ),
}


@pytest.mark.parametrize("body", [body for bodies in REQUESTS.values() for body in bodies.split(" | ")])
def test_a_request_to_stop_counts_in_each_language(body: str) -> None:
    """The person says it their own way; one text after that is one too many."""
    assert classify_reply(body) == "stop"


@pytest.mark.parametrize(
    "body",
    [
        *(
            "no paren",
            "No dejen de escribirme",
            "no cancelen",
            "no me quiten de la lista",
            "no quiero darme de baja",
            "no pare por favor",
        ),
        *("não parem de me mandar mensagens", "Não quero sair da lista", "não removam meu número", "non smettete di scrivermi"),
        *("Non cancellatemi", "löschen Sie meine Nummer nicht", "n'arrêtez pas de m'écrire", "ik wil me niet afmelden"),
        *(
            "אל תסירו אותי",
            "수신거부 하지 마세요",
            "nie przestawajcie",
            "не отписывать",
            "لا تتوقف",
            "बंद मत करो",
            "不要停止",
            "停止しないでください",
        ),
    ],
)
def test_who_asks_us_to_go_on_is_not_opted_out(body: str) -> None:
    """A "no" directly before an order says the opposite of it."""
    assert classify_reply(body) is None


@pytest.mark.parametrize(
    "body", ["No, paren", "No. Dejen de escribirme", "No, basta", "Não. Parem de me mandar mensagens", "no stop texting me"]
)
def test_a_no_before_a_comma_leaves_an_order_as_it_is(body: str) -> None:
    assert classify_reply(body) == "stop"


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        *(("STOP Acme Robotics", "stop"), ("STOP 2", "stop"), ("UNSUBSCRIBE Blue Fern.", "stop")),
        *(("Stop Light Road 5", None), ("STOP by at 3", None), ("stop 2", None), ("STOP 12", None)),
    ],
)
def test_stop_in_capitals_may_name_a_company_or_a_number(body: str, meaning: str | None) -> None:
    """Of two companies that texted, one; it ends all texts to the number."""
    assert (classify_reply(body), is_keyword(body)) == (meaning, meaning == "stop")


@pytest.mark.parametrize(
    "reason", ["Not interested", "no thanks", "who is this", "Wrong number", "ok got the job", "I have a new job", "Wrong #"]
)
@pytest.mark.parametrize("order", ["stop", "STOP", "and stop", "please stop", "stop texting me", "but please remove me"])
def test_a_reason_without_a_full_stop_does_not_hide_an_order(reason: str, order: str) -> None:
    assert classify_reply(f"{reason} {order}") == "stop"


@pytest.mark.parametrize(
    "body",
    ["Wrong stop, sorry", "who is this stop sign for", "no thanks non stop", "Stop and think before you print", "stop and shop"],
)
def test_stop_in_another_sense_is_for_people(body: str) -> None:
    assert classify_reply(body) is None


@pytest.mark.parametrize(
    "body", ["Yes please", "yes, please call me", "Sí por favor", "Oui svp", "ja bitte", "כן בבקשה", "no please"]
)
def test_a_yes_that_asks_for_something_is_for_people(body: str) -> None:
    """ "Yes please" asks to be called. It does not say that somebody did."""
    assert classify_reply(body) is None


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
