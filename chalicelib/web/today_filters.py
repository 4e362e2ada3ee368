"""The filters of Today and of the waiting list: what a visitor chose, and the addresses of the other choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from chalicelib.api.query_params import one_of, true_or_false
from chalicelib.applications import groups
from chalicelib.applications.tally_items import group_key
from chalicelib.auth.sessions import Visitor
from chalicelib.reputation.call_list import Filters
from chalicelib.rules.model import STAGES
from chalicelib.web import formatting
from chalicelib.web.labels import DECIDED

_WORDS_MOST = 100


def _or_any(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Returns a reader to which an empty value, as a form sends it, chooses nothing."""
    return lambda value: read(value) if value else None


def _words(value: str) -> str | None:
    return "".join(char for char in value if char.isprintable()).strip()[:_WORDS_MOST] or None


FILTERS = {
    "reachable": true_or_false,
    "decided": _or_any(one_of(*DECIDED)),
    "stage": _or_any(one_of(*STAGES)),
    "owner": _or_any(one_of("me")),
    "snoozed": true_or_false,
    "group": _words,
    "job": _words,
}


def wanted_of(query: dict[str, Any], visitor: Visitor) -> Filters:
    owner = visitor.person.id if query.get("owner") else None
    chosen = (query.get("reachable", True), query.get("stage"), query.get("decided"))
    group = query.get("group")
    return Filters(*chosen, owner, query.get("snoozed", False), group_key(group) if group else None, query.get("job"))


def parameters_of(wanted: Filters) -> dict[str, str]:
    """Return the chosen filters as the parameters of an address."""
    chosen = {
        "decided": wanted.decided,
        "stage": wanted.stage,
        "reachable": None if wanted.reachable else "false",
        "owner": "me" if wanted.owner else None,
        "snoozed": "true" if wanted.snoozed else None,
        "group": wanted.group,
        "job": wanted.job,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def filter_values(wanted: Filters) -> dict[str, Any]:
    """Return the template values of the filters of Today."""

    def address(**changed: str) -> str:
        kept = {**parameters_of(wanted), **changed}
        return "/" + (f"?{urlencode(kept)}" if kept else "")

    choices = [
        ("Everybody", "/", wanted == Filters()),
        ("Mine", address(owner="me"), bool(wanted.owner)),
        ("Rejected, not told", address(decided="rejected"), wanted.decided == "rejected"),
        *((label, address(stage=stage), wanted.stage == stage) for stage, label in formatting.STAGE_NAMES.items()),
        ("No phone or email", address(reachable="false"), not wanted.reachable),
        ("Snoozed", address(snoozed="true"), wanted.snoozed),
    ]
    here = address()
    as_list = {"as_table": f"/waiting{here[1:]}", "as_file": f"/waiting/file{here[1:]}"}
    return {"choices": choices, "chosen": chosen_words(wanted), "back": here, "wanted": wanted, **as_list}


def form_values(wanted: Filters, visitor: Visitor) -> dict[str, Any]:
    """Return the template values of the form that sets the filters of the waiting list."""
    names = groups.names_of(visitor.employer.id)
    return {
        "wanted": wanted,
        "chosen": chosen_words(wanted),
        "stages": formatting.STAGE_NAMES,
        "decisions": DECIDED,
        "groups": [(name, group_key(name) == wanted.group) for name in names],
        "only_stage": wanted == Filters(stage=wanted.stage),
    }


def chosen_words(wanted: Filters) -> str:
    """Return what is chosen, in words: "Mine, Final interview"."""
    found = [
        "Mine" if wanted.owner else "",
        DECIDED.get(wanted.decided or "", ""),
        formatting.STAGE_NAMES[wanted.stage] if wanted.stage else "",
        "" if wanted.reachable else "No phone or email",
        "Snoozed" if wanted.snoozed else "",
        f"group “{wanted.group}”" if wanted.group else "",
        f"job title “{wanted.job}”" if wanted.job else "",
    ]
    return ", ".join(filter(None, found)) or "Everybody"
