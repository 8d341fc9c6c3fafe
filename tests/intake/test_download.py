"""Downloads from a server that misbehaves."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted, MediaflowError, Unavailable
from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.intake.bandwidth import Bandwidth
from mediaflow_assets.intake.download import download
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.transfer import declared_digests, retry_after
from tests.intake import servers
from tests.intake.servers import Server, package

DATA = package()
PLAIN = ("127.0.0.1",)


@pytest.fixture
def server() -> Iterator[Server]:
    with servers.misbehaving() as running:
        yield running


class Fetch:
    """Downloads into ``folder`` with settings for impatient tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[tuple[int, int | None]] = []

    def __call__(self, *urls: str, guessed: bool = False, filename: str = "13_Camille.zip", **changes: Any) -> Path:
        origin = Origin(
            project="p",
            name="13 Camille",
            kind="webhook",
            registered_at="2026-11-21T10:00:00+00:00",
            identity=urls[0],
            filename=filename,
            name_is_guessed=guessed,
            urls=urls,
        )
        settings = IntakeSettings(**{"http_hosts": PLAIN, "attempts": 3, "longest_wait": 0, "min_free": 0} | changes)
        bandwidth = Bandwidth(self.folder.parent / "bandwidth", settings.max_rate)
        return download(origin, self.folder, settings, bandwidth, lambda have, total: self.seen.append((have, total)))

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    return Fetch(tmp_path / "downloads")


def failure(call: Callable[[], object], kind: type[MediaflowError]) -> str:
    with pytest.raises(kind) as caught:
        call()
    sentence = caught.value.sentence
    assert sentence.count("\n") == 0
    return sentence


@pytest.mark.parametrize(
    "answer",
    [
        servers.whole(DATA),
        servers.whole(DATA, Content_Type="text/html"),
        servers.ranged(DATA),
        servers.chunked(DATA),
        servers.until_closed(DATA),
    ],
    ids=["length", "wrong type", "ranges", "chunked", "until closed"],
)
def test_a_whole_archive_arrives_whichever_way_it_is_sent(server: Server, fetch: Fetch, answer: servers.Answer) -> None:
    path = fetch(server.serve("/a.zip", answer))
    assert path.read_bytes() == DATA
    assert fetch.left() == ["13_Camille.zip"]
    assert fetch.seen[-1][0] == len(DATA)


def test_a_broken_transfer_is_resumed_where_it_broke(server: Server, fetch: Fetch) -> None:
    url = server.serve("/a.zip", servers.cut(DATA, 40_000, ETag=servers.ETAG), servers.ranged(DATA))
    assert fetch(url).read_bytes() == DATA
    first, second = server.asked("/a.zip")
    assert "Range" not in first
    assert second["Range"] == "bytes=40000-"
    assert second["If-Range"] == servers.ETAG


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (servers.cut(DATA, 40_000), servers.ranged(DATA)),
        (servers.cut(DATA, 40_000, ETag='W/"weak"'), servers.ranged(DATA)),
        (servers.cut(DATA, 40_000, ETag=servers.ETAG), servers.whole(DATA)),
        (servers.cut(DATA, 40_000, ETag=servers.ETAG), servers.ranged(DATA, '"another"')),
        (servers.cut(DATA, 40_000, ETag=servers.ETAG), servers.ranged(DATA, '"another"', ignore_condition=True)),
        (servers.cut(DATA, 40_000, ETag=servers.ETAG), servers.whole(b"", 416)),
        (servers.cut(DATA, 40_000, ETag=servers.ETAG), servers.whole(DATA, 206)),
        (servers.chunked(DATA[:60_000], end=False), servers.chunked(DATA)),
    ],
    ids=[
        "no validator",
        "weak validator",
        "200 to a range",
        "another file",
        "another file's range",
        "416",
        "206 without a range",
        "chunks without an end",
    ],
)
def test_it_starts_again_where_resuming_would_mix_two_files(
    server: Server, fetch: Fetch, first: servers.Answer, then: servers.Answer
) -> None:
    url = server.serve("/a.zip", first, then, servers.whole(DATA))
    assert fetch(url).read_bytes() == DATA


