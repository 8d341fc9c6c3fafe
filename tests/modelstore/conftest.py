"""A loopback origin with its own wheels, and small models whose table rows the tests write."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

import pytest

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.modelstore.catalog import Model, Source, UrlSource, WheelSource

WHEELS = "/wheels/"


class Origin:
    """An HTTP server on loopback that remembers what was asked of it and can misbehave."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.failures: dict[str, list[int]] = {}
        """Path to the status codes of its next answers."""
        self.stalled: set[str] = set()
        """Paths whose answer stops in the middle of the body until :attr:`resume` is set."""
        self.resume = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, path: str, content: bytes) -> UrlSource:
        self.files[path] = content
        return UrlSource(url=self.url + path)

    def close(self) -> None:
        self.resume.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin.requests.append(self.path)
                if origin.failures.get(self.path):
                    self.send_error(origin.failures[self.path].pop(0))
                elif self.path == WHEELS:
                    names = [path.rpartition("/")[2] for path in origin.files if path.startswith(WHEELS)]
                    self._answer("".join(f'<a href="{name}">{name}</a>\n' for name in names).encode(), "text/html")
                elif self.path in origin.files:
                    self._answer(origin.files[self.path], "application/octet-stream")
                else:
                    self.send_error(404)

            def _answer(self, content: bytes, kind: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                half = len(content) // 2
                self.wfile.write(content[:half])
                if self.path in origin.stalled:
                    self.wfile.flush()
                    origin.resume.wait()
                self.wfile.write(content[half:])

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def origin() -> Iterator[Origin]:
    server = Origin()
    yield server
    server.close()


@pytest.fixture
def wheel(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> Callable[..., WheelSource]:
    """Publish a wheel with one member where pip, and only there, will look for it."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", origin.url + WHEELS)

    def publish(package: str, members: dict[str, bytes], tag: str = "py3-none-any", **changes: str) -> WheelSource:
        name = package.replace("-", "_")
        content = wheel_bytes(name, members, tag)
        origin.files[f"{WHEELS}{name}-1.0-{tag}.whl"] = content
        row = {"package": package, "version": "1.0", "member": next(iter(members)), "sha256": digest(content)}
        return WheelSource(**(row | changes))

    return publish


def wheel_bytes(name: str, members: dict[str, bytes], tag: str) -> bytes:
    """A minimal wheel of version 1.0 (PyPA binary distribution format)."""
    info = f"{name}-1.0.dist-info"
    files = dict(members)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in files).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def model_row(name: str, content: bytes | None, *sources: Source) -> Model:
    """A table row for ``content``; None makes an unpinned one."""
    return Model(
        name=name,
        file=f"{name}.bin",
        sha256="" if content is None else digest(content),
        bytes=0 if content is None else len(content),
        licence="MIT",
        used_by=("engine",),
        summary="A model of the tests.",
        origin="https://example.org/models",
        sources=sources,
    )


ModelRow = Callable[..., Model]


@pytest.fixture(scope="session", name="model_row")
def _model_row() -> ModelRow:
    return model_row


class MakeStore(Protocol):
    def __call__(self, *models: Model) -> ModelStore: ...


@pytest.fixture
def make_store(tmp_path: Path) -> MakeStore:
    """A store of the given models in one folder per test."""

    def make(*models: Model) -> ModelStore:
        return ModelStore(tmp_path / "models", {model.name: model for model in models})

    return make
