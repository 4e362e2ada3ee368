"""Shows what was typed into a form that could not be saved: a page open for too long, a session that ended, a wrong value.

Only forms that the browser itself says come from our pages are shown again. Another site could otherwise put values of its own
in front of somebody, one press away from being saved.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from chalicelib.api import forms
from chalicelib.api.request import Request
from chalicelib.config import settings
from chalicelib.errors import ApiError

Pairs = list[tuple[str, str]]
_HIDDEN = frozenset({"back", "do", "from", "application", "reply", "who", "cursor"})
_SECRET = ("secret", "token", "key", "code")


def of(request: Request) -> Pairs:
    """Return the fields of a posted form without its token; none of a file, or of a form from elsewhere."""
    if request.method != "POST" or not _is_ours(request):
        return []
    try:
        given = forms.read(request)
    except ApiError:
        return []
    return [(name, value) for name, values in given.items() if name != forms.FIELD for value in values]


def _is_ours(request: Request) -> bool:
    own = urlsplit(settings().base_url)
    origin = request.headers.get("origin", "").lower()
    return request.headers.get("sec-fetch-site") == "same-origin" or origin == f"{own.scheme}://{own.netloc}".lower()


def typed(kept: Pairs) -> Pairs:
    """Return what a person typed or chose, with labels: neither ids nor secrets."""
    return [(_label(name), value) for name, value in kept if value.strip() and _is_shown(name)]


def _is_shown(name: str) -> bool:
    return name not in _HIDDEN and not any(part in name for part in _SECRET)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
