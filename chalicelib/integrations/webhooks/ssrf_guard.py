"""Guards against server-side request forgery (SSRF): webhooks go to the public internet only, by HTTPS.

A name is resolved once, and the connection goes to the address that was found. So a name server that gives another address the
second time (DNS rebinding) has no effect. `ipaddress.is_global` alone is not enough: it calls public what a NAT64 gateway or a
6to4 router would forward to a private address.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

URL_MOST = 500
LOOKUP_SECONDS = 3
LOOKUPS_MOST = 16
"""Lookups under way at once. One that is given up runs on until the resolver's own timeouts: up to half a minute."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\.?|\[[0-9a-f:.]+\]", re.ASCII)
_ON_LOOPBACK = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{3,4})/", re.ASCII)
_V4_NOT_PUBLIC = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24")
)
"""Passed by `is_global`: protocol assignments, 6to4 relays, a cloud's own metadata and name server, AS112, AMT."""
_V6_PUBLIC = ipaddress.IPv6Network("2000::/3")
_V6_NOT_PUBLIC = tuple(
    ipaddress.ip_network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
"""Teredo and other protocol assignments, documentation, 6to4. NAT64 and mapped addresses are outside 2000::/3 altogether."""


class Refused(Exception):
    """The URL is not allowed. The message says why, and nothing about what was found there."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL, and the only address that a connection to it may use."""

    host: str
    port: int
    path: str
    address: str
    scheme: str = "https"

    @property
    def pinned_url(self) -> str:
        literal = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{literal}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        return self.host if self.port == 443 else f"{self.host}:{self.port}"


def split_url(url: str) -> tuple[str, int, str]:
    """Split a URL into host, port, and path with query. Raises Refused where its form is not allowed."""
    if len(url) > URL_MOST or not url.isascii() or not url.isprintable() or any(char in url for char in " \\\t"):
        raise Refused("is not a plain URL of at most 500 ASCII characters")
    try:
        parts = urlsplit(url)
        port = 443 if parts.port is None else parts.port
    except ValueError:
        raise Refused("is not a URL") from None
    if parts.scheme != "https":
        raise Refused("must begin with https://")
    if "@" in parts.netloc or parts.fragment or "%" in parts.netloc:
        raise Refused("must hold no user, fragment or encoded host")
    host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc.rstrip(":")
    host = host.lower()
    if not _HOST.fullmatch(host):
        raise Refused("has no host that can be looked up")
    if port != 443 and not 1024 <= port <= 65535:
        raise Refused("must use port 443, or one from 1024 up")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host.strip("[]").rstrip("."), port, path


def _none() -> str | None:
    return None


_local_receiver: Callable[[], str | None] = _none


def trust_local_receiver(named: Callable[[], str | None]) -> None:
    """Lets webhooks also go to the one address on loopback that `named` returns: a developer's own receiver.

    `infra.local` alone calls it. No setting, request or stored value leads here, so a deployment cannot be told to.
    """
    global _local_receiver
    _local_receiver = named


def _local_target(url: str) -> Target | None:
    matched = _ON_LOOPBACK.fullmatch(url)
    if matched is None or url != _local_receiver():
        return None
    return Target("127.0.0.1", int(matched[1]), "/", "127.0.0.1", "http")


def resolve(url: str, *, seconds: float = LOOKUP_SECONDS) -> Target:
    """Resolve a URL once, within so many seconds.

    Raises Refused where any of its addresses is not public: an honest host has no such address.
    """
    if local := _local_target(url):
        return local
    host, port, path = split_url(url)
    found = _look_up(host, port, seconds)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(map(is_public, addresses)):
        raise Refused("does not lead to the public internet")
    return Target(host, port, path, addresses[0])


_lookups = threading.BoundedSemaphore(LOOKUPS_MOST)


def _look_up(host: str, port: int, seconds: float) -> list[Any]:
    """Look up a host in a thread: `getaddrinfo` takes no timeout, and a stranger's name server chooses how long it takes."""
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))
        except (OSError, UnicodeError) as error:
            found.append(error)
        finally:
            _lookups.release()

    if not _lookups.acquire(blocking=False):
        raise Refused("cannot be looked up now: too many lookups are slow")
    thread = threading.Thread(target=look_up, name="name-lookup", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if not found:
        raise Refused("has a host that is not found in time")
    if isinstance(found[0], Exception):
        raise Refused("has a host that cannot be looked up")
    return list(found[0])


def is_public(address: str) -> bool:
    """Whether an address literal is public, whatever gateways are on the way to it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        is_special = found.is_multicast or found.is_reserved or any(found in net for net in _V4_NOT_PUBLIC)
        return found.is_global and not is_special
    if found not in _V6_PUBLIC or any(found in net for net in _V6_NOT_PUBLIC):
        return False
    number = int(found)
    if (number >> 32) & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE):  # ISATAP: an IPv4 address in the last 32 bits
        return is_public(str(ipaddress.IPv4Address(number & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast
