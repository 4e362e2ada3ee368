"""Asking a system back, by HTTPS: short time-outs, no redirects, a bound on what is read. The only user of `requests`."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.integrations.reading import Unmapped

CONNECT_SECONDS, READ_SECONDS = 3, 8
ANSWER_MOST = 2_000_000
"""Bytes. One candidate with all interviews is some tens of thousands."""
_CHUNK = 65_536


class AskAgain(Exception):
    """No usable answer now: throttled, out of service, or cut off. Later may help."""


class Asker:
    """Asks one system's API, under `base` only. `headers` carry the key."""

    def __init__(self, base: str, headers: dict[str, str], auth: tuple[str, str] | None = None) -> None:
        self._base = base.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "Heardback", **headers}
        self._auth = auth

    def get(self, path: str, **query: str) -> Any:
        """The parsed answer; None for what is not there (404, 410). Raises AskAgain, and Unmapped where the key is refused."""
        import requests  # 81 ms that only asking pays

        try:
            answer = requests.get(self._base + path, params=query, headers=self._headers, auth=self._auth, stream=True,
                                  allow_redirects=False, timeout=(CONNECT_SECONDS, READ_SECONDS))  # fmt: skip
            with answer:
                return _judged(answer.status_code, answer)
        except requests.RequestException as error:
            raise AskAgain(type(error).__name__) from error


def _judged(status: int, answer: Any) -> Any:
    if status in (404, 410):
        return None
    if status in (401, 403):
        raise Unmapped(f"the API key was refused ({status})")
    if status != 200:
        raise AskAgain(f"the system answered {status}")
    raw = b""
    for chunk in answer.iter_content(_CHUNK):
        raw += chunk
        if len(raw) > ANSWER_MOST:
            raise Unmapped("the system's answer is larger than we read")
    try:
        return json.loads(raw)
    except ValueError as error:
        raise AskAgain("the system's answer is no JSON") from error
