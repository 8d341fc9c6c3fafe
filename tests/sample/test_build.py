from __future__ import annotations

import subprocess
import sys
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path

import av
import imageio_ffmpeg
import msgspec
import numpy as np
import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.formats.manifest import read_document, write_document
from mediaflow_assets.sample import Sample, Truth, VideoTruth, build_sample
from mediaflow_assets.sample.sound import record
from mediaflow_assets.sample.storyboard import B_ROLL, FILMS
from mediaflow_assets.sample.truth import shown_frames

VIDEOS = ["interview.mp4", "silent.mov", "b-roll.mp4"]


def _small_pictures(path: Path) -> np.ndarray:
    """All frames of a video, ``frames x 45 x 80``, grey."""
    with av.open(str(path)) as container:
        frames = [
            frame.reformat(width=80, height=45, format="gray").to_ndarray().astype(np.int16)
            for frame in container.decode(video=0)
        ]
    return np.stack(frames)


def _changes(pictures: np.ndarray) -> np.ndarray:
    """Mean change from each picture to the next."""
    return np.array([np.abs(after - before).mean() for before, after in pairwise(pictures)])


def test_the_archive_holds_videos_a_note_and_macos_junk(sample: Sample) -> None:
    with zipfile.ZipFile(sample.archive) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        notes = archive.read("13 Camille/notes.txt").decode("utf-8")
    assert names == {
        "13 Camille/interview.mp4",
        "13 Camille/sub/silent.mov",
        "13 Camille/b-roll.mp4",
        "13 Camille/notes.txt",
        "13 Camille/.DS_Store",
        "__MACOSX/13 Camille/._interview.mp4",
    }
    assert {video.path for video in sample.truth.videos} | {*sample.truth.others, *sample.truth.junk} == names
    assert "Épisode 13 — Camille" in notes


def test_the_truth_file_is_the_truth(sample: Sample) -> None:
    assert sample.archive.name == sample.truth.archive == "13_Camille_sample.zip"
    assert sample.truth_file.name == "13_Camille_sample.truth.json"
    assert read_document(sample.truth_file, Truth) == sample.truth


@pytest.mark.parametrize("name", VIDEOS)
def test_the_container_is_what_the_truth_says(sample: Sample, unpacked: Path, name: str) -> None:
    truth = sample.truth.video(name)
    with av.open(str(unpacked / truth.path)) as container:
        video = container.streams.video[0]
        assert f"{video.average_rate.numerator}/{video.average_rate.denominator}" == truth.source_fps
        assert (video.width, video.height) == (truth.width, truth.height)
        assert video.codec_context.name == "h264"
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"] * truth.has_audio


@pytest.mark.parametrize("name", VIDEOS)
def test_the_only_jumps_in_the_picture_are_the_cuts(sample: Sample, unpacked: Path, name: str) -> None:
    truth = sample.truth.video(name)
    film = next(film for film in FILMS if truth.path.endswith(film.path))
    pictures = _small_pictures(unpacked / truth.path)
    assert len(pictures) == truth.source_frames
    changes = _changes(pictures)
    cuts = [start - 1 for start in film.shot_starts[1:]]
    assert changes[cuts].min() > 4 * np.delete(changes, cuts).max()


def test_conversion_to_25_fps_puts_the_ntsc_cuts_where_the_truth_says(sample: Sample, unpacked: Path) -> None:
    truth = sample.truth.video("b-roll.mp4")
    path = unpacked / truth.path
    with av.open(str(path)) as container:
        source = [zlib.crc32(frame.to_ndarray(format="yuv420p").tobytes()) for frame in container.decode(video=0)]
    assert len(set(source)) == len(source)
    converted = _convert_to_25_fps(path, truth)
    assert [source.index(checksum) for checksum in converted] == shown_frames(B_ROLL.frames, B_ROLL.rate)
    firsts = [converted.index(checksum) + 1 for start in B_ROLL.shot_starts for checksum in [source[start]]]
    assert firsts == [scene.first for scene in truth.scenes]
    assert len(converted) == truth.total_frames


