"""The asset: exports beside the documents, and Lemonfox asked again after a stand-in."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.assets.audio_json import audio_json
from mediaflow_assets.core.files import exclusive
from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.formats.manifest import Master, Masters, Origin, write_document
from mediaflow_assets.resources.compute import Compute
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.speech.audio import Waveform

MakeMedia = Callable[..., Path]


@pytest.fixture
def project(make_media: MakeMedia, conversation: Waveform, tmp_path: Path) -> ProjectFolders:
    """A project of one converted video of 12 s in which somebody speaks."""
    folders = Layout(FolderSettings(home=tmp_path / "home")).project("p")
    folders.video.mkdir(parents=True)
    sound = conversation.samples[None, 6 * 16000 : 18 * 16000]
    made = make_media("v.mp4", [(0, sound)], codec="aac", picture=(0, 300))
    content = made.rename(folders.video / "v.mp4").read_bytes()
    video = Master(
        id="v",
        source_path="v.mov",
        source_sha256="0" * 64,
        path="v.mp4",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        total_frames=300,
        width=32,
        height=32,
        has_audio=True,
    )
    write_document(folders.video / "manifest.json", Masters(project="p", videos=(video,)))
    origin = Origin(
        project="p", name="P", kind="file", registered_at="2026-11-21T10:00:00+00:00", identity="sha256:0", filename="p"
    )
    write_document(folders.origin, origin)
    return folders


def materialize(**settings: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("projects", ["p"])
        return dg.materialize(
            [audio_json],
            instance=instance,
            partition_key="p",
            resources={
                "workspace": Workspace(),
                "compute": Compute(workspace=Workspace()),
                "engines": Engines(),
            },
            run_config={"ops": {"audio_json": {"config": {"settings": settings}}}},
            raise_on_error=False,
        )


def reused(result: dg.ExecuteInProcessResult) -> object:
    (event,) = result.asset_materializations_for_node("audio_json")
    return event.metadata["reused"].value


class Service(BaseHTTPRequestHandler):
    """Refuses the key until it is told to work."""

    works = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        reply = b'{"segments": [{"start": 1, "end": 2, "text": "a", "speaker": "A"}]}'
        self.send_response(200 if self.works else 401)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None: ...


def test_a_stand_in_for_lemonfox_is_not_the_last_word(project: ProjectFolders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEMONFOX_API_KEY", "planted-key")
    monkeypatch.setattr(Service, "works", False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        settings = {
            "SPEECH_ENGINE": "lemonfox",
            "LEMONFOX_FALLBACK": "1",
            "LEMONFOX_URL": f"http://127.0.0.1:{server.server_port}",
        }
        assert materialize(**settings).success
        document = project.audio / "v_audio.json"
        assert read_audio_head(document).engine == "onnx_local"
        Service.works = True
        again = materialize(**settings)
        assert reused(again) == 0
        assert read_audio_head(document).engine == "lemonfox"
        assert reused(materialize(**settings)) == 1
        server.shutdown()


def test_exports_come_back_with_the_document_and_only_under_its_lock(project: ProjectFolders) -> None:
    assert materialize().success
    exports = project.audio / "exports"
    assert sorted(path.name for path in exports.iterdir()) == ["v.rttm", "v.srt", "v.vtt"]
    first = (exports / "v.rttm").read_bytes()
    assert first.startswith(b"SPEAKER v 1 ")
    for path in exports.iterdir():
        path.unlink()
    with exclusive(project.audio):
        assert not materialize().success
        assert list(exports.iterdir()) == []
    assert reused(materialize()) == 1
    assert (exports / "v.rttm").read_bytes() == first
