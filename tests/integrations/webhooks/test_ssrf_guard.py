"""A stranger names the URL: no connection ever goes to an address that is not public."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time

import pytest

from chalicelib.integrations.webhooks import send
from chalicelib.integrations.webhooks.ssrf_guard import LOOKUPS_MOST, Refused, is_public, resolve
from tests.integrations.webhooks.conftest import HOST, PUBLIC, URL

METADATA, LOOPBACK, INSIDE = "169.254.169.254", "127.0.0.1", "10.1.2.3"
NOT_PUBLIC_V4 = (
    METADATA,
    LOOPBACK,
    INSIDE,
    "172.16.5.4",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - nothing is bound
    "127.255.255.254",
    "192.0.0.192",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "240.0.0.1",
    "192.88.99.1",
    "203.0.113.5",
    "198.51.100.7",
    "192.0.2.1",
)
NOT_PUBLIC_V6 = (
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "fec0::1",
    "5f00::1",
    "3fff::1",
)
HARD = (METADATA, LOOPBACK, INSIDE, "192.168.1.1", "172.16.5.4")


def _spellings(address: str) -> list[str]:
    """All ways in which inet_aton and people write an IPv4 address."""
    a, b, c, d = (int(part) for part in address.split("."))
    whole = int(ipaddress.IPv4Address(address))
    return [
        address,
        str(whole),
        f"0x{whole:x}",
        f"0X{whole:08X}",
        f"0{whole:o}",
        f"{a}.{(b << 16) + (c << 8) + d}",
        f"{a}.{b}.{(c << 8) + d}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"0x{a:x}.{b}.0{c:o}.{d}",
        f"00{a:o}.{b}.{c}.{d}",
        f"{address}.",
        f"0x{a:x}.{(b << 16) + (c << 8) + d}",
        f"{a}.0x{b:x}.{(c << 8) + d}",
    ]


def _carried(address: str) -> list[str]:
    """An IPv4 address inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP."""
    whole = int(ipaddress.IPv4Address(address))
    high, low = whole >> 16, whole & 0xFFFF
    hidden = whole ^ 0xFFFFFFFF
    return [
        f"::ffff:{address}",
        f"::ffff:{high:x}:{low:x}",
        f"::{address}",
        f"::ffff:0:{address}",
        f"64:ff9b::{address}",
        f"64:ff9b::{high:x}:{low:x}",
        f"64:ff9b:1::{address}",
        f"2002:{high:x}:{low:x}::",
        f"2002:{high:x}:{low:x}::1",
        f"2001:0:4136:e378:8000:63bf:{hidden >> 16:x}:{hidden & 0xFFFF:x}",
        f"2001:0:{high:x}:{low:x}::1",
        f"2600:1f18::5efe:{address}",
        f"2600:1f18::200:5efe:{address}",
        f"0:0:0:0:0:ffff:{high:04x}:{low:04x}",
    ]


def _corpus() -> list[str]:
    hosts = [spelt for address in NOT_PUBLIC_V4 for spelt in _spellings(address)]
    hosts += [f"[{address}]" for address in NOT_PUBLIC_V6]
    hosts += [f"[{carried}]" for address in HARD for carried in _carried(address)]
    hosts += ["localhost", "localhost.", "LOCALHOST", "localhost.localdomain", "ip6-localhost"]
    urls = [f"https://{host}/latest/meta-data/" for host in hosts] + [f"https://{host}:8443/" for host in hosts[:40]]
    urls += [
        f"https://{HOST}@{LOOPBACK}/",
        f"https://{LOOPBACK}#@{HOST}/",
        f"https://{HOST}:443@{METADATA}/",
        "https://[::1%25lo]/",
        f"https://{HOST}\\@{LOOPBACK}/",
        f"https://{LOOPBACK}%2f@{HOST}/",
        f"https://{HOST}%00.{LOOPBACK}/",
        "https:///etc/passwd",
        f"http://{LOOPBACK}/",
        f"http://{HOST}/",
        "file:///etc/passwd",
        f"gopher://{LOOPBACK}:6379/_INFO",
        "ftp://127.0.0.1/",
        f"dict://{LOOPBACK}:11211/",
        "//127.0.0.1/",
        "https://",
        "https://:8443/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://127.0.0.1:22/",
        f"https://{HOST}:25/",
        f"https://{HOST}:0/",
        f"https://{HOST}:70000/",
        f"https://{HOST}:8 0/",
        f"https://{HOST}/\r\nHost: x",
        f"https://{HOST}\t/",
        f" https://{LOOPBACK}/",
        "https://[::ffff:7f00:1",
        "https://[1]/",
        "https://0/",
        "https://0x/",
        "https://127.1/",
        "https://0177.1/",
        "jar:https://127.0.0.1!/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com/#x",
        "https://" + "a" * 600 + ".com/",
    ]
    return list(dict.fromkeys(urls))


CORPUS = _corpus()


def test_no_connection_goes_to_an_address_that_is_not_public(internet, receiver):
    """Every spelling of such an address that we know of, as a webhook's URL: no connection is even begun."""
    assert len(CORPUS) >= 300
    said = {url: send.post(url, b"{}", {}) for url in CORPUS}
    assert internet.tried == []
    assert receiver.got == []
    assert [url for url, what in said.items() if not str(what).startswith("url ")] == []


