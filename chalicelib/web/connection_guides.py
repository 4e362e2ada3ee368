"""What to do in each hiring system to connect it, in the order in which it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.integrations.ats.health import TITLES
from chalicelib.integrations.ats.systems import SYSTEMS
from chalicelib.rules.model import AtsName


@dataclass(frozen=True, slots=True)
class Guide:
    """The steps of one system. `fields` are the credentials that its form asks for, with label and hint."""

    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    fields: Mapping[str, tuple[str, str]]
    makes_secret: bool
    """Whether the system makes the secret itself, and shows it once its webhook has our URL."""


_EVENTS = "Subscribe to these events: {events}."
_OURS = "Add a webhook with the URL and the secret that you get here. " + _EVENTS
_THEIRS = "Add a webhook with the URL that you get here. " + _EVENTS
_PASTE = (
    "Copy the secret that {title} shows, and paste it on the connection's page. If there are several, put spaces between them."
)
_KEY = ("API key", "Make a key in {title} that may read candidates and interviews.")

_STEPS: Mapping[AtsName, tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str, str]], bool]] = {
    "greenhouse": (
        (
            "Greenhouse's webhooks do not report interview times. To read them, make a Harvest V3 (OAuth) credential "
            "with the scope harvest:interviews:list, and enter its id and secret here.",
        ),
        (_OURS,),
        {"client_id": ("Client ID", "Of the Harvest V3 credential"), "api_key": ("Client secret", "Of the same credential")},
        False,
    ),
    "ashby": ((), (_OURS,), {}, False),
    "workable": (
        ("Workable's webhooks do not report interviews, so we read them from its API.",),
        (_THEIRS, _PASTE),
        {"api_key": _KEY, "subdomain": ("Subdomain", "The part of your Workable address before .workable.com")},
        True,
    ),
    "lever": (
        ("Lever's events are only partly signed, so we read the rest from its API.",),
        (_THEIRS, _PASTE),
        {"api_key": _KEY},
        True,
    ),
    "teamtailor": (
        (
            "Teamtailor's events are only partly signed, so we read the rest from its API. It does not report interview times: "
            "add those on People, or import a spreadsheet.",
        ),
        (_THEIRS, _PASTE),
        {"api_key": _KEY, "subdomain": ("Region", "Leave it empty, or write na for North America")},
        True,
    ),
}


def guide(system: AtsName) -> Guide:
    """Return the steps of a system, with the events that it needs."""
    before, after, fields, makes_secret = _STEPS[system]
    kinds = dict.fromkeys(kind for need in SYSTEMS[system].needs for kind in need.kinds)
    words = {"title": TITLES[system], "events": ", ".join(kinds)}
    shown = {name: (label, hint.format(**words)) for name, (label, hint) in fields.items()}
    return Guide(TITLES[system], before, tuple(one.format(**words) for one in after), shown, makes_secret)
