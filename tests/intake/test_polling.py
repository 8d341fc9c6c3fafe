"""Polls of the webhook and the remote trigger against servers that do everything wrong: one sentence each, in time."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.intake.polling import Polled, poll_json
from mediaflow_assets.intake.webhook import fetch_records
from mediaflow_assets.operations.remote_trigger import fetch_command
from tests.intake.servers import (
    Answer,
    Server,
    chunked,
    cut,
    drip_after,
    misbehaving,
    redirect,
    self_signed,
    silent_after,
    until_closed,
    whole,
)

BODY = json.dumps([{"url": "https://www.dropbox.com/s/a/x.zip"}]).encode()
PACKED = gzip.compress(BODY * 500)
SECONDS = 1.5


@pytest.fixture
def server() -> Iterator[Server]:
    with misbehaving() as running:
        yield running


def slow_headers(request: BaseHTTPRequestHandler) -> None:
    """One byte of a header at a time, for ever."""
    closing = request.server.closing  # type: ignore[attr-defined]
    try:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not closing.wait(0.05):
            request.wfile.write(b"x")
            request.wfile.flush()
    except OSError:
        return


def slow_without_length(request: BaseHTTPRequestHandler) -> None:
    """A list whose end never comes; when the connection is cut, what came is whole JSON."""
    closing = request.server.closing  # type: ignore[attr-defined]
    request.send_response(200)
    request.send_header("Connection", "close")
    request.end_headers()
    request.close_connection = True
    try:
        request.wfile.write(b"[]")
        while not closing.wait(0.05):
            request.wfile.write(b" ")
            request.wfile.flush()
    except OSError:
        return


def nonsense(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    request.close_connection = True


BROKEN: dict[str, tuple[Answer, str]] = {
    "cut": (cut(BODY, 10), "broke the connection off"),
    "cut in a chunk": (chunked(BODY, end=False), "broke the connection off"),
    "silent": (silent_after(BODY, 5), "no whole answer within 1.5 s"),
    "one byte at a time": (drip_after(BODY * 100, 5), "no whole answer within 1.5 s"),
    "slow headers": (slow_headers, "no whole answer within 1.5 s"),
    "slow and without a length": (slow_without_length, "no whole answer within 1.5 s"),
    "no HTTP": (nonsense, "broke the connection off"),
    "bad gzip": (whole(b"no gzip at all", Content_Encoding="gzip"), "its gzip is damaged"),
    "cut gzip": (whole(PACKED[:-30], Content_Encoding="gzip"), "its gzip ends too early"),
    "another encoding": (whole(BODY, Content_Encoding="br"), "the encoding 'br', which was not asked for"),
    "bad UTF-8": (whole(b'["\xff\xfe\xfd"]'), "its text is not UTF-8"),
    "200,000 levels": (whole(b"[" * 200_000), "nested too deep"),
    "200,000 whole levels": (whole(b"[" * 200_000 + b"]" * 200_000), "nested too deep"),
    "a page": (whole(b"<html>login</html>"), "did not answer with JSON"),
    "nothing": (whole(b""), "did not answer with JSON"),
    "an error": (whole(b"busy", 503), "it answers 503"),
    "no content": (whole(b"", 204), "it answers 204"),
    "a number of a thousand digits": (whole(b"[" + b"9" * 10_000 + b"]"), "JSON|list of records|no command"),
}


def webhook(url: str) -> object:
    return fetch_records(url, SECONDS)


def trigger(url: str) -> object:
    return fetch_command(url, "right", SECONDS)


@pytest.mark.parametrize("poll", [webhook, trigger])
@pytest.mark.parametrize("name", BROKEN)
def test_every_broken_answer_is_one_sentence(name: str, poll: Callable[[str], object], server: Server) -> None:
    answer, said = BROKEN[name]
    url = server.serve("/secret-path", answer)
    with pytest.raises(MediaflowError, match=said) as refused:
        poll(url)
    sentence = refused.value.sentence
    assert "secret-path" not in sentence
    assert sentence.startswith(("webhook: ", "remote trigger: "))
    assert sentence.isprintable()


def test_the_deadline_is_for_the_whole_exchange(server: Server) -> None:
    """The server would go on for 50 minutes, and sends something twenty times a second."""
    url = server.serve("/", drip_after(bytes(60_000), 0))
    before = time.monotonic()
    with pytest.raises(MediaflowError, match="no whole answer"):
        webhook(url)
    assert time.monotonic() - before < 600


@pytest.mark.parametrize("poll", [webhook, trigger])
def test_a_redirect_to_another_host_or_port_is_not_followed(poll: Callable[[str], object], server: Server) -> None:
    with misbehaving() as other:
        internal = other.serve("/internal", whole(b'{"secret": 1}'))
        port = internal.split(":")[2].split("/")[0]
        for target in (
            internal,
            f"http://localhost:{port}/internal",
            "http://169.254.169.254/",
            "file:///etc/passwd",
            "//other.example/x",
        ):
            url = server.serve("/", redirect(target))
            with pytest.raises(MediaflowError, match="redirects to another") as refused:
                poll(url)
            assert "secret" not in str(refused.value)
        assert not other.requests


def test_a_redirect_within_the_host_is_followed(server: Server) -> None:
    url = server.serve("/old", redirect("/new"))
    server.serve("/new", whole(BODY))
    assert len(fetch_records(url, 10).records) == 1


def test_redirects_have_an_end(server: Server) -> None:
    url = server.serve("/", redirect("/"))
    with pytest.raises(MediaflowError, match="redirects more than 5 times"):
        webhook(url)


@pytest.mark.parametrize(
    "answer",
    [whole(BODY), chunked(BODY), until_closed(BODY), whole(gzip.compress(BODY), Content_Encoding="gzip")],
)
def test_good_answers_of_every_form(answer: Answer, server: Server) -> None:
    assert len(fetch_records(server.serve("/", answer), 10).records) == 1


def test_a_bomb_of_gzip_is_not_unpacked(server: Server) -> None:
    bomb = gzip.compress(bytes(8 << 20))
    url = server.serve("/", whole(bomb, Content_Encoding="gzip"))
    with pytest.raises(BadInput, match="more than 65536 bytes"):
        poll_json(Polled("webhook", "WEBHOOK_JSON_URL", url, 10, max_bytes=1 << 16))


def test_the_environment_is_used_only_when_a_setting_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    url = server.serve("/hook", whole(BODY))
    with misbehaving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        fetch_records(url, 10)
        assert not proxy.requests
        (headers,) = server.asked("/hook")
        assert "Authorization" not in headers
        proxy.serve(url, whole(BODY))
        fetch_records(url, 10, use_environment=True)
        ((asked, headers),) = proxy.requests
        assert asked == url
        assert headers["Authorization"].startswith("Basic ")
    assert len(server.requests) == 1


def test_a_name_that_cannot_be_found() -> None:
    with pytest.raises(MediaflowError, match=r"its name cannot be found|no whole answer"):
        fetch_records("http://no-such-host.invalid/", 30)


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    refused = pytest.raises(MediaflowError, match="its certificate is not trusted")
    with misbehaving(self_signed(tmp_path / "own.pem")) as server, refused:
        fetch_records(server.serve("/", whole(BODY)), 10)


@pytest.mark.parametrize("url", ["no url", "http://", "ftp://host/x", "http://[::1/"])
def test_a_setting_that_is_no_url(url: str) -> None:
    with pytest.raises(MediaflowError, match="its URL is none"):
        webhook(url)
