"""Phones and mail programs quote our message in a reply. What it says about STOP is ours, and opts nobody out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.rules.copy import automatic_replies, mail_answers, seeker_account
from chalicelib.rules.copy.email import nudge
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.employer import Employer
from chalicelib.rules.incoming_mail.html_text import html_to_text
from chalicelib.rules.incoming_mail.quotes import own_part
from chalicelib.rules.model import LANGUAGES, CallBack, Candidate, Language, Message
from chalicelib.rules.replies import classify_reply

DANA = CallBack("Dana Reyes", "+12025550101", "dana@example.com")
ACME = Employer("emp_1", "Acme Robotics", "America/New_York", DANA)
LINK = "https://heardback.example/u/" + "x" * 32
SAMPLES = [
    path
    for path in sorted((Path(__file__).parent / "samples").glob("*.txt"))
    if "Replies to this email are not read" not in path.read_text(encoding="utf-8")
]
EACH = pytest.mark.parametrize("language", LANGUAGES)


def messages(language: Language) -> list[Message]:
    """What a candidate gets: each reminder and notice by text and by mail, and our answers."""
    sam = Candidate("cand_1", "Sam Sample", "sam@example.com", "+12025550123", locale=language)
    about = {"employer": ACME, "candidate": sam, "job_title": "Welder", "stage": "final"}
    found = []
    for channel in ("sms", "email"):
        for number in (1, 2, 3):
            for answer_url in (LINK, None):
                more = {"kind": "call", "call_back": DANA, "unsubscribe_url": LINK, "answer_url": answer_url}
                found.append(nudge(number, channel, **about, **more))  # type: ignore[arg-type]
        next_word = {"next_word_by": datetime(2026, 12, 4, 15, tzinfo=UTC), "unsubscribe_url": LINK}
        found.append(holding_notice(channel, **about, **next_word))  # type: ignore[arg-type]
    texts = [automatic_replies.help_text("help@heardback.example", language), automatic_replies.received("Acme", language)]
    texts += [automatic_replies.started(language), automatic_replies.which(["Acme", "Blue Fern"], language)]
    texts += [seeker_account.noted(what, language) for what in ("called", "heard", "no_answer", None)]
    found += [Message("sms", "+12025550123", text) for text in texts]
    return [*found, mail_answers.received("sam@example.com", "Acme", None, language)]


@EACH
@pytest.mark.parametrize("quoted", ["Liked “{}”", "A aimé « {} »", "{}", "I will call them.\n\n{}", "Thank you\n{}\n"])
def test_a_quoted_message_of_ours_is_for_people(language: Language, quoted: str) -> None:
    """As a reaction, forwarded, or below what somebody wrote, without a mark that it is quoted."""
    wrong = [one.text for one in messages(language) if classify_reply(quoted.format(one.text)) in ("stop", "start", "help")]
    assert wrong == []


@EACH
def test_the_html_of_a_mail_of_ours_is_for_people_too(language: Language) -> None:
    mails = [one.html for one in messages(language) if one.html]
    assert [one for one in mails if classify_reply("Thanks\n" + html_to_text(one)) is not None] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_no_message_that_we_write_asks_to_be_stopped(sample: Path) -> None:
    """Without the first lines of a sample, which are no part of the message."""
    body = sample.read_text(encoding="utf-8").partition("\n\n")[2]
    assert classify_reply("Thank you, I will call.\n\n" + body) is None


@EACH
@pytest.mark.parametrize("order", ["STOP", "Please stop emailing me.", "unsubscribe"])
def test_an_order_above_a_quoted_message_counts(language: Language, order: str) -> None:
    assert [one.text for one in messages(language) if classify_reply(f"{order}\n\n{one.text}") != "stop"] == []


@pytest.mark.parametrize(
    "body",
    [
        *("Reply STOP to opt out", "STOP to opt out", "STOP = désinscription", "STOP = baja", "להסרה STOP", "수신거부 STOP"),
        "Unsubscribe: no more reminders about any interview",
    ],
)
def test_our_words_about_stop_alone_are_an_order(body: str) -> None:
    """Somebody copied them because they want just that."""
    assert classify_reply(body) == "stop"


FOOTERS = [
    "This email and any attachments are confidential. If you are not the intended recipient, please delete this email and notify "
    "the sender. Do not copy or forward it.",
    "CONFIDENTIALITY NOTICE: If you have received this in error, please remove it from your system.",
    "Please stop and think before printing this email.",
    "To unsubscribe from this group and stop receiving emails from it, send an email to x@y.example.",
    "To opt out, click here. You can unsubscribe at any time.",
    "If you no longer wish to receive these emails, unsubscribe here.",
    "Diese E-Mail ist vertraulich. Wenn Sie nicht der richtige Adressat sind, löschen Sie bitte diese E-Mail.",
    "Si vous n'êtes pas le destinataire, merci de supprimer ce message.",
    "Si usted no es el destinatario, elimine este mensaje y no lo reenvíe.",
]


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize("words", ["Thank you, I will wait.", "When will I know?"])
def test_the_footer_of_a_mail_opts_nobody_out(words: str, footer: str) -> None:
    """Offices and mailing lists add them."""
    assert classify_reply(f"{words}\n\nSam\n\n{footer}") is None


ABOVE = [
    "    On Monday, November 30, 2026 at 10:00:00 AM EST, Acme Robotics <r-a@reply.heardback.example> wrote:  ",
    "Op ma 30 nov 2026 om 10:01 schreef Acme Robotics <r-a@reply.heardback.example>:",
    "Il giorno lun 30 nov 2026 alle ore 10:01 Acme <r-a@reply.heardback.example> ha scritto:",
    "\u202bבתאריך יום ב׳, 30 בנוב׳ 2026 ב-10:01 מאת \u202aAcme\u202c\u200f <\u202ar-a@x.example\u202c\u200f>:\u202c",
    "pon., 30 lis 2026 o 10:01 Acme Robotics <r-a@reply.heardback.example> napisał(a):",
    "2026年11月30日(月) 10:01 Acme Robotics <r-a@reply.heardback.example>:",
    "Acme Robotics <r-a@reply.heardback.example> 于2026年11月30日周一 10:01写道：",
]
BLOCKS = [
    "De: Acme <a@x.example>\nEnviado el: lunes, 30 de noviembre de 2026 10:01\nPara: Sam <s@x.example>\nAsunto: Cita",
    "De: Acme <a@x.example>\nEnviada em: segunda-feira, 30 de novembro de 2026\nPara: Sam\nAssunto: Entrevista",
    "Da: Acme <a@x.example>\nInviato: lunedì 30 novembre 2026 10:01\nA: Sam\nOggetto: Colloquio",
    "Van: Acme <a@x.example>\nVerzonden: maandag 30 november 2026 10:01\nAan: Sam\nOnderwerp: Gesprek",
    "Od: Acme <a@x.example>\nWysłano: poniedziałek, 30 listopada 2026 10:01\nDo: Sam\nTemat: Rozmowa",
]


@pytest.mark.parametrize("above", [*ABOVE, *BLOCKS])
@pytest.mark.parametrize("mark", ["", " ", "> "])
def test_a_mail_quoted_below_is_cut_in_the_ways_of_mail_programs(above: str, mark: str) -> None:
    """Yahoo and Outlook mark no line of it."""
    quoted = "\n".join(mark + line for line in ("Hello,", "", "Have you heard back?", "Unsubscribe: no more reminders"))
    assert own_part(f"Not yet\n\n{above}\n\n{quoted}") == "Not yet"


@pytest.mark.parametrize(
    "mail",
    [
        "Hello\n\nOn Monday at 10:00 Dana wrote to me:\nWe will call you.",
        "Hello\n\nDana <dana@acme.example> said on 30 November 2026:\nwait",
        f"{ABOVE[0]}\nHello\n\nYes, they called.",
        f"Hello\n\n{ABOVE[0]}",
    ],
)
def test_a_mail_that_tells_of_another_stays_whole(mail: str) -> None:
    """It takes an address, a time and a year, words before it and words after it."""
    assert own_part(mail) == mail.strip()