def test_another_file_of_the_same_length_is_never_mixed_in(server: Server, fetch: Fetch) -> None:
    other = bytes(reversed(DATA))
    first = servers.cut(other, 40_000, ETag='"old"')
    url = server.serve("/a.zip", first, servers.ranged(DATA, '"new"'))
    assert fetch(url).read_bytes() == DATA


def test_a_rest_that_does_not_say_of_which_file_it_is_is_not_used(server: Server, fetch: Fetch) -> None:
    other = DATA.replace(b"\1\2\3", b"\3\2\1")
    first = servers.cut(other, 40_000, ETag='"old"')
    url = server.serve("/a.zip", first, servers.ranged(DATA, ignore_condition=True, named=False), servers.whole(DATA))
    assert fetch(url).read_bytes() == DATA


@pytest.mark.parametrize("length", [len(DATA) - 1, 50_000, 22, 0])
@pytest.mark.parametrize("sent", [servers.until_closed, servers.chunked], ids=["until closed", "chunked"])
def test_an_archive_without_length_that_lost_its_end_is_fetched_again(
    server: Server, fetch: Fetch, length: int, sent: Callable[[bytes], servers.Answer]
) -> None:
    url = server.serve("/a.zip", sent(DATA[:length]), sent(DATA))
    assert fetch(url).read_bytes() == DATA
    assert len(server.asked("/a.zip")) == 2


def test_silence_and_drops_count_as_stalled(server: Server, fetch: Fetch) -> None:
    for name, answer in {
        "/silent": servers.silent_after(DATA, 50_000),
        "/drip": servers.drip_after(DATA, 50_000),
    }.items():
        url = server.serve(name, servers.until_resumed(answer, servers.ranged(DATA)))
        # Under load the answer itself may be late as well, so that it takes more attempts.
        path = fetch(url, stall_timeout=1, attempts=20, filename=f"{name[1:]}.zip")
        assert path.read_bytes() == DATA
        assert "Range" in server.asked(name)[-1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (servers.whole(b"<!DOCTYPE html><html>Sign in</html>", Content_Type="application/zip"), "web page"),
        (servers.whole(b'{"error": "expired"}', Content_Type="application/zip"), "JSON"),
        (servers.whole(b"just text"), "not an archive"),
        (servers.whole(DATA[:-30]), "truncated"),
        (servers.whole(b""), "empty"),
        (servers.whole(b"", 404), "404"),
        (servers.whole(b"", 403), "403"),
        (servers.whole(DATA, Content_Encoding="gzip"), "encoding"),
    ],
    ids=["page", "json", "text", "truncated as declared", "empty", "gone", "forbidden", "encoded"],
)
def test_what_trying_again_does_not_change_is_given_up_at_once(
    server: Server, fetch: Fetch, answer: servers.Answer, words: str
) -> None:
    url = server.serve("/a.zip?rlkey=secret", answer)
    sentence = failure(lambda: fetch(url), BadInput)
    assert words in sentence
    assert "secret" not in sentence
    assert len(server.requests) == 1
    assert not any(name.endswith(".zip") for name in fetch.left())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_error_is_tried_a_limited_number_of_times(server: Server, fetch: Fetch, status: int) -> None:
    url = server.serve("/a.zip", servers.whole(b"", status))
    sentence = failure(lambda: fetch(url), Interrupted)
    assert str(status) in sentence
    assert "mediaflow history retry p" in sentence
    assert len(server.requests) == 3


