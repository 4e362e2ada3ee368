"""Writes what a job seeker gets about their account: the sign-up mail, the texted code, what they agree to, and our answers."""

from __future__ import annotations

from html import escape

from chalicelib.rules.copy.language import catalogue, mark
from chalicelib.rules.copy.mail_answers import plain
from chalicelib.rules.copy.pages import NOT_READ, button, page
from chalicelib.rules.model import Language, Message

SIGN_UP_SUBJECT = mark("Keep track of your interviews with Heardback")
EMAIL_CONSENT = mark(
    "Heardback keeps the interviews that I enter, and mails me at this address when a company should have answered. "
    "I can export and erase everything, and end the mails, at any time."
)
SMS_CONSENT = mark(
    "Heardback texts this number when a company should have answered: at most two texts each time. "
    "Message and data rates may apply. Reply STOP to end the texts, HELP for help."
)
"""What a seeker agrees to: recorded word for word in the language in which it was shown, with the time."""
SIGN_UP_ASKED = mark("Someone entered this address to get reminders about their own job interviews. If that was you, start here:")
SIGN_UP_WORKS = mark("Both work for 14 days. If this was not you, do nothing: you get no more emails unless someone asks again.")
SIGN_IN_SUBJECT, SIGN_IN_ASKED = mark("Sign in to Heardback"), mark("Sign in to your interviews")
SIGN_IN_WORKS = mark(
    "The link and the code work for 15 minutes, and sign you in once. "
    "If you did not ask for them, ignore this email: nobody can sign in without it."
)
PHONE_CODE = mark("Heardback: $code is your code to get reminders at this number. If you did not ask for it, ignore this text.")
NOTED_SUBJECT = mark("Heardback has your message")
NOTED = {
    "called": mark("Heardback: noted that you called. Reply STOP to opt out."),
    "heard": mark("Heardback: noted that you heard. Reply STOP to opt out."),
    "no_answer": mark("Heardback: noted that nobody answered. Reply STOP to opt out."),
}
NOT_NOTED = mark("Heardback: reply CALLED, HEARD or NO ANSWER, and we note it. Reply STOP to opt out.")


def sign_up_mail(to: str, link: str, code: str, language: Language = "en") -> Message:
    """Returns the mail to an address that is new: in our words alone, nothing in it was chosen by the one who asked."""
    said = catalogue(language)
    asked, works, not_read = said.text(SIGN_UP_ASKED), said.text(SIGN_UP_WORKS), said.text(NOT_READ)
    by_code = said.say("Or enter this code where you are asked for it: $code", code=code)
    agreed = said.say("By starting you agree: $consent", consent=said.text(EMAIL_CONSENT))
    text = "\n\n".join([asked, link, by_code, agreed, works, not_read]) + "\n"
    parts = [
        f"<p>{escape(asked)}</p>",
        button(said.text("Start"), link),
        *(f"<p>{escape(paragraph)}</p>" for paragraph in (by_code, agreed, works)),
    ]
    subject = said.text(SIGN_UP_SUBJECT)
    return Message("email", to, text, subject, page(subject, parts, [not_read], language=language))


def sign_in_mail(to: str, link: str, code: str, language: Language = "en") -> Message:
    """Returns the mail by which a seeker signs in."""
    said = catalogue(language)
    asked, works, not_read = said.text(SIGN_IN_ASKED), said.text(SIGN_IN_WORKS), said.text(NOT_READ)
    by_code = said.say("Or enter this code: $code", code=code)
    text = "\n\n".join([f"{said.pair(asked)}\n{link}\n{by_code}", works, not_read]) + "\n"
    parts = [button(asked, link), f"<p>{escape(by_code)}</p>", f"<p>{escape(works)}</p>"]
    subject = said.text(SIGN_IN_SUBJECT)
    return Message("email", to, text, subject, page(subject, parts, [not_read], language=language))


def phone_code_text(to: str, code: str, language: Language = "en") -> Message:
    """Returns the one text that goes to a number before it is confirmed."""
    return Message("sms", to, catalogue(language).say(PHONE_CODE, code=code))


def noted(what: str | None, language: Language = "en") -> str:
    """Returns the answer to a seeker's text, in one segment."""
    return catalogue(language).text(NOTED.get(what or "", NOT_NOTED))


def noted_mail(to: str, what: str | None, answers: str | None, language: Language = "en") -> Message:
    """Returns the answer to a seeker's mail. `answers` is the Message-ID of theirs."""
    return plain(to, catalogue(language).text(NOTED_SUBJECT), noted(what, language), answers)
