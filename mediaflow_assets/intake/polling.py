"""Reading a small JSON answer from a server that may be slow, broken, or somebody else's by now.

For what is polled: the webhook and the remote trigger. One deadline holds for the whole exchange, from
the look-up of the name to the last byte; at its end the connection is cut. A redirect is followed only
to the same host and port, at the addresses that were found first, so that no answer leads to another
machine. Proxies and passwords of the environment are not used unless a setting says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.intake.connections import ConnectingAdapter, connect_to

MAX_REDIRECTS = 5
_CHUNK = 64 << 10
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HEADERS = {"User-Agent": "mediaflow-assets", "Accept": "application/json, */*", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Polled:
    """What is polled, and how much of it.

    Args:
        subject: what sentences call it.
        variable: the setting that holds its URL. The URL may hold a secret and is in no sentence.
        url: where it is.
        seconds: of the whole exchange.
        max_bytes: of the answer, packed and unpacked.
        use_environment: proxies and ``.netrc`` of the environment are used.
    """

    subject: str
    variable: str
    url: str
    seconds: float
    max_bytes: int = 32 << 20
    use_environment: bool = False

    def broken(self, why: str) -> Interrupted:
        """The sentence for an exchange that did not work."""
        return Interrupted(self.subject, f"cannot be read ({why})", f"It is tried again; if it stays, {self.remedy}")

    @property
    def remedy(self) -> str:
        return f"check {self.variable}"


def poll_json(polled: Polled, headers: Mapping[str, str] | None = None) -> object:
    """What is there now, decoded.

    Raises:
        Interrupted: it cannot be reached, breaks off, takes too long, or answers with an error.
        BadInput: its answer is no JSON, or too much.
    """
    with _Deadline(polled.seconds) as deadline:
        try:
            body = _exchange(polled, deadline, headers or {})
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            late = deadline.passed or isinstance(error, (requests.Timeout, TimeoutError, ReadTimeoutError))
            raise polled.broken(deadline.said if late else _why(error)) from None
        if deadline.passed:  # an answer without a length ends like a whole one when it is cut
            raise polled.broken(deadline.said)
    return _decoded(polled, body)


def _exchange(polled: Polled, deadline: _Deadline, headers: Mapping[str, str]) -> bytes:
    with requests.Session() as session:
        session.trust_env = polled.use_environment
        session.headers.update({**_HEADERS, **headers})
        for scheme in ("https://", "http://"):
            session.mount(scheme, ConnectingAdapter(_Connections(deadline, pinned=not polled.use_environment)))
        url = polled.url
        for _ in range(MAX_REDIRECTS):
            with session.get(url, stream=True, timeout=deadline.left, allow_redirects=False) as response:
                location = session.get_redirect_target(response)
                if location is None:
                    return _body(polled, response)
            url = _followed(polled, url, location)
        raise polled.broken(f"it redirects more than {MAX_REDIRECTS} times")


def _followed(polled: Polled, url: str, location: str) -> str:
    """Where a redirect leads.

    Raises:
        Interrupted: to another host or port, or away from TLS.
    """
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    if there.scheme not in _DEFAULT_PORTS or here.hostname != there.hostname:
        raise polled.broken(f"it redirects to another host, {there.hostname or 'none'}, which is not followed")
    is_upgrade = (here.scheme, there.scheme) == ("http", "https") and not (here.port or there.port)
    if not is_upgrade and (here.scheme, _port(here)) != (there.scheme, _port(there)):
        raise polled.broken("it redirects to another port of its host, which is not followed")
    return target


def _port(url: SplitResult) -> int:
    return url.port or _DEFAULT_PORTS[url.scheme]


def _body(polled: Polled, response: requests.Response) -> bytes:
    if response.status_code not in (200, 203):
        raise polled.broken(f"it answers {response.status_code} {response.reason or ''}".strip())
    data = bytearray()  # read to its end: only then it is known whether all of the declared length came
    while len(data) <= polled.max_bytes and (piece := response.raw.read(_CHUNK, decode_content=False)):
        data += piece
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding in ("gzip", "x-gzip"):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            data = bytearray(unpacker.decompress(data, polled.max_bytes + 1))
        except zlib.error:
            raise polled.broken("its gzip is damaged") from None
        if not unpacker.eof and len(data) <= polled.max_bytes:
            raise polled.broken("its gzip ends too early")
    elif encoding != "identity":
        raise polled.broken(f"it answers in the encoding {encoding[:20]!r}, which was not asked for")
    if len(data) > polled.max_bytes:
        raise BadInput(polled.subject, f"answered with more than {polled.max_bytes} bytes", polled.remedy.capitalize())
    return bytes(data)


def _decoded(polled: Polled, body: bytes) -> object:
    try:
        return json.loads(body)
    except RecursionError:
        why = "its values are nested too deep"
    except UnicodeDecodeError:
        why = "its text is not UTF-8"
    except ValueError as error:
        why = str(error)
    raise BadInput(polled.subject, f"did not answer with JSON ({why})", f"Check {polled.variable}")


def _why(error: Exception) -> str:
    """What went wrong on the way, in words; library messages show whole URLs, with secrets."""
    if isinstance(error, (requests.exceptions.MissingSchema, requests.exceptions.InvalidURL, ValueError)):
        return "its URL is none"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted here"
    text = str(error)
    if _UNKNOWN in text:
        return "its name cannot be found"
    if "Connection refused" in text:
        return "it refuses the connection"
    return "it broke the connection off"


_UNKNOWN = "no such host"


class _Deadline:
    """Cuts every watched connection when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.said = f"no whole answer within {seconds:g} s"
        self.passed = False
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    @property
    def left(self) -> float:
        """Seconds; never 0, which would mean without end."""
        return max(0.01, self._end - time.monotonic())

    def watch(self, connection: socket.socket) -> None:
        """Cut this one as well. A second handle is kept: TLS takes the first one over."""
        with self._lock:
            self._connections.append(socket.socket(fileno=os.dup(connection.fileno())))
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Connections:
    """Opens connections within the deadline.

    Args:
        deadline: of the exchange.
        pinned: a name leads to the addresses that it had at first, whatever it resolves to later.
    """

    def __init__(self, deadline: _Deadline, *, pinned: bool) -> None:
        self._deadline, self._pinned = deadline, pinned
        self._found: dict[tuple[str, int], list[str]] = {}

    def __call__(self, connection: HTTPConnection) -> socket.socket:
        key = connection.host, connection.port or connection.default_port
        addresses = self._found.get(key) or self._look_up(*key)
        if self._pinned:
            self._found[key] = addresses
        connection.timeout = self._deadline.left
        opened = connect_to(connection, addresses)
        self._deadline.watch(opened)
        return opened

    def _look_up(self, host: str, port: int) -> list[str]:
        """Addresses of a host. A resolver cannot be interrupted, so a thread waits for it."""
        found: list[str] = []

        def resolve() -> None:
            with contextlib.suppress(OSError, UnicodeError):
                answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                found.extend(dict.fromkeys(str(entry[4][0]) for entry in answers))

        waiting = threading.Thread(target=resolve, daemon=True, name="name look-up")
        waiting.start()
        waiting.join(self._deadline.left)
        if not found:
            raise OSError(_UNKNOWN)
        return list(found)
