"""The report server gives out reports to this machine, and nothing else to anybody."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.reporting.server import address, report_server


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    root = tmp_path / "reports"
    (root / "13 Camille").mkdir(parents=True)
    (root / "13 Camille" / "report.html").write_text("<h1>report</h1>")
    (root / "13 Camille" / "clip.otio").write_text("{}")
    (root / ".hidden").write_text("hidden")
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    with report_server(root, 0, "fr") as url:
        yield root, urlsplit(url).port or 0


def ask(port: int, path: str, method: str = "GET", host: str = "127.0.0.1") -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", f"{host}:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    return answer, answer.read()


def test_a_report_and_its_exports(served: tuple[Path, int]) -> None:
    _, port = served
    page, body = ask(port, "/13%20Camille/report.html")
    assert (page.status, page.headers["Content-Type"], body) == (200, "text/html; charset=utf-8", b"<h1>report</h1>")
    export, _ = ask(port, "/13%20Camille/clip.otio")
    assert export.headers["Content-Disposition"] == "attachment; filename*=UTF-8''clip.otio"
    head, nothing = ask(port, "/13%20Camille/report.html", method="HEAD")
    assert (head.status, head.headers["Content-Length"], nothing) == (200, "15", b"")


def test_the_start_page_lists_the_reports(served: tuple[Path, int]) -> None:
    _, port = served
    _, body = ask(port, "/")
    assert b'href="/13 Camille/report.html"' in body


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/%2e%2e/secret",
        "/13%20Camille/..%2f..%2fsecret",
        "/link",
        "/.hidden",
        "/13%20Camille",
        "//etc/passwd",
        "/%00",
        "/" + "a" * 5000,
    ],
)
def test_nothing_else(served: tuple[Path, int], path: str) -> None:
    _, port = served
    answer, body = ask(port, path)
    assert answer.status == 404
    assert b"secret" not in body
    assert b"hidden" not in body


def test_another_host_name_is_refused(served: tuple[Path, int]) -> None:
    """A page of the internet may let its own name point to 127.0.0.1."""
    _, port = served
    assert ask(port, "/13%20Camille/report.html", host="rebound.example")[0].status == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_reading_only(served: tuple[Path, int], method: str) -> None:
    root, port = served
    assert ask(port, "/13%20Camille/report.html", method=method)[0].status == 501
    assert (root / "13 Camille" / "report.html").exists()


def test_only_this_machine_can_connect(served: tuple[Path, int]) -> None:
    _, port = served
    facts = (address for found in psutil.net_if_addrs().values() for address in found)
    for other in {fact.address for fact in facts if fact.family == socket.AF_INET}:
        if not other.startswith("127."):
            with pytest.raises(OSError):
                socket.create_connection((other, port), timeout=2).close()


def test_a_port_in_use_is_one_sentence(served: tuple[Path, int]) -> None:
    root, port = served
    with pytest.raises(Unavailable, match="REPORTS_PORT"), report_server(root, port, "fr"):
        pass


def test_addresses_are_quoted() -> None:
    assert address(8099, "13 Camille/é.html") == "http://127.0.0.1:8099/13%20Camille/%C3%A9.html"
