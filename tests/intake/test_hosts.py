"""Which addresses are of the public Internet."""

from __future__ import annotations

import socket

import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.intake.hosts import Allowed, is_public

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:db8::1",
    "fec0::1",
    "192.88.99.1",
    "2002:c058:6301::1",
    "3fff::1",
    "192.0.0.9",
    "::ffff:192.0.0.9",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_in_every_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["162.125.1.18", "2620:100:6022:18::a27d:4212", "::ffff:162.125.1.18"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("162.125.1.18", "10.0.0.1")]
    monkeypatch.setattr("mediaflow_assets.intake.hosts.socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(BadInput, match=r"10\.0\.0\.1"):
        Allowed().addresses("www.dropbox.com", 443)
    assert Allowed(plain=frozenset({"lan"})).addresses("lan", 443) == ["162.125.1.18", "10.0.0.1"]


def test_a_name_that_does_not_resolve_may_do_so_later() -> None:
    with pytest.raises(Interrupted, match="cannot be found"):
        Allowed().addresses("nobody.invalid", 443)


def test_hosts_are_compared_whole() -> None:
    allowed = Allowed.of(("Proxy.Example.",), ("lan",))
    assert allowed.check("https://proxy.example/a") == "proxy.example"
    assert allowed.check("http://LAN:8080/a") == "lan"
    for url in ("https://a.proxy.example/", "http://proxy.example/", "https://evilproxy.example/", "https://lan.evil/"):
        with pytest.raises(BadInput):
            allowed.check(url)
