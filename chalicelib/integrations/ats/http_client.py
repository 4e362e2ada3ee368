"""Calls an ATS's API by HTTPS: short time-outs, no redirects, and a limit on what is read. The only user of `requests` here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.integrations.ats.payload import KeyRefused, Unmapped, dig

CONNECT_SECONDS, READ_SECONDS = 3, 8
RESPONSE_MOST = 2_000_000
"""Bytes. One candidate with all interviews is some tens of thousands."""
_CHUNK = 65_536


class RetryableError(Exception):
    """The API gave no usable response: throttled, out of service, or cut off. A later attempt may help."""


class ApiClient:
    """Calls one system's API, under `base` only. `headers` carry the key."""

    def __init__(self, base: str, headers: dict[str, str], auth: tuple[str, str] | None = None) -> None:
        self._base = base.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "Heardback", **headers}
        self._auth = auth

    def get(self, path: str, **query: str | list[str]) -> Any:
        """Return the parsed body; None for 404 and 410. Raises RetryableError, and Unmapped where the key is refused."""
        return self._request("GET", path, params=query)[0]

    def get_record(self, path: str, name: str, **query: str | list[str]) -> Any:
        """Return the parsed body, which holds an object of that name; None for 404 and 410, which alone say that it is gone.

        Raises as `get` does, and RetryableError where the body holds no such object.
        """
        body = self.get(path, **query)
        if body is not None and not isinstance(dig(body, name), dict):
            raise RetryableError(f"the system's answer holds no {name!r}")
        return body

    def get_page(self, path: str, **query: str) -> tuple[Any, str | None]:
        """Return one page of a list, and the cursor of the next.

        Only the cursor is taken from the `Link` header, so that no other host or path is ever called.
        """
        return self._request("GET", path, params=query)

    def post_form(self, path: str, **form: str) -> Any:
        """Send a form, for a token. Raises as `get` does."""
        return self._request("POST", path, data=form)[0]

    def _request(self, method: str, path: str, **content: Mapping[str, str | list[str]]) -> tuple[Any, str | None]:
        import requests  # takes 81 ms, which only a call should cost

        try:
            response = requests.request(
                method,
                self._base + path,
                headers=self._headers,
                auth=self._auth,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                **content,  # type: ignore[arg-type]
            )
            with response:
                return _read_response(response.status_code, response), _next_cursor(response)
        except requests.RequestException as error:
            raise RetryableError(type(error).__name__) from error


def _next_cursor(response: Any) -> str | None:
    query = parse_qs(urlsplit(response.links.get("next", {}).get("url", "")).query)
    return query.get("cursor", [None])[0]


def _read_response(status: int, response: Any) -> Any:
    if status in (404, 410):
        return None
    if status in (401, 403):
        raise KeyRefused(f"the API key was refused ({status})")
    if status != 200:
        raise RetryableError(f"the system answered {status}")
    raw = b""
    for chunk in response.iter_content(_CHUNK):
        raw += chunk
        if len(raw) > RESPONSE_MOST:
            raise Unmapped("the system's answer is larger than we read")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise RetryableError("the system's answer is no JSON") from error
    if body is None:
        raise RetryableError("the system's answer is empty")
    return body
