"""Who may be fetched from: exact hosts, checked for every URL and after every redirect.

The address that a name resolves to is checked as well, and the connection is made to that very
address: a name that resolves to something else a moment later (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.intake.url_identity import is_dropbox, parse

BY_HAND = ("fromsmash.com", "swisstransfer.com")
"""Services whose links lead to a page that a person has to open."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_RESERVED = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments, RFC 6890
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "fec0::/10",  # site-local, RFC 3879
            "3fff::/20",  # documentation, RFC 9637
        ),
    )
)
"""Not of the public Internet, and so only in some versions of Python."""


@dataclass(frozen=True)
class Allowed:
    """Hosts beside Dropbox that may be fetched from.

    Args:
        proxies: exact names, reached with TLS, at public addresses.
        plain: exact names that may be reached without TLS and at private addresses.
    """

    proxies: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()

    @classmethod
    def of(cls, proxies: tuple[str, ...], plain: tuple[str, ...]) -> Allowed:
        """From settings, in any spelling of the names."""
        return cls(frozenset(name.lower().rstrip(".") for name in proxies), frozenset(map(str.lower, plain)))

    def check(self, url: str) -> str:
        """The host of a URL that may be fetched.

        Raises:
            BadInput: not a URL, or its host or scheme is not allowed.
        """
        scheme, host, *_ = parse(url)
        if not (is_dropbox(host) or host in self.proxies or host in self.plain):
            raise BadInput(host, "is not a host that is fetched from", "See DOWNLOAD_PROXY_HOSTS")
        if scheme != "https" and host not in self.plain:
            raise BadInput(host, "would be reached without TLS", "Send an https link, or see DOWNLOAD_HTTP_HOSTS")
        return host

    def addresses(self, host: str, port: int) -> list[str]:
        """Addresses of ``host`` to connect to, in order.

        Raises:
            BadInput: one of them is not on the public Internet, and the host is not in ``plain``.
            Interrupted: the name cannot be resolved.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Interrupted(host, f"cannot be found ({error})", "It is tried again") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if host not in self.plain and not is_public(address):
                raise BadInput(host, f"leads to {address}, which is not a public address", "It is not fetched")
        return addresses


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet; also of what is embedded in an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            embedded.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if any(inner is not None and not is_public(str(inner)) for inner in embedded):
            return False
        if ip.ipv4_mapped is not None:
            return True
    if any(ip in network for network in _RESERVED):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
