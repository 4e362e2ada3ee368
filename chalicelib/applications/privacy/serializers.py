"""Erasures as clients see them."""

from __future__ import annotations

from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.privacy.items import ErasureItem

Json = dict[str, Any]


def erasure_json(item: ErasureItem) -> Json:
    """An erasure: what was erased and what is kept, with each legal hold and its end."""
    held = [{"application_id": one["application_id"], **one["held"]} for one in item.erased if one["held"]]
    return {
        "candidate_id": item.id,
        "cause": item.cause,
        "begun_at": instant(item.begun_at),
        "finished_at": instant(item.finished_at),
        "applications": len(item.erased) + len(item.applications),
        "kept": {
            "waits": sum(one["waits"] for one in item.erased),
            "messages": sum(one["messages"] for one in item.erased),
            "opt_outs": "as they are: keyed hashes, so that nobody who said stop is written to again",
        },
        "legal_hold": held,
    }
