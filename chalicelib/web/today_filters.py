"""The filters of Today and of the waiting list: what a visitor chose, and the addresses of the other choices."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from chalicelib.api.query_params import one_of, true_or_false
from chalicelib.auth.sessions import Visitor
from chalicelib.reputation.call_list import Filters
from chalicelib.rules.model import STAGES
from chalicelib.web import formatting
from chalicelib.web.labels import DECIDED

FILTERS = {
    "reachable": true_or_false,
    "decided": one_of(*DECIDED),
    "stage": one_of(*STAGES),
    "owner": one_of("me"),
    "snoozed": true_or_false,
}


def wanted_of(query: dict[str, Any], visitor: Visitor) -> Filters:
    owner = visitor.person.id if "owner" in query else None
    chosen = (query.get("reachable", True), query.get("stage"), query.get("decided"))
    return Filters(*chosen, owner, query.get("snoozed", False))


def filter_values(wanted: Filters) -> dict[str, Any]:
    """Return the template values of the filters."""

    def address(**changed: Any) -> str:
        now = {"decided": wanted.decided, "stage": wanted.stage, "reachable": None if wanted.reachable else "false"}
        others = {"owner": "me" if wanted.owner else None, "snoozed": "true" if wanted.snoozed else None}
        kept = {name: value for name, value in {**now, **others, **changed}.items() if value is not None}
        return "/" + (f"?{urlencode(kept)}" if kept else "")

    choices = [
        ("Everybody", "/", wanted == Filters()),
        ("Mine", address(owner="me"), bool(wanted.owner)),
        ("Rejected, not told", address(decided="rejected"), wanted.decided == "rejected"),
        *((label, address(stage=stage), wanted.stage == stage) for stage, label in formatting.STAGE_NAMES.items()),
        ("No phone or email", address(reachable="false"), not wanted.reachable),
        ("Snoozed", address(snoozed="true"), wanted.snoozed),
    ]
    chosen = next((label for label, _, is_chosen in choices if is_chosen), "Everybody")
    here = address()
    as_list = {"as_table": f"/waiting{here[1:]}", "as_file": f"/waiting/file{here[1:]}"}
    return {"choices": choices, "chosen": chosen, "back": here, "wanted": wanted, **as_list}