def test_a_pause_is_as_long_as_the_server_asks(server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    url = server.serve("/a.zip", servers.whole(b"", 429, Retry_After="37"), servers.whole(DATA))
    assert fetch(url, longest_wait=60).read_bytes() == DATA
    assert pauses == [37]
    url = server.serve("/b.zip", servers.whole(b"", 429, Retry_After="3600"), servers.whole(DATA))
    fetch(url, longest_wait=60)
    assert pauses == [37, 60]


def test_pauses_grow(server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    failure(lambda: fetch(server.serve("/a.zip", servers.whole(b"", 500)), attempts=6, longest_wait=300), Interrupted)
    assert len(pauses) == 5
    assert all(later > earlier for earlier, later in pairwise(pauses))


def test_the_second_link_is_used_when_the_first_does_not_work(server: Server, fetch: Fetch) -> None:
    proxy = server.serve("/proxy", servers.whole(b"<html>", 200))
    source = server.serve("/source", servers.whole(b"", 503), servers.whole(DATA))
    assert fetch(proxy, source).read_bytes() == DATA
    assert len(server.asked("/proxy")) == 1
    assert len(server.asked("/source")) == 2


def test_redirects_are_followed_to_hosts_that_are_allowed(server: Server, fetch: Fetch) -> None:
    server.serve("/end", servers.whole(DATA))
    server.serve("/middle", servers.redirect("/end", 307))
    assert fetch(server.serve("/start", servers.redirect(f"{server.url}/middle"))).read_bytes() == DATA


@pytest.mark.parametrize(
    "target",
    [
        "https://example.com/a.zip",
        "https://dropbox.com.evil.example/a.zip",
        "http://www.dropbox.com/a.zip",
        "file:///etc/passwd",
        "ftp://www.dropbox.com/a.zip",
        "//10.0.0.1/a.zip",
        "http://[::ffff:169.254.169.254]/latest/meta-data",
        "https://user@www.dropbox.com/a.zip",
        "//[x",
        "/caf\xe9",  # Latin-1, which is not UTF-8
    ],
)
def test_redirects_to_anywhere_else_are_refused(server: Server, fetch: Fetch, target: str) -> None:
    failure(lambda: fetch(server.serve("/start", servers.redirect(target))), BadInput)
    assert len(server.requests) == 1


def test_a_redirect_that_never_ends_is_given_up(server: Server, fetch: Fetch) -> None:
    assert "redirects" in failure(lambda: fetch(server.serve("/a", servers.redirect("/a"))), BadInput)


def test_an_allowed_name_at_a_private_address_is_not_connected_to(server: Server, fetch: Fetch) -> None:
    """A name of the proxy list that leads to this machine, as after DNS rebinding."""
    port = server.url.rpartition(":")[2]
    url = f"https://localhost:{port}/a.zip"
    sentence = failure(lambda: fetch(url, proxy_hosts=("localhost",)), BadInput)
    assert "not a public address" in sentence
    assert server.requests == []


def test_only_a_trusted_certificate_is_accepted(tmp_path: Path, fetch: Fetch) -> None:
    certificate = servers.self_signed(tmp_path / "server.pem")
    with servers.misbehaving(certificate) as secure:
        url = secure.serve("/a.zip", servers.whole(DATA))
        assert "no certificate that is trusted" in failure(lambda: fetch(url), Interrupted)
        assert secure.requests == []
        assert fetch(url, ca_file=certificate).read_bytes() == DATA


def test_nothing_of_the_environment_is_sent(
    server: Server, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    fetch(server.serve("/a.zip", servers.whole(DATA)))
    (headers,) = server.asked("/a.zip")
    assert "Authorization" not in headers
    assert headers["Accept-Encoding"] == "identity"


def test_limits_of_size_and_disk(server: Server, fetch: Fetch) -> None:
    declared = server.serve("/a.zip", servers.whole(DATA))
    assert "50000 are allowed" in failure(lambda: fetch(declared, max_download=50_000), BadInput)
    endless = server.serve("/b.zip", servers.chunked(DATA))
    assert "sends more than" in failure(lambda: fetch(endless, max_download=50_000), BadInput)
    assert fetch.left() == []
    assert "free" in failure(lambda: fetch(declared, min_free=1 << 60), Unavailable)


def test_a_disk_that_fills_up_on_the_way_is_said(server: Server, fetch: Fetch) -> None:
    url = server.serve("/a.zip", servers.whole(DATA))
    fetch.folder.mkdir()
    (fetch.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}.part").symlink_to("/dev/full")
    assert "has no space left" in failure(lambda: fetch(url), Unavailable)


def test_a_declared_digest_is_compared(server: Server, fetch: Fetch) -> None:
    right = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    assert fetch(server.serve("/a", servers.whole(DATA, Repr_Digest=f"sha-256=:{right}:"))).exists()
    url = server.serve("/b", servers.whole(DATA, Digest=f"SHA-256={wrong}"))
    assert "sha256" in failure(lambda: fetch(url, filename="b.zip"), Interrupted)
    assert fetch.left() == ["13_Camille.zip"]


def test_digest_headers() -> None:
    weak = hashlib.md5(b"x", usedforsecurity=False)
    md5 = base64.b64encode(weak.digest()).decode()
    sha = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    assert declared_digests({"Content-MD5": md5}) == {"md5": weak.hexdigest()}
    both = {"Digest": f"MD5={md5},SHA-256={sha}"}
    assert declared_digests(both) == {"sha256": hashlib.sha256(b"x").hexdigest()}
    assert declared_digests({"Digest": "sha-256=?", "Content-Digest": "unixsum=1"}) == {}


def test_retry_after() -> None:
    now = datetime.now(UTC)
    later, before = (format_datetime(now + timedelta(hours=hours), usegmt=True) for hours in (1, -1))
    values = ("5", " 7 ", "soon", "", "-3", "9" * 5000, before)
    assert [retry_after({"Retry-After": value}) for value in values] == [5, 7, 0, 0, 0, 6 * 3600, 0]
    assert 3000 < retry_after({"Retry-After": later}) <= 3600


def test_the_name_is_the_records_or_else_the_servers(server: Server, fetch: Fetch) -> None:
    disposition = "attachment; filename*=UTF-8''..%2F14%20%C3%89lodie%20%28final%29.zip"
    url = server.serve("/a", servers.whole(DATA, Content_Disposition=disposition))
    assert fetch(url).name == "13_Camille.zip"
    assert fetch(url, filename="Dropbox abc.zip", guessed=True).name == "14_Élodie_final.zip"
    url = server.serve("/b", servers.whole(DATA, Content_Disposition="attachment; filename=received.json"))
    assert fetch(url, guessed=True).name == "received.json.zip"


@pytest.mark.parametrize("name", ["13_Camille.part1.zip", "Projet.partie_2.zip"])
def test_only_unfinished_files_are_removed_afterwards(server: Server, fetch: Fetch, name: str) -> None:
    gone, there = server.serve("/gone", servers.whole(b"", 503)), server.serve("/there", servers.whole(DATA))
    assert fetch(gone, there, filename=name).read_bytes() == DATA
    assert fetch.left() == [name]


def test_a_taken_name_is_never_overwritten(server: Server, fetch: Fetch) -> None:
    fetch.folder.mkdir()
    (fetch.folder / "13_Camille.zip").write_bytes(b"somebody's")
    assert fetch(server.serve("/a", servers.whole(DATA))).name == "13_Camille_1.zip"
    assert (fetch.folder / "13_Camille.zip").read_bytes() == b"somebody's"


def test_the_bandwidth_limit_schedules_all_downloads_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("mediaflow_assets.intake.bandwidth.time.sleep", waits.append)
    monkeypatch.setattr("mediaflow_assets.intake.bandwidth.time.time", lambda: 1000.0)
    one, other = Bandwidth(tmp_path / "line", 100), Bandwidth(tmp_path / "line", 100)
    for download_ in (one, other, one):
        download_.take(50)
    assert waits == [0.5, 1.0, 1.5]
    Bandwidth(tmp_path / "line", 0).take(1 << 40)
    assert len(waits) == 3
