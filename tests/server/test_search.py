"""The search page: what was said, with picture and link, safe against what is typed and named."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest
from lxml import html
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from tests.delivery.projects import FRAMES, Project, finalized
from tests.reporting.conftest import HOSTILE, report
from tests.server.conftest import Serve, Served

KINDS = ("scenes", "audio", "tracking", "transcripts")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 640, 360
        for number in range(FRAMES):
            picture = np.full((360, 640, 3), 2 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def project(tmp_path: Path, film: Path) -> Project:
    project = Project(tmp_path / "home", videos=(HOSTILE,), kinds=KINDS, film=film)
    finalized(project)
    report(project)
    return project


@pytest.fixture
def served(project: Project, serve: Serve) -> Served:
    return serve(project.home)


def test_a_place_has_its_words_picture_and_moment(project: Project, served: Served) -> None:
    answer = served.ask("/search?q=bonjour&person=speaker")
    assert answer.status == 200
    page = html.fromstring(answer.body)
    (place,) = page.xpath("//ol/li")
    assert place.xpath(".//p[@class='said']/text()") == ["Bonjour, c'est Zoé."]
    (link,) = place.xpath(".//a")
    assert (link.text, link.get("href")) == ("00:00:00.480", f"{project.key}/v0.html#t=0.48")
    assert served.ask("/" + link.get("href").partition("#")[0]).status == 200
    assert HOSTILE in place.text_content(), "escaped, so that it is only text"
    (source,) = place.xpath(".//img/@src")
    for _ in range(2):
        picture = served.ask(f"/{source}")
        assert (picture.status, picture.headers["Content-Type"]) == (200, "image/jpeg")
        assert picture.body.startswith(b"\xff\xd8")
    assert "Écrit par une machine" in page.text_content()


@pytest.mark.parametrize("kind", ["otio", "edl"])
def test_what_was_found_is_downloaded_as_a_timeline(served: Served, tmp_path: Path, kind: str) -> None:
    answer = served.ask(f"/search.{kind}?q=bonjour")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="mediaflow-search.{kind}"'
    target = tmp_path / f"hits.{kind}"
    target.write_bytes(answer.body)
    timeline = otio.adapters.read_from_file(str(target), **({"rate": 25} if kind == "edl" else {}))
    (clip,) = timeline.find_clips()
    assert clip.source_range.start_time.to_frames() == 0
    if kind == "otio":
        assert Path(clip.media_reference.target_url).is_file()


def test_nothing_found_and_nothing_asked(served: Served) -> None:
    assert "Rien n’a été trouvé." in served.ask("/search?q=girafe").body.decode()
    assert "Rien n’a été trouvé." in served.ask("/search?q=bonjour&since=2030-01-01").body.decode()
    assert html.fromstring(served.ask("/search").body).xpath("//ol") == []


@pytest.mark.parametrize("typed", ["%22%3E%3Cscript%3E", "%27%3B+DROP+TABLE+cue%3B--", "NEAR(", "*", "%00"])
def test_what_is_typed_is_only_words(served: Served, typed: str) -> None:
    answer = served.ask(f"/search?q={typed}")
    assert answer.status == 200
    assert b"<script>" not in answer.body


@pytest.mark.parametrize("path", [f"/search/{'0' * 64}/1.jpg?project=nobody", "/search/x/1.jpg", "/search.exe?q=a"])
def test_what_is_not_there_is_404(served: Served, path: str) -> None:
    assert served.ask(path).status == 404


def test_without_any_transcript_it_says_how_to_get_one(tmp_path: Path, serve: Serve) -> None:
    served = serve(Project(tmp_path / "home").home)
    assert "SPEECH_TRANSCRIBE=whisper" in served.ask("/search?q=bonjour").body.decode()


def test_the_page_may_load_pictures_from_here_alone(served: Served) -> None:
    answer = served.ask("/search?q=bonjour")
    (policy,) = html.fromstring(answer.body).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "img-src 'self' data:" in policy
    assert "script-src 'none'" in policy


def test_the_command_line_has_the_same_links(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIAFLOW_HOME", str(project.home))
    done = CliRunner().invoke(app, ["search", "bonjour", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output.splitlines()[-1])
    assert found["link"].endswith(f"/{project.key}/v0.html#t=0.48")
    assert Path(found["film"]).is_file()
    assert found["timecode"] == "00:00:00.480"
