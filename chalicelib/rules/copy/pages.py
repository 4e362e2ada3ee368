"""Holds what all messages share: the frame of an HTML email.

User input is escaped here or by the caller with `html.escape`, and is never used as a template.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from chalicelib.rules.copy.language import RIGHT_TO_LEFT, mark
from chalicelib.rules.copy.palette import DARK, FONT, LIGHT
from chalicelib.rules.model import Language, Stage

NOT_READ = mark("Replies to this email are not read.")
STAGE_WORDS: dict[Stage, str] = {"screen": "screening call", "interview": "interview", "final": "final interview"}
_BODY = f"margin:0;padding:24px 16px;background:{LIGHT['page']};color:{LIGHT['text']};font:16px/1.5 {FONT};overflow-wrap:anywhere"
_BUTTON = (
    f"display:inline-block;padding:14px 22px;background:{LIGHT['action']};color:{LIGHT['on-action']};font-weight:600;"
    "text-decoration:none;border-radius:8px"
)
_LINK = f"color:{LIGHT['link']}"
_SMALL = f"color:{LIGHT['soft']};font-size:14px"
_AT_NIGHT = (
    "@media (prefers-color-scheme:dark){"
    f"body{{background:{DARK['page']}!important;color:{DARK['text']}!important}}a{{color:{DARK['link']}!important}}"
    f"a[class=button]{{background:{DARK['action']}!important;color:{DARK['on-action']}!important}}"
    f"footer{{color:{DARK['soft']}!important}}}}"
)
"""Mail programs that know dark colours read this; the others show the light ones, which stand at each element."""


def button(label: str, link: str) -> str:
    """Returns the HTML of a button, large enough for touch and readable without colour."""
    return f'<p style="margin:24px 0"><a class="button" href="{escape(link)}" style="{_BUTTON}">{escape(label)}</a></p>'


def page(
    title: str,
    parts: Iterable[str],
    about: Sequence[str],
    unsubscribe_url: str | None = None,
    unsubscribe: str = "",
    language: Language = "en",
) -> str:
    """Returns a whole HTML email: `parts` are HTML, `about` is plain text for the footer."""
    foot = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in about)
    if unsubscribe_url:
        foot += f'<p><a href="{escape(unsubscribe_url)}" style="{_LINK}">{escape(unsubscribe)}</a></p>'
    way = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""  # on each part: some mail clients drop the outer elements
    return (
        f'<!doctype html>\n<html lang="{language}"{way}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{_AT_NIGHT}</style></head>\n"
        f'<body style="{_BODY}"><main{way} style="max-width:600px;margin:0 auto">\n'
        + "\n".join(parts)
        + f'\n</main>\n<footer{way} style="max-width:600px;margin:32px auto 0;{_SMALL}">{foot}</footer>\n</body></html>\n'
    )
