"""What a person sees who follows an unsubscribe link: few words, one button, nothing loaded from anywhere."""

from __future__ import annotations

from html import escape
from string import Template

from chalicelib.rules.copy.palette import plain_style

_PAGE = Template("""<!doctype html>
<html lang="en">
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


def ask() -> str:
    """The button. The form posts to the page's own address, so the token stands nowhere in the page."""
    return _page(
        "Stop emails from Heardback?",
        "<p>Heardback sends reminders after job interviews. Press the button and we will send no more email to this "
        "address, whichever company it is about. To stop text messages, reply STOP to one of them.</p>"
        '<form method="post"><button type="submit">Stop all emails</button></form>',
    )


def done() -> str:
    return _page(
        "You will get no more emails",
        "<p>Done. We will send no more email to this address. You can close this page.</p>",
    )


def ask_digest() -> str:
    """The button under a digest. It ends that employer's digest to this address alone."""
    return _page(
        "Stop this digest?",
        "<p>Press the button and this company's digest is no longer sent to your address. Other messages are not affected.</p>"
        '<form method="post"><button type="submit">Stop this digest</button></form>',
    )


def digest_ended() -> str:
    return _page(
        "You will no longer get this digest",
        "<p>Done. A manager at your company sees this, and can enter your address again.</p>",
    )


def gone(support_email: str | None) -> str:
    """The link is ours and too old."""
    return _page("This link has expired", "<p>Please use the link in a newer message." + _support(support_email) + "</p>")


def unknown(support_email: str | None) -> str:
    """The link is not one of ours, or was cut short on its way."""
    return _page(
        "This link does not work",
        "<p>It may have been cut in two by your mail program: please copy all of it." + _support(support_email) + "</p>",
    )


def failed() -> str:
    return _page("That did not work just now", "<p>Nothing was changed. Please try again in a minute.</p>")


def simple(title: str, body: str) -> str:
    """A page of this kind with other words. `body` is HTML."""
    return _page(title, body)


def _support(address: str | None) -> str:
    """A way out that needs no link: a person must always be able to stop the messages."""
    return f' Or write to <a href="mailto:{escape(address)}">{escape(address)}</a> and we will do it for you.' if address else ""


def _page(title: str, body: str) -> str:
    return _PAGE.substitute(title=escape(title), body=body, style=plain_style())
