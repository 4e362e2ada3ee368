"""Sends one POST to a stranger's server: to a pinned address, under the right host name, in bounded time, without redirects.

Of the response only the status is kept, so that nobody learns through us what an address inside a network says.
"""

from __future__ import annotations

import socket
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.integrations.webhooks.ssrf_guard import Refused, Target, resolve

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 2
READ_SECONDS = 4
SECONDS_MOST = 6
"""Of the whole attempt: a server that sends a byte a second would otherwise never time out."""


def post(url: str, body: bytes, headers: dict[str, str], *, seconds: float = SECONDS_MOST) -> int | str:
    """Return the status of the response, or why there was none. Never raises for what a URL or a server does."""
    try:
        target = resolve(url)
    except Refused as refused:
        return f"url {refused}"
    return _post(target, body, headers, seconds)


def _post(target: Target, body: bytes, headers: dict[str, str], seconds: float) -> int | str:
    import requests  # takes 81 ms, which only sending should cost
    from requests.exceptions import ConnectTimeout, SSLError, Timeout

    session = requests.Session()
    session.trust_env = False  # ignores proxies and .netrc of the environment
    adapter, connections = _pinned_adapter(target)
    session.mount("https://", adapter)
    timed_out = threading.Event()
    timer = threading.Timer(seconds, _cut_off, (connections, timed_out))
    timer.start()
    try:
        response = session.post(
            target.pinned_url,
            data=body,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
            headers={**headers, "Host": target.host_header},
        )
        response.close()
        return "no answer in time" if timed_out.is_set() else int(response.status_code)  # headers look complete when cut off
    except SSLError:
        return "certificate not trusted"
    except ConnectTimeout:
        return "no connection in time"
    except Timeout:
        return "no answer in time"
    except (requests.RequestException, OSError, ValueError) as error:
        return f"no answer: {type(error).__name__}"
    finally:
        timer.cancel()
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


def _cut_off(connections: list[Any], timed_out: threading.Event) -> None:
    timed_out.set()
    for connection in connections:
        if connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


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
