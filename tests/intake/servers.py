"""A web server that does whatever a test tells it, on loopback."""

from __future__ import annotations

import io
import socket
import ssl
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[BaseHTTPRequestHandler], None]
ETAG = '"the-first"'


@dataclass
class Server:
    """Answers in the order of the list of a path; the last one is repeated."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def serve(self, path: str, *answers: Answer) -> str:
        """Set what ``path`` answers; returns its URL."""
        self.answers[path] = list(answers)
        return f"{self.url}{path}"

    def asked(self, path: str) -> list[Mapping[str, str]]:
        """Headers of the requests for ``path``."""
        return [headers for asked, headers in self.requests if asked == path]


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that give up are what the tests are about."""


@contextmanager
def misbehaving(certificate: Path | None = None) -> Iterator[Server]:
    """A running :class:`Server`, with TLS when there is a certificate."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.requests.append((self.path, dict(self.headers.items())))
            answers = server.answers[self.path]
            self.server.closing = server.closing  # type: ignore[attr-defined]
            (answers.pop(0) if len(answers) > 1 else answers[0])(self)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    http = _Quiet(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        http.socket = context.wrap_socket(http.socket, server_side=True)
    server.url = f"http{'s' if certificate else ''}://127.0.0.1:{http.server_address[1]}"
    Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        http.server_close()


def self_signed(path: Path) -> Path:
    """A certificate for this machine with its key, which nobody trusts unless told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(encoding, form, secret) + certificate.public_bytes(encoding))
    return path


def package(size: int = 100_000, name: str = "film.mov") -> bytes:
    """A stored ZIP of about ``size`` bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), bytes(range(256)) * (size // 256))
    return target.getvalue()


def whole(data: bytes, status: int = 200, **headers: str) -> Answer:
    """All of ``data``, whatever was asked."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(data)))
        _send_headers(request, headers)
        request.wfile.write(data)

    return answer


def ranged(data: bytes, etag: str = ETAG, ignore_condition: bool = False, named: bool = True) -> Answer:
    """What a good server does: the rest of the same file, or all of another one.

    Args:
        data: the file.
        etag: of the file.
        ignore_condition: send the rest of whatever file is here, as bad servers do.
        named: say the ETag.
    """

    def answer(request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range", "")
        if wanted and (ignore_condition or request.headers.get("If-Range") == etag):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            body = data[start:]
        else:
            request.send_response(200)
            body = data
        request.send_header("Content-Length", str(len(body)))
        _send_headers(request, {"ETag": etag} if named else {})
        request.wfile.write(body)

    return answer


def cut(data: bytes, at: int, **headers: str) -> Answer:
    """Declares all and sends ``at`` bytes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        _send_headers(request, headers)
        request.wfile.write(data[:at])
        request.wfile.flush()
        _drop(request)

    return answer


def chunked(data: bytes, end: bool = True) -> Answer:
    """No length; ``end`` says whether the last chunk comes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        _send_headers(request, {"Transfer-Encoding": "chunked"})
        for start in range(0, len(data), 30_000):
            piece = data[start : start + 30_000]
            request.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if end:
            request.wfile.write(b"0\r\n\r\n")
        else:
            request.wfile.flush()
            _drop(request)

    return answer


def until_closed(data: bytes) -> Answer:
    """Neither a length nor chunks: it ends when the connection does, as in HTTP/1.0."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        _send_headers(request, {"Connection": "close"})
        request.wfile.write(data)
        request.close_connection = True

    return answer


def until_resumed(answer: Answer, then: Answer) -> Answer:
    """``answer`` until somebody asks for a rest, which gets ``then``, however often the first one is asked for."""
    return lambda request: (then if "Range" in request.headers else answer)(request)


def silent_after(data: bytes, at: int) -> Answer:
    """Sends ``at`` bytes and then nothing more, with the connection open."""
    return _slow(data, at, pause=None)


def drip_after(data: bytes, at: int) -> Answer:
    """Sends ``at`` bytes at once and the rest in single bytes."""
    return _slow(data, at, pause=0.05)


def redirect(target: str, status: int = 302) -> Answer:
    """Sends the caller somewhere else."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", "0")
        _send_headers(request, {"Location": target})

    return answer


def _slow(data: bytes, at: int, pause: float | None) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        closing: Event = request.server.closing  # type: ignore[attr-defined]
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        _send_headers(request, {"ETag": ETAG})
        try:
            request.wfile.write(data[:at])
            request.wfile.flush()
            for byte in data[at:]:
                if closing.wait(pause):
                    return
                request.wfile.write(bytes([byte]))
        except OSError:
            return  # the other side has given up

    return answer


def _send_headers(request: BaseHTTPRequestHandler, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()


def _drop(request: BaseHTTPRequestHandler) -> None:
    """Break the connection off; the other side sees a reset or an early end."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
    request.connection.shutdown(socket.SHUT_WR)
    request.close_connection = True