REBINDING = {
    "answers_inside.example": [[INSIDE]],
    "one_of_two.example": [[PUBLIC, INSIDE]],
    "six.example": [["::1"]],
    "nat64.example": [[f"64:ff9b::{METADATA}"]],
    "6to4.example": [["2002:a9fe:a9fe::"]],
    "both.example": [[PUBLIC, f"::ffff:{METADATA}"]],
    "nobody.example": [[]],
}


@pytest.mark.parametrize("host", REBINDING)
def test_a_name_that_leads_inside_is_not_followed(internet, host):
    """Anybody can point a name at an internal address."""
    internet.names[host.replace("_", "-")] = [list(answer) for answer in REBINDING[host]]
    assert str(send.post(f"https://{host.replace('_', '-')}/", b"{}", {})).startswith("url ")
    assert internet.tried == []


def test_a_name_is_looked_up_once_and_the_connection_goes_to_that_address(internet, receiver):
    """DNS rebinding: the first answer is public and passes, the second, a millisecond later, is the metadata service."""
    internet.names[HOST] = [[PUBLIC], [METADATA], [METADATA]]
    assert send.post(URL, b"{}", {}) == 204
    assert (internet.lookups, internet.tried) == ([HOST], [PUBLIC])


def test_the_pinned_connection_sends_the_right_host_name(internet, receiver):
    """Servers choose their certificate by SNI and their site by Host: neither is the pinned address."""
    assert send.post(f"https://{HOST}:8443/in?key=1", b"{}", {"webhook-id": "evt_1"}) == 204
    ((path, headers, body),) = receiver.got
    assert (path, headers["Host"], body, receiver.seen_names) == ("/in?key=1", f"{HOST}:8443", b"{}", [HOST])


def test_a_certificate_for_another_name_is_not_trusted(internet, receiver):
    """A pinned address does not switch off the check of the name."""
    internet.names["other.example.com"] = [PUBLIC]
    assert send.post("https://other.example.com/", b"{}", {}) == "certificate not trusted"
    assert receiver.got == []


LOCATIONS = [f"http://{METADATA}/", "https://127.0.0.1/", "//10.0.0.1/", "https://2130706433/", "gopher://localhost/"]


@pytest.mark.parametrize(
    ("status", "location"), [*((302, one) for one in LOCATIONS), *((one, LOCATIONS[0]) for one in (301, 303, 307, 308))]
)
def test_a_redirect_is_not_followed(internet, receiver, status, location):
    """A redirect is the oldest way around a check of the URL."""
    receiver.answers, receiver.headers = [status], {"Location": location}
    assert send.post(URL, b"{}", {}) == status
    assert internet.tried == [PUBLIC]


def test_proxies_of_the_environment_are_ignored(internet, receiver, monkeypatch):
    """A proxy would look the name up again, and might connect anywhere."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.9.9.9:3128")
    assert send.post(URL, b"{}", {}) == 204
    assert internet.tried == [PUBLIC]


def test_a_server_that_sends_byte_by_byte_is_cut_off(internet, receiver):
    """One header line a second never times out, and a worker is paid for by the second."""
    receiver.hold_seconds = 0.1
    assert str(send.post(URL, b"{}", {}, seconds=0.5)).startswith("no answer")


def test_a_slow_name_server_is_given_up_within_the_deadline(internet, receiver, name_server):
    """The owner of a name decides how long its lookup takes; a worker would wait for it."""
    begun = time.monotonic()
    assert send.post(URL, b"{}", {}, seconds=0.2) == "url has a host that is not found in time"
    assert time.monotonic() - begun < 1
    name_server.set()
    assert (internet.tried, receiver.got) == ([], []), "what is found too late is not used"


def test_what_a_lookup_takes_is_not_there_for_the_response(internet, receiver, monkeypatch):
    """One deadline covers all: a slow name and then a slow server take no longer than either."""
    look_up = socket.getaddrinfo

    def slowly(host, *args, **kwargs):
        if host == HOST:
            threading.Event().wait(0.3)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    receiver.hold_seconds = 0.05
    begun = time.monotonic()
    assert str(send.post(URL, b"{}", {}, seconds=0.6)).startswith("no answer")
    assert time.monotonic() - begun < 0.85


def test_slow_lookups_do_not_pile_up(internet, name_server):
    """Each given-up lookup holds a thread until the resolver's own timeouts."""
    said = [send.post(f"https://{number}.{HOST}/", b"{}", {}, seconds=0.01) for number in range(LOOKUPS_MOST + 4)]
    assert said[:LOOKUPS_MOST] == ["url has a host that is not found in time"] * LOOKUPS_MOST
    assert said[LOOKUPS_MOST:] == ["url cannot be looked up now: too many lookups are slow"] * 4


@pytest.mark.parametrize("address", ["8.8.8.8", PUBLIC, "1.1.1.1", "2606:2800:21f:cb07::2c", "2a00:1450:4001::200e"])
def test_public_addresses_are_allowed(address):
    assert is_public(address)


def test_no_spelling_of_the_corpus_passes_the_check():
    """As the resolver of this machine understands them."""
    for url in CORPUS:
        try:
            found = resolve(url)
        except Refused:
            continue
        raise AssertionError(f"{url} leads to {found.address}")
    carried = [one for address in HARD for one in _carried(address)]
    assert not any(is_public(address) for address in (*NOT_PUBLIC_V4, *NOT_PUBLIC_V6, *carried, "nonsense", ""))
    assert socket.getaddrinfo("2130706433", 443)[0][4][0] == LOOPBACK, "resolvers do read such spellings"
