"""What the pages of other sites, other programs and strangers may not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.server.security import POLICY
from tests.server.conftest import Serve, Served

SESSION = "/api/session"


@pytest.fixture
def served(tmp_path: Path, serve: Serve) -> Served:
    return serve(tmp_path / "home")


def test_another_host_name_is_refused(served: Served) -> None:
    """A page of the internet may let its own name point to 127.0.0.1."""
    for host in ("rebound.example", f"rebound.example:{served.port}", "127.0.0.1.rebound.example", "[::1"):
        assert served.ask(SESSION, host=host).status == 400
    assert served.ask(SESSION, host="localhost").status == 200


def test_a_page_of_another_site_may_not_ask(served: Served) -> None:
    assert served.ask(SESSION, sec_fetch_site="cross-site").status == 403
    assert served.ask(SESSION, sec_fetch_site="cross-site", sec_fetch_mode="navigate").status == 403
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert served.ask("/", **link).status == 200


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"origin": ""}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"x_review_token": ""}, 403),
        ({"x_review_token": "é"}, 403),
        ({"content_type": "text/plain"}, 403),
        ({"content_type": ""}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"content_length": "65537"}, 413),
        ({"host": "evil.example"}, 400),
        ({}, 405),
    ],
)
def test_who_may_write(served: Served, wrong: dict[str, str], status: int) -> None:
    assert served.post(SESSION, {}, **wrong).status == status


def test_who_writes_says_how_much(served: Served) -> None:
    own = {"origin": f"http://127.0.0.1:{served.port}", "x_review_token": served.site.token}
    chunked = {**own, "content_type": "application/json", "transfer_encoding": "chunked", "content_length": ""}
    assert served.ask(SESSION, "POST", b"2\r\n{}\r\n0\r\n\r\n", **chunked).status == 413


def test_every_answer_forbids_what_no_page_does(served: Served) -> None:
    for path in (SESSION, "/api/nothing", "/nothing"):
        headers = served.ask(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert served.ask(SESSION).headers["Content-Security-Policy"] == POLICY
    assert served.ask(SESSION).headers["Cache-Control"] == "no-store"


def test_behind_a_proxy(tmp_path: Path, serve: Serve) -> None:
    names = {"REVIEW_HOSTS": "review.example", "REVIEW_ORIGINS": "https://review.example"}
    served = serve(tmp_path / "home", **names, REVIEW_USER_HEADER="X-Remote-User")
    at = {"host": "review.example"}
    assert served.ask(SESSION, **{**at, "x_remote_user": "camille"}).json["user"] == "camille"
    assert served.post(SESSION, {}, origin="https://review.example", host="review.example").status == 405
    assert served.post(SESSION, {}, origin="https://other.example", host="review.example").status == 403


def test_a_header_is_believed_only_when_it_is_set(served: Served) -> None:
    user = served.ask(SESSION).json["user"]
    assert served.ask(SESSION, x_remote_user="somebody").json["user"] == user


def test_review_off_leaves_reading(tmp_path: Path, serve: Serve) -> None:
    session = serve(tmp_path / "home", REVIEW="off").ask(SESSION).json
    assert (session["token"], session["may_write"]) == (None, False)
