"""Names a browser in a few words of ours, for the list of a person's sessions. The header itself is not kept: it identifies."""

from __future__ import annotations

Words = tuple[tuple[str, str], ...]
_BROWSERS: Words = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""What the header holds -> our word; the first that fits, since many pretend to be Chrome and Safari too."""
_SYSTEMS: Words = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def describe(user_agent: str) -> str | None:
    """Returns words like "Firefox on Windows", or None where nothing is known."""
    known = [next((word for mark, word in table if mark in user_agent), None) for table in (_BROWSERS, _SYSTEMS)]
    return " on ".join(word for word in known if word) or None
