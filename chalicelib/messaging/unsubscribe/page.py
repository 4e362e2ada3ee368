"""What a person sees who follows an unsubscribe link: few words, one button, nothing loaded from anywhere."""

from __future__ import annotations

from html import escape
from string import Template

from chalicelib.rules.canonical import mail_link
from chalicelib.rules.copy.language import Catalogue, catalogue
from chalicelib.rules.copy.palette import plain_style

_PAGE = Template("""<!doctype html>
<html lang="$language"$way>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$title</h1>
$body
</main>
</body>
</html>
""")

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def ask(said: Catalogue) -> str:
    """The button. The form posts to the page's own address, so the token stands nowhere in the page."""
    about = said.text(
        "Heardback sends reminders after job interviews. Press the button and we will send no more email to this "
        "address, whichever company it is about. To stop text messages, reply STOP to one of them."
    )
    return _page(said.text("Stop emails from Heardback?"), _paragraph(about) + _button(said.text("Stop all emails")), said)


def done(said: Catalogue) -> str:
    about = said.text("Done. We will send no more email to this address. You can close this page.")
    return _page(said.text("You will get no more emails"), _paragraph(about), said)


def ask_digest(what: str) -> str:
    """The button under a digest or a weekly report. It ends that one, of that employer, to this address alone."""
    about = f"Press the button and this company's {what} is no longer sent to your address. Other messages are not affected."
    return _page(f"Stop this {what}?", _paragraph(about) + _button(f"Stop this {what}"))


def digest_ended(what: str) -> str:
    about = "Done. A manager at your company sees this, and can enter your address again."
    return _page(f"You will no longer get this {what}", _paragraph(about))


def gone(support_email: str | None, said: Catalogue) -> str:
    """The link is ours and too old."""
    why = said.text("Please use the link in a newer message.")
    return _page(said.text("This link has expired"), f"<p>{escape(why, quote=False)}{_support(support_email, said)}</p>", said)


def unknown(support_email: str | None, said: Catalogue) -> str:
    """The link is not one of ours, or was cut short on its way."""
    why = said.text("It may have been cut in two by your mail program: please copy all of it.")
    return _page(said.text("This link does not work"), f"<p>{escape(why, quote=False)}{_support(support_email, said)}</p>", said)


def failed(said: Catalogue | None = None) -> str:
    said = said or catalogue("en")
    why = said.text("Nothing was changed. Please try again in a minute.")
    return _page(said.text("That did not work just now"), _paragraph(why), said)


def simple(title: str, body: str) -> str:
    """A page of this kind with other words. `body` is HTML."""
    return _page(title, body)


def _support(address: str | None, said: Catalogue) -> str:
    """A way out that needs no link: a person must always be able to stop the messages."""
    if not address:
        return ""
    link = f'<a href="{escape(mail_link(address))}">{escape(address)}</a>'
    return " " + said.say("Or write to $address and we will do it for you.", address=link)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>"


def _button(label: str) -> str:
    return f'<form method="post"><button type="submit">{escape(label, quote=False)}</button></form>'


def _page(title: str, body: str, said: Catalogue | None = None) -> str:
    way = ' dir="rtl"' if said and said.direction == "rtl" else ""
    language = said.language if said else "en"
    return _PAGE.substitute(title=escape(title), body=body, style=plain_style(), language=language, way=way)
