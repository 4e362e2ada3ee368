"""Asking a system back, by HTTPS: short time-outs, no redirects, a bound on what is read. The only user of `requests`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.integrations.ats.payload import Unmapped

CONNECT_SECONDS, READ_SECONDS = 3, 8
ANSWER_MOST = 2_000_000
"""Bytes. One candidate with all interviews is some tens of thousands."""
_CHUNK = 65_536


class RetryableError(Exception):
    """No usable answer now: throttled, out of service, or cut off. Later may help."""


class Asker:
    """Asks one system's API, under `base` only. `headers` carry the key."""

    def __init__(self, base: str, headers: dict[str, str], auth: tuple[str, str] | None = None) -> None:
        self._base = base.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "Heardback", **headers}
        self._auth = auth

    def get(self, path: str, **query: str) -> Any:
        """The parsed answer; None for what is not there (404, 410). Raises AskAgain, and Unmapped where the key is refused."""
        return self._ask("GET", path, params=query)[0]

    def page(self, path: str, **query: str) -> tuple[Any, str | None]:
        """One page of a list, and the cursor of the next. Of the `Link` header nothing else is believed: no other host, no other
        path is ever asked."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, **form: str) -> Any:
        """A form sent, for a token. Raises as `get` does."""
        return self._ask("POST", path, data=form)[0]

    def _ask(self, method: str, path: str, **what: dict[str, str]) -> tuple[Any, str | None]:
        import requests  # 81 ms that only asking pays

        try:
            answer = requests.request(
                method,
                self._base + path,
                headers=self._headers,
                auth=self._auth,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                **what,  # type: ignore[arg-type]
            )
            with answer:
                return _judged(answer.status_code, answer), _next_cursor(answer)
        except requests.RequestException as error:
            raise RetryableError(type(error).__name__) from error


def _next_cursor(answer: Any) -> str | None:
    following = parse_qs(urlsplit(answer.links.get("next", {}).get("url", "")).query)
    return following.get("cursor", [None])[0]


def _judged(status: int, answer: Any) -> Any:
    if status in (404, 410):
        return None
    if status in (401, 403):
        raise Unmapped(f"the API key was refused ({status})")
    if status != 200:
        raise RetryableError(f"the system answered {status}")
    raw = b""
    for chunk in answer.iter_content(_CHUNK):
        raw += chunk
        if len(raw) > ANSWER_MOST:
            raise Unmapped("the system's answer is larger than we read")
    try:
        return json.loads(raw)
    except ValueError as error:
        raise RetryableError("the system's answer is no JSON") from error
