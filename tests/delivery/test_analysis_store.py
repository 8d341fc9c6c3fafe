"""The store keeps every analysis, finds it by content, and reads what the replaced application archived."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.delivery import analysis_store
from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo, StoreReuse, parse_folder
from mediaflow_assets.execution.fanout import Recipe
from tests.delivery.projects import Project, tree

RECEIVED = "ab" * 32


def stored(project: Project) -> StoredVideo:
    (video,) = project.store.find(project.masters[0].source_sha256)
    return video


def legacy(root: Path, name: str, *, copied: object = None, sha256: str = RECEIVED, stem: str = "clip") -> Path:
    """A folder as the replaced application left it: documents reduced in place, no records."""
    folder = root / name / sha256
    folder.mkdir(parents=True)
    (folder / f"{stem}_scenes.csv").write_text(
        "No,Timecode In,Timecode Out,Frame In,Frame Out\r\n1,00:00:00.000,00:00:00.160,1,5\r\n"
    )
    frames = [
        {"frame": n, "audio_info": {"is_speech_present": n > 2, "active_speaker_labels": []}} for n in range(1, 6)
    ]
    (folder / f"{stem}_audio.json").write_text(json.dumps({"frames_analysis": frames}))
    metadata = {
        "video_path": f"C:\\projets\\{name}\\docs\\{stem}.mp4",
        "video_stem": stem,
        "video_hash": sha256,
        "created_at": "2025-03-04T05:06:07+00:00",
        "copied": copied,
    }
    (folder / "metadata.json").write_text(json.dumps({name: value for name, value in metadata.items() if value}))
    return folder


def test_the_contracts_folder(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["sub/a.mov"])
    folder = project.store.root / "13 Camille 2026-11-21_10-00-00" / project.masters[0].source_sha256
    assert sorted(path.name for path in folder.iterdir()) == [
        "a_audio.json",
        "a_scenes.csv",
        "a_tracking.json",
        "metadata.json",
    ]
    metadata = json.loads((folder / "metadata.json").read_bytes())
    assert metadata["copied"] == {"scenes": "a_scenes.csv", "audio": "a_audio.json", "tracking": "a_tracking.json"}
    assert (metadata["video_path"], metadata["video_stem"]) == ("sub/a.mov", "a")
    assert metadata["engines"] == {"scenes": "test", "audio": "test", "tracking": "test"}
    assert "frames" in json.loads((folder / "a_tracking.json").read_bytes()), "the full document, not the reduced one"


def test_storing_the_same_again_writes_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    before = {path: path.stat().st_mtime_ns for path in project.store.root.rglob("*")}
    project.analyse(project.masters[0], "tracking")
    after = {path: path.stat().st_mtime_ns for path in project.store.root.rglob("*")}
    assert after == before


def test_another_engine_does_not_overwrite_the_former_document(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    (video,) = project.masters
    first = stored(project).documents["audio"].read_bytes()
    project.analyse(video, "audio", engine="other", label="SPEAKER_07")
    assert b"SPEAKER_07" in stored(project).documents["audio"].read_bytes()
    reuse = StoreReuse(project.store, "audio", "{id}_audio.json")
    recipe = Recipe(stage="audio", code_version="1", inputs={"video": video.sha256}, engine="test")
    made = reuse.restore(video, recipe, tmp_path / "work")
    assert made is not None
    assert made.outputs["audio"].read_bytes() == first, "the analysis of the first engine is still found"
    project.analyse(video, "audio")
    assert stored(project).documents["audio"].read_bytes() == first
    assert [item.record.recipe.engine for item in stored(project).metadata.superseded["audio"]] == ["other"]


def test_killed_while_a_document_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "home")
    before = set(tree(project.store.root).values())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(analysis_store, "copy_verified", killed)
        with pytest.raises(KeyboardInterrupt):
            project.analyse(project.masters[0], "audio", engine="other", label="SPEAKER_07")
    assert set(tree(project.store.root).values()) == before, "nothing is lost"
    project.analyse(project.masters[0], "audio", engine="other", label="SPEAKER_07")
    engines = [item.record.recipe.engine for item in stored(project).metadata.superseded["audio"]]
    assert engines == ["test"], "the moved document has its record again"


def test_a_damaged_document_is_not_reused(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    (video,) = project.masters
    path = stored(project).documents["audio"]
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    recipe = Recipe(stage="audio", code_version="1", inputs={"video": video.sha256}, engine="test")
    assert StoreReuse(project.store, "audio", "{id}.json").restore(video, recipe, tmp_path / "work") is None


def test_a_video_is_found_under_any_name_and_in_any_project(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Project(home)
    later = Project(home, key="14", name="14 Léa", registered_at="2026-12-01T10:00:00+00:00", kinds=[])
    (master,) = first.masters
    later.analyse(msgspec.structs.replace(master, source_path="x/renamed.mp4"), "scenes")
    found = first.store.find(first.masters[0].source_sha256)
    assert [(video.project_name, video.name) for video in found] == [("14 Léa", "renamed.mp4"), ("13 Camille", "a.mov")]


def test_a_video_is_found_by_its_25_fps_copy(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    (video,) = project.store.find(project.masters[0].sha256)
    assert video.sha256 == project.masters[0].source_sha256


@pytest.mark.parametrize("name", ["13", "13 Camille", "13 Camille Bis", "13 Camille 2025-01-01_00-00-00"])
def test_project_names_are_exact(name: str) -> None:
    parsed = parse_folder(f"{name} 2026-11-21_10-00-00")
    assert parsed is not None
    assert (parsed[0], f"{parsed[1]:%Y-%m-%d %H:%M:%S %Z}") == (name, "2026-11-21 10:00:00 UTC")


@pytest.mark.parametrize("name", ["13 Camille", "13 Camille 2026-13-21_10-00-00", "2026-11-21_10-00-00", ".tmp"])
def test_other_folders_are_no_projects(name: str) -> None:
    assert parse_folder(name) is None


@pytest.mark.parametrize(
    "copied",
    [
        None,
        {"scenes": None, "audio": None, "tracking": None},
        {"scenes": "/mnt/cache/archives/x/clip_scenes.csv", "audio": "D:\\x\\clip_audio.json"},
        {"scenes": True, "audio": True, "tracking": False},
    ],
)
def test_what_the_replaced_application_archived_is_read(tmp_path: Path, copied: object) -> None:
    legacy(tmp_path / "archives", "9 Camille 2025-03-04_05-06-07", copied=copied)
    store = AnalysisStore(tmp_path / "archives", tmp_path / "state")
    (video,) = store.find(RECEIVED)
    assert (video.project_name, video.name, video.problem) == ("9 Camille", "clip.mp4", "")
    assert {kind: path.name for kind, path in video.documents.items()} == {
        "scenes": "clip_scenes.csv",
        "audio": "clip_audio.json",
    }


def test_a_new_analysis_does_not_overwrite_an_archived_one(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=[])
    (video,) = project.masters
    name = "13 Camille 2026-11-21_10-00-00"
    old = legacy(project.store.root, name, sha256=video.source_sha256, stem="a")
    digest = sha256_of(old / "a_audio.json")
    project.analyse(video, "audio")
    assert digest in tree(old).values()
    assert stored(project).metadata.records["audio"].recipe.engine == "test"


def test_a_damaged_record_does_not_hide_the_documents(tmp_path: Path) -> None:
    folder = legacy(tmp_path / "archives", "9 Camille 2025-03-04_05-06-07")
    (folder / "metadata.json").write_text("{")
    (video,) = AnalysisStore(tmp_path / "archives", tmp_path / "state").find(RECEIVED)
    assert "metadata.json" in video.problem
    assert set(video.documents) == {"scenes", "audio"}


@pytest.mark.parametrize("damage", ["lost", "garbage", "other store"])
def test_the_index_is_made_again(tmp_path: Path, damage: str) -> None:
    project = Project(tmp_path / "home")
    sha256 = project.masters[0].source_sha256
    index = project.layout.state / "analyses.sqlite"
    if damage == "lost":
        index.unlink()
    elif damage == "garbage":
        index.write_bytes(os.urandom(8192))
    else:
        moved = project.store.root.rename(tmp_path / "moved")
        assert AnalysisStore(moved, project.layout.state).find(sha256)
        moved.rename(project.store.root)
    assert len(project.store.find(sha256)) == 1


def test_what_another_machine_adds_or_removes_is_noticed(tmp_path: Path) -> None:
    root = tmp_path / "archives"
    store = AnalysisStore(root, tmp_path / "state")
    assert store.find(RECEIVED) == []
    first = legacy(root, "9 Camille 2025-03-04_05-06-07")
    assert len(store.find(RECEIVED)) == 1
    legacy(root, "10 Camille 2025-04-04_05-06-07")
    assert [video.project_name for video in store.find(RECEIVED)] == ["10 Camille", "9 Camille"]
    for path in first.iterdir():
        path.unlink()
    first.rmdir()
    assert [video.project_name for video in store.find(RECEIVED)] == ["10 Camille"]


def test_two_processes_store_the_documents_of_one_video(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=[])
    code = """
import sys
from pathlib import Path
from tests.delivery.projects import Project
project = Project(Path(sys.argv[1]), kinds=[])
sys.stdin.read(1)
for number in range(10):
    project.analyse(project.masters[0], sys.argv[2], engine=f"engine {number}")
"""
    command = [sys.executable, "-c", code, str(project.home)]
    root = Path(__file__).resolve().parents[2]
    processes = [
        subprocess.Popen([*command, kind], stdin=subprocess.PIPE, cwd=root) for kind in ("scenes", "audio", "tracking")
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"x")
        process.stdin.close()
    for process in processes:
        process.wait()
    assert [process.returncode for process in processes] == [0, 0, 0]
    video = stored(project)
    assert video.problem == ""
    assert {kind: record.recipe.engine for kind, record in video.metadata.records.items()} == dict.fromkeys(
        ("scenes", "audio", "tracking"), "engine 9"
    )
