"""The timeline of a video: what the documents say, by the studio's rules."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.frames import Frame
from mediaflow_assets.formats.manifest import read_document, write_document
from mediaflow_assets.formats.timeline_json import ProbeSource, Timeline, TrackingSummary
from mediaflow_assets.reporting.intervals import Intervals, joined
from mediaflow_assets.reporting.sources import find_project, project_source
from mediaflow_assets.reporting.timeline import build_timeline, speech_segments
from tests.delivery.projects import Project
from tests.delivery.test_analysis_store import legacy


def speech(*frames: list[str] | None) -> list[Frame]:
    """Frames of an audio document: None is silence, else who speaks."""
    return [
        {"frame": number, "audio_info": {"is_speech_present": who is not None, "active_speaker_labels": who or []}}
        for number, who in enumerate(frames, start=1)
    ]


def test_a_segment_is_a_run_of_speech_with_all_its_speakers() -> None:
    segments = list(speech_segments(speech(None, ["A"], ["B", "A"], None, None, [], ["C"])))
    assert [(one.start_frame, one.end_frame, one.speakers) for one in segments] == [
        (2, 3, ("A", "B")),
        (6, 7, ("C",)),
    ]
    # It ends where the first silent frame begins, or with the video.
    assert [(one.start_time, one.end_time) for one in segments] == [(0.04, 0.12), (0.2, 0.28)]


@given(st.lists(st.booleans(), max_size=60))
def test_segments_cover_exactly_the_frames_with_speech(frames: list[bool]) -> None:
    segments = list(speech_segments(speech(*[["A"] if one else None for one in frames])))
    covered = {number for one in segments for number in range(one.start_frame, one.end_frame + 1)}
    assert covered == {number for number, one in enumerate(frames, start=1) if one}
    assert all(after.start_frame > before.end_frame + 1 for before, after in zip(segments, segments[1:]))  # noqa: B905, RUF007


@given(st.sets(st.integers(1, 80)), st.integers(0, 5))
def test_intervals(frames: set[int], gap: int) -> None:
    runs = Intervals()
    for frame in sorted(frames):
        runs.add(frame)
    assert {number for first, last in runs for number in range(first, last + 1)} == frames
    assert runs.frames == len(frames)
    filled = joined(list(runs), gap)
    assert all(after[0] - before[1] - 1 > gap for before, after in zip(filled, filled[1:]))  # noqa: B905, RUF007


def test_of_a_project(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["sub/a.mov"])
    source = project_source(project.layout, project.store, project.key)
    timeline = build_timeline(source.name, source.videos[0])
    assert timeline.metadata.duration_seconds == 2.0
    assert [(scene.start_frame, scene.end_frame) for scene in timeline.scenes.scenes] == [(1, 20), (21, 50)]
    assert timeline.tracking.summary == TrackingSummary(
        frames_with_faces=40, frames_with_speaking=20, max_faces_detected=1, face_coverage_percent=80.0
    )
    assert timeline.archive_probe_source["audio"].provenance == "project"
    assert timeline.audio.made_by and timeline.audio.made_by.engine == "test"


def test_of_documents_that_the_replaced_application_archived(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=[])
    folder = legacy(project.store.root, "9 Camille 2025-03-04_05-06-07")
    tracking = [
        {"frame": n, "tracked_objects": [{"id": "obj_1", "centroid_x": 1, "label": "face", "active_speakers": ["A"]}]}
        for n in range(1, 4)
    ]
    (folder / "clip_tracking.json").write_text(json.dumps({"frames_analysis": tracking}))
    source = find_project(project.layout, project.store, "9 Camille")
    timeline = build_timeline(source.name, source.videos[0])
    assert timeline.metadata.total_frames == 5
    assert timeline.audio.segments[0].start_frame == 3
    assert timeline.tracking.summary.face_coverage_percent == 60.0
    assert timeline.archive_probe_source["scenes"] == ProbeSource(
        provenance="archives", created_at="2025-03-04T05:06:07+00:00"
    )


@pytest.mark.parametrize(
    "document", ['{"frames_analysis": [{"frame": 99, "audio_info": null}]}', '{"frames_analysis": [{', "{}", ""]
)
def test_a_document_that_cannot_be_right_is_an_error(tmp_path: Path, document: str) -> None:
    project = Project(tmp_path / "home", kinds=[])
    folder = legacy(project.store.root, "9 Camille 2025-03-04_05-06-07")
    (folder / "clip_audio.json").write_text(document)
    source = find_project(project.layout, project.store, "9 Camille")
    with pytest.raises(BadInput, match="clip_audio"):
        build_timeline(source.name, source.videos[0])


def test_faces_that_were_once_listed_apart_are_faces(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=[])
    folder = legacy(project.store.root, "9 Camille 2025-03-04_05-06-07")
    frames = [{"frame": number, "faces_data": [{"id": 1}, {"id": 2}] if number < 4 else []} for number in range(1, 7)]
    (folder / "clip_tracking.json").write_text(json.dumps({"metadata": {"total_frames": 6}, "frames": frames}))
    for other in ("clip_audio.json", "clip_scenes.csv"):
        (folder / other).unlink(missing_ok=True)
    source = find_project(project.layout, project.store, "9 Camille")
    summary = build_timeline(source.name, source.videos[0]).tracking.summary
    assert (summary.frames_with_faces, summary.max_faces_detected) == (3, 2)


ORIGIN = ["available", "source_path", "provenance", "archive_created_at", "made_by"]
HEARD = ["segments", "segment_count", "unique_speakers", "speaker_count", "speakers"]


def test_the_document_has_its_keys_in_their_order(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=["scenes", "tracking"])
    source = project_source(project.layout, project.store, project.key)
    timeline = build_timeline(source.name, source.videos[0])
    document = json.loads(msgspec.json.encode(timeline))
    assert list(document) == [
        *("project_name", "video_name", "metadata", "scenes", "audio", "tracking"),
        *("archive_probe_source", "timestamp"),
    ]
    assert list(document["metadata"]) == [
        *("duration_seconds", "total_frames", "fps", "path", "sha256"),
        *("width", "height", "has_audio", "master_sha256"),
    ]
    assert list(document["scenes"]) == [*ORIGIN, "count", "scenes", "transitions"]
    assert list(document["audio"]) == ["available", *HEARD]
    assert list(document["audio"].values()) == [False, [], 0, [], 0, []]
    assert list(document["tracking"]) == [*ORIGIN, "fps", "total_frames", "summary", "tracks"]
    assert document["tracking"]["archive_created_at"] is None
    assert document["tracking"]["tracks"][0]["intervals"] == [[1, 40]]


def test_a_document_is_read_and_written_as_it_was(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=["scenes", "audio"])
    source = project_source(project.layout, project.store, project.key)
    written = write_document(tmp_path / "v0_timeline.json", build_timeline(source.name, source.videos[0]))
    again = write_document(tmp_path / "again.json", read_document(written, Timeline))
    assert again.read_bytes() == written.read_bytes()


def test_documents_of_earlier_versions_lack_keys_and_are_read(tmp_path: Path) -> None:
    """As the replaced application wrote them: without intervals, and with empty sections."""
    path = tmp_path / "old_timeline.json"
    old = {
        "project_name": "9 Camille",
        "metadata": {"duration_seconds": 4, "total_frames": 100, "fps": 25, "bitrate": 5000},
        "scenes": {"available": True, "count": 1, "scenes": [{"start_time_seconds": 0, "end_time_seconds": 4}]},
        "audio": {"available": False},
        "tracking": {"available": False, "summary": {}},
    }
    path.write_text(json.dumps(old))
    timeline = read_document(path, Timeline)
    assert (timeline.metadata.total_frames, timeline.metadata.width, timeline.metadata.has_audio) == (100, 0, None)
    assert (timeline.audio.speakers, timeline.tracking.tracks, timeline.scenes.scenes[0].end_time_seconds) == (
        (),
        (),
        4,
    )
