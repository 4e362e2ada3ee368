"""The evidence as a page to print. It loads nothing, and shows every hash in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.rules.copy.palette import as_css
from chalicelib.rules.employer import Employer

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Robots-Tag": "noindex",
}
_STYLE = (
    as_css()
    + "body{font:12pt/1.45 var(--font);max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--text);background:var(--page)}"
    "h1{overflow-wrap:anywhere}div{overflow-x:auto}:focus-visible{outline:.2rem solid var(--focus)}"
    "table{border-collapse:collapse;width:100%;min-width:46rem}th,td{border:1px solid var(--field);padding:.35rem .5rem;"
    "text-align:left;vertical-align:top}td{overflow-wrap:anywhere}"
    "@media print{body{margin:0;font-size:9pt;color:#000;background:#fff}"
    "div{overflow:visible}table{min-width:0}tr{break-inside:avoid}}"
)
_OTHER_COLUMNS = {"number", "recorded_at", "what", "id", "previous", "hash"}


def page(employer: Employer, pack: dict[str, Any], now: datetime) -> str:
    title = f"Evidence of application {pack['application_id']}"
    state = "Every entry is as it was written." if pack["intact"] else f"Broken at entry {pack['broken_at']}."
    erased = "<p>The candidate has been erased; what the duty needs is kept.</p>" if pack["erased"] else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        f"<p>{escape(employer.name)}, as of {instant(now)}. Times are UTC. {escape(state)} "
        f"Kept until {escape(pack['kept_until'] or 'unset')}.</p>{erased}"
        f"{_duties(pack['duties'])}{_entries(pack['entries'])}</main></body></html>\n"
    )


def _duties(duties: list[dict[str, Any]]) -> str:
    if not duties:
        return ""
    rows = [(d["duty"], d["due_on"], d["state"].replace("_", " "), d["met_at"] or "", d["source"], _verified(d)) for d in duties]
    return "<h2>Duties</h2>" + _table("Duties", ("Duty", "Last day", "State", "Met at", "Source", "Verified"), rows)


def _verified(duty: dict[str, Any]) -> str:
    since = duty["unverified_since"]
    return f"unverified since {since}" if since else f"on {duty['verified_on']}"


def _entries(entries: list[dict[str, Any]]) -> str:
    rows = [(str(e["number"]), e["recorded_at"], f"{e['what']} {e['id']}", _details(e), e["hash"]) for e in entries]
    head = ("No.", "Written down at", "What", "As told", "SHA-256, over the one before too")
    return "<h2>Entries</h2>" + _table("Entries", head, rows)


def _details(entry: dict[str, Any]) -> str:
    said = {name: value for name, value in entry.items() if name not in _OTHER_COLUMNS and value not in (None, False)}
    return "; ".join(f"{name}: {value}" for name, value in said.items())


def _table(name: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div role="region" aria-label="{name}" tabindex="0">{table}</div>'
