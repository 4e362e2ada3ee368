"""The local stack for the fuzzer: sample host names resolve without a network, and nothing leaves this machine.

Takes the options of `python -m infra.local`.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

from infra.local.__main__ import main

SAMPLES = ".example.com"
PUBLIC = "93.184.215.14"
_look_up = socket.getaddrinfo
_connect = socket.socket.connect


def look_up(host: Any, *arguments: Any, **named: Any) -> Any:
    """Resolve sample names to public addresses, keep literals and our own, and refuse the rest."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.endswith(SAMPLES):
        return _look_up(PUBLIC, *arguments, **named)
    if name != "localhost" and any(char.isalpha() for char in name) and ":" not in name:
        raise socket.gaierror(socket.EAI_NONAME, "not looked up while fuzzing")
    return _look_up(host, *arguments, **named)


def connect(this: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and address[0] != "localhost" and not ipaddress.ip_address(address[0]).is_loopback:
        raise ConnectionRefusedError("nothing leaves this machine while fuzzing")
    _connect(this, address)


if __name__ == "__main__":
    socket.getaddrinfo = look_up  # type: ignore[assignment]
    socket.socket.connect = connect  # type: ignore[assignment,method-assign]
    sys.exit(main())
