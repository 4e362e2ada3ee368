"""Sends one request to a stranger's server: to a pinned address, under the right host name, in bounded time, without redirects.

Of the response to a webhook only the status is kept, so that nobody learns through us what an address inside a network says.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.integrations.webhooks.ssrf_guard import LOOKUP_SECONDS, Refused, Target, resolve

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 2
READ_SECONDS = 4
SECONDS_MOST = 6
"""Of the whole attempt, the name's lookup included: a server that sends a byte a second would otherwise never time out."""

CUT_OFF_EVERY = 0.02
LEAST_SECONDS = 0.001
"""requests takes no timeout of 0."""


def post(url: str, body: bytes, headers: dict[str, str], *, seconds: float = SECONDS_MOST) -> int | str:
    """Return the status of the response, or why there was none. Never raises for what a URL or a server does."""
    return exchange("POST", url, body, headers, seconds=seconds)[0]


def exchange(
    method: str, url: str, body: bytes | None, headers: dict[str, str], *, seconds: float = SECONDS_MOST, read_most: int = 0
) -> tuple[int | str, bytes]:
    """Return the status of the response, or why there was none, and its body up to so many bytes. Never raises."""
    end = time.monotonic() + seconds
    try:
        target = resolve(url, seconds=min(seconds, LOOKUP_SECONDS))
    except Refused as refused:
        return f"url {refused}", b""
    return _exchange(method, target, body, headers, max(LEAST_SECONDS, end - time.monotonic()), read_most)


def _exchange(
    method: str, target: Target, body: bytes | None, headers: dict[str, str], seconds: float, read_most: int
) -> tuple[int | str, bytes]:
    import requests  # takes 81 ms, which only sending should cost
    from requests.exceptions import ConnectTimeout, SSLError, Timeout
    from urllib3.exceptions import HTTPError

    session = requests.Session()
    session.trust_env = False  # ignores proxies and .netrc of the environment
    adapter, connections = _pinned_adapter(target)
    session.mount("https://", adapter)
    timed_out, finished = threading.Event(), threading.Event()
    threading.Thread(target=_cut_off, args=(connections, seconds, timed_out, finished), daemon=True).start()
    try:
        response = session.request(
            method,
            target.pinned_url,
            data=body,
            timeout=(min(CONNECT_SECONDS, seconds), min(READ_SECONDS, seconds)),
            allow_redirects=False,
            stream=True,
            headers={**headers, "Host": target.host_header},
        )
        with response:
            read = response.raw.read(read_most, decode_content=True) if read_most else b""
        if timed_out.is_set():  # headers look complete when cut off
            return "no answer in time", b""
        return int(response.status_code), read
    except SSLError:
        return "certificate not trusted", b""
    except ConnectTimeout:
        return "no connection in time", b""
    except Timeout:
        return "no answer in time", b""
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        return f"no answer: {type(error).__name__}", b""
    finally:
        finished.set()
        session.close()


def _pinned_adapter(target: Target) -> tuple[requests.adapters.HTTPAdapter, list[Any]]:
    """Return an adapter that connects to the pinned address but checks the certificate of the host, and its connections."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection

    connections: list[Any] = []

    class RecordedConnection(HTTPSConnection):
        def connect(self) -> None:
            connections.append(self)
            super().connect()

    class PinnedAdapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **{**kwargs, "server_hostname": target.host, "assert_hostname": target.host})

        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
            pool = super().get_connection_with_tls_context(*args, **kwargs)
            pool.ConnectionCls = RecordedConnection
            return pool

    return PinnedAdapter(max_retries=0), connections


def _cut_off(connections: list[Any], seconds: float, timed_out: threading.Event, finished: threading.Event) -> None:
    """Shut down the connections after so many seconds, and again until the attempt has ended: one may open in that instant."""
    if finished.wait(seconds):
        return
    timed_out.set()
    while not finished.wait(CUT_OFF_EVERY):
        for connection in connections:
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


def signed_headers(secrets: list[str], event_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with one signature for each valid secret."""
    from standardwebhooks.webhooks import Webhook

    signatures = " ".join(Webhook(secret).sign(event_id, now, body.decode()) for secret in secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Heardback-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures,
    }