def _convert_to_25_fps(path: Path, truth: VideoTruth) -> list[int]:
    """Checksums of the frames that ffmpeg's own conversion gives."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-an", "-vf", "fps=25"]
    command += ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-"]
    pixels = subprocess.run(command, check=True, capture_output=True).stdout
    size = truth.width * truth.height * 3 // 2
    assert len(pixels) % size == 0
    return [zlib.crc32(pixels[start : start + size]) for start in range(0, len(pixels), size)]


def test_the_interview_sounds_like_its_recording_and_in_time(sample: Sample, unpacked: Path) -> None:
    recording, rate = record("dialogue", 30)
    heard: list[np.ndarray] = []
    with av.open(str(unpacked / sample.truth.video("interview.mp4").path)) as container:
        resampler = av.AudioResampler("s16", "mono", rate)
        for frame in container.decode(audio=0):
            heard += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
    start, length = 11 * rate, rate
    sound = np.concatenate(heard)[start : start + length].astype(float)
    lags = range(-400, 401)
    likeness = [np.corrcoef(sound, recording[start + lag : start + lag + length])[0, 1] for lag in lags]
    assert max(likeness) > 0.98
    assert abs(lags[int(np.argmax(likeness))]) <= 0.005 * rate


def test_a_second_call_makes_nothing_anew(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    _encode_as(monkeypatch, lambda film: pytest.fail(f"{film.path} was encoded again"))
    before = sample.archive.stat().st_mtime_ns, sample.truth_file.stat().st_mtime_ns
    assert build_sample(sample.archive.parent) == sample
    assert (sample.archive.stat().st_mtime_ns, sample.truth_file.stat().st_mtime_ns) == before


def test_the_truth_is_the_same_wherever_it_is_made(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _encode_as(monkeypatch, lambda film: film.path.encode())
    again = build_sample(tmp_path / "not" / "there yet")
    assert again.truth_file.read_bytes() == sample.truth_file.read_bytes()


@pytest.mark.parametrize("damage", ["no truth", "old truth", "foreign truth", "no archive", "half an archive"])
def test_an_unfinished_or_older_sample_is_made_anew(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    _encode_as(monkeypatch, lambda film: film.path.encode())
    made = build_sample(tmp_path)
    whole = made.archive.read_bytes()
    match damage:
        case "no truth":
            made.truth_file.unlink()
        case "old truth":
            write_document(made.truth_file, msgspec.structs.replace(sample.truth, version=0))
        case "foreign truth":
            made.truth_file.write_text('{"version": 1}')
        case "no archive":
            made.archive.unlink()
        case "half an archive":
            made.archive.write_bytes(whole[: len(whole) // 2])
    assert build_sample(tmp_path).truth == sample.truth
    assert made.archive.read_bytes() == whole
    assert read_document(made.truth_file, Truth) == sample.truth


def test_force_makes_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _encode_as(monkeypatch, lambda film: b"first")
    build_sample(tmp_path)
    _encode_as(monkeypatch, lambda film: b"second")
    with zipfile.ZipFile(build_sample(tmp_path, force=True).archive) as archive:
        assert archive.read("13 Camille/b-roll.mp4") == b"second"


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_at_the_last(film: object) -> bytes:
        if film is FILMS[-1]:
            raise OSError("disk full")
        return b"video"

    _encode_as(monkeypatch, fail_at_the_last)
    with pytest.raises(OSError, match="disk full"):
        build_sample(tmp_path)
    assert list(tmp_path.iterdir()) == []

    _encode_as(monkeypatch, lambda film: b"whole")
    whole = build_sample(tmp_path).archive.read_bytes()
    _encode_as(monkeypatch, fail_at_the_last)
    with pytest.raises(OSError, match="disk full"):
        build_sample(tmp_path, force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"13_Camille_sample.zip", "13_Camille_sample.truth.json"}
    assert (tmp_path / "13_Camille_sample.zip").read_bytes() == whole


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(Unavailable, match="pip install scikit-image"):
        build_sample(tmp_path)
    assert list(tmp_path.iterdir()) == []


def _encode_as(monkeypatch: pytest.MonkeyPatch, encoder: object) -> None:
    monkeypatch.setattr("mediaflow_assets.sample.encode.encode_film", encoder)
