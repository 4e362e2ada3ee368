"""One POST to a stranger's server: to the pinned address, under the right name, within so many seconds, without redirects.

Nothing of the answer is kept but its status: what an address inside a network would say never comes back to whoever named it.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.integrations.webhooks.ssrf_guard import Refused, Target, target_of

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 2
READ_SECONDS = 4
SECONDS_MOST = 6
"""Of the whole attempt: a server that sends a byte a second would never time out by itself."""
verify: str | bool = True
"""Who vouches for certificates; tests have an authority of their own."""


def post(url: str, body: bytes, headers: dict[str, str]) -> int | str:
    """The status that was answered, or why none was. Never raises for what a stranger's URL or server does."""
    try:
        target = target_of(url)
    except Refused as refused:
        return f"url {refused}"
    return _post(target, body, headers)


def _post(target: Target, body: bytes, headers: dict[str, str]) -> int | str:
    import requests  # 81 ms that only sending pays
    from requests.exceptions import ConnectTimeout, SSLError, Timeout

    session = requests.Session()
    session.trust_env = False  # no proxy and no .netrc of the environment has a say
    adapter, connections = _adapter(target)
    session.mount("https://", adapter)
    late = threading.Event()
    watchdog = threading.Timer(SECONDS_MOST, _cut, (connections, late))
    watchdog.start()
    try:
        answer = session.post(
            target.pinned_url,
            data=body,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
            verify=verify,
            headers={**headers, "Host": target.host_header},
        )
        answer.close()
        return "no answer in time" if late.is_set() else int(answer.status_code)  # cut off, headers look complete
    except SSLError:
        return "certificate not trusted"
    except ConnectTimeout:
        return "no connection in time"
    except Timeout:
        return "no answer in time"
    except (requests.RequestException, OSError, ValueError) as error:
        return f"no answer: {type(error).__name__}"
    finally:
        watchdog.cancel()
        session.close()


def _adapter(target: Target) -> tuple[requests.adapters.HTTPAdapter, list[Any]]:
    """An adapter that connects to the address in the URL and speaks, and checks certificates, under the host's name."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection

    connections: list[Any] = []

    class Watched(HTTPSConnection):
        def connect(self) -> None:
            connections.append(self)
            super().connect()

    class Pinned(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **{**kwargs, "server_hostname": target.host, "assert_hostname": target.host})

        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
            pool = super().get_connection_with_tls_context(*args, **kwargs)
            pool.ConnectionCls = Watched
            return pool

    return Pinned(max_retries=0), connections


def _cut(connections: list[Any], late: threading.Event) -> None:
    import socket

    late.set()
    for connection in connections:
        if connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def signed_headers(secrets: list[str], event_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """Standard Webhooks: one signature for each secret that is valid, so that a receiver may change over when it likes."""
    from standardwebhooks.webhooks import Webhook

    signatures = " ".join(Webhook(secret).sign(event_id, now, body.decode()) for secret in secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Heardback-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures,
    }
