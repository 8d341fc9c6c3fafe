"""HTTP connections to addresses that somebody has looked at first.

A library that resolves a name by itself connects to whatever the name leads to a moment later (DNS
rebinding). Here the one who decides about the addresses opens the connection.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from requests.adapters import HTTPAdapter
from urllib3 import ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util.connection import create_connection

Connect = Callable[[HTTPConnection], socket.socket]
"""Opens the socket of a connection, to its host or to a proxy."""


class ConnectingAdapter(HTTPAdapter):
    """Makes every connection by one function."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: object) -> None:
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, proxy: str, **options: object) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools()
        return manager

    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        connect = self._connect

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        return {"http": PlainPool, "https": SecurePool}


def connect_to(connection: HTTPConnection, addresses: Sequence[str]) -> socket.socket:
    """A socket to the first of ``addresses`` that answers.

    Raises:
        NewConnectionError: none does.
    """
    problem: OSError | None = None
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port or connection.default_port),
                connection.timeout,
                connection.source_address,
                connection.socket_options,
            )
        except OSError as error:
            problem = error
    raise NewConnectionError(connection, str(problem)) from problem
