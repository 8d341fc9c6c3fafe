"""The application gives out reports to this machine, and nothing else to anybody."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.reporting.addresses import address
from mediaflow_assets.server.app import web_server
from tests.server.conftest import Serve, Served


@pytest.fixture
def served(tmp_path: Path, serve: Serve) -> Served:
    root = tmp_path / "home" / "reports"
    (root / "13 Camille").mkdir(parents=True)
    (root / "13 Camille" / "report.html").write_text("<h1>report</h1>")
    (root / "13 Camille" / "clip.otio").write_text("{}")
    (root / ".hidden").write_text("hidden")
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    return serve(tmp_path / "home")


def test_a_report_and_its_exports(served: Served) -> None:
    page = served.ask("/13%20Camille/report.html")
    assert (page.status, page.headers["Content-Type"], page.body) == (
        200,
        "text/html; charset=utf-8",
        b"<h1>report</h1>",
    )
    export = served.ask("/13%20Camille/clip.otio")
    assert export.headers["Content-Disposition"] == 'attachment; filename="clip.otio"'
    head = served.ask("/13%20Camille/report.html", method="HEAD")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "15", b"")


def test_a_range_of_it_and_not_twice_the_same(served: Served) -> None:
    whole = served.ask("/13%20Camille/report.html")
    part = served.ask("/13%20Camille/report.html", range="bytes=4-9")
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"report", "bytes 4-9/15")
    assert served.ask("/13%20Camille/report.html", range="bytes=99-").status == 416
    again = served.ask("/13%20Camille/report.html", if_none_match=whole.headers["ETag"])
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", whole.headers["ETag"])


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
        "/media/..%2f..%2fsecret/v0.mp4",
        "/media/../v0.mp4",
    ],
)
def test_nothing_else(served: Served, path: str) -> None:
    answer = served.ask(path)
    assert answer.status == 404
    assert b"secret" not in answer.body
    assert b"hidden" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_reports_are_only_read(served: Served, method: str) -> None:
    assert served.ask("/13%20Camille/report.html", method=method).status == 403
    own = {"origin": f"http://127.0.0.1:{served.port}", "x_review_token": served.site.token}
    own["content_type"] = "application/json"
    assert served.ask("/13%20Camille/report.html", method=method, body=b"{}", **own).status == 405
    assert (served.site.layout.reports / "13 Camille" / "report.html").exists()


def test_only_this_machine_can_connect(served: Served) -> None:
    facts = (address for found in psutil.net_if_addrs().values() for address in found)
    for other in {fact.address for fact in facts if fact.family == socket.AF_INET}:
        if not other.startswith("127."):
            with pytest.raises(OSError):
                socket.create_connection((other, served.port), timeout=2).close()


def test_a_port_in_use_is_one_sentence(served: Served) -> None:
    with pytest.raises(Unavailable, match="REPORTS_PORT"), web_server(served.site, served.port):
        pass


def test_addresses_are_quoted() -> None:
    assert address(8099, "13 Camille/é.html") == "http://127.0.0.1:8099/13%20Camille/%C3%A9.html"
