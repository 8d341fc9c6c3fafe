"""Who speaks, on every ordered pair of your own clips, from tracks that are put beside each other.

    python -m benchmarks faces.speaking_tracks CLIPS FOLDER

CLIPS is as for ``faces.speaking_pairs``. Each clip goes through the product once, alone; the tracks of its largest
face are then put beside those of every other clip of its kind, as if both were in one film: *alone*, nobody is beside
it; *talker*, another moves the mouth and is not heard; *shifted*, the same person half the clip later; *listener*, one
of the clips whose name begins with ``listener_``, who do not speak; *off screen*, such a one alone. A variant of mode
``associated`` costs seconds to measure. Truth is that of ``faces.speaking_pairs``. FOLDER keeps films and documents.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.faces.speaking import detection_of
from benchmarks.faces.speaking_pairs import TILE, Analysis, clips_in, kind_of, loud
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.faces.speaking import Voice
from mediaflow_assets.faces.speaking.assignment import assign
from mediaflow_assets.faces.speaking.associated import mouth_evidence
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack, read_soundtrack
from mediaflow_assets.faces.tracks import FaceTrack, TrackRecorder
from mediaflow_assets.formats.audio_json import read_audio_frames
from mediaflow_assets.formats.tracking_json import read_tracking_frames
from mediaflow_assets.video.ffmpeg import ffmpeg_binary

LISTENER = "listener"


@dataclass(frozen=True, eq=False)
class Person:
    """One clip: its largest face, and what is heard."""

    kind: str
    face: FaceTrack
    sound: Soundtrack
    loud: NDArray[np.bool_]

    def beside(self, frames: int, start: int = 0) -> FaceTrack:
        """The face in a film of so many frames, from the frame ``start`` of its own on, over and over."""
        own = (np.arange(frames) + start) % len(self.loud)
        row = np.full(len(self.loud), -1)
        row[self.face.frames] = np.arange(len(self.face.frames))
        rows, gap = row[own], self.face.gap
        shown = rows[rows >= 0]
        return FaceTrack(
            np.flatnonzero(rows >= 0),
            self.face.boxes[shown],
            self.face.jaw[shown],
            self.face.lips[shown],
            None if gap is None else gap[shown],
        )


def square_film(clip: Path, folder: Path) -> Path:
    import subprocess

    path = folder / f"{clip.stem}.mp4"
    if not path.exists():
        square = f"fps={FPS},scale={TILE}:{TILE}:force_original_aspect_ratio=increase,crop={TILE}:{TILE},setsar=1"
        command = [ffmpeg_binary(), "-v", "error", "-y", "-i", str(clip), "-vf", square, "-r", str(FPS), "-crf", "16"]
        subprocess.run([*command, "-preset", "veryfast", "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


def person_in(film: Path, frames: int, kind: str) -> Person:
    """From the documents beside a film."""
    found = [
        (index, item.id, detection_of(item))
        for index, frame in enumerate(read_tracking_frames(film.with_suffix(".tracking.json")))
        for item in frame.tracked_objects
    ]
    width: dict[str, int] = {}
    for _, name, face in found:
        width[name] = width.get(name, 0) + face.bbox[2]
    largest = max(width, key=lambda name: width[name])
    recorder = TrackRecorder()
    for index, name, face in found:
        if name == largest:
            recorder.add(index, {1: face})
    voices = [
        Voice(frame.audio_info.is_speech_present, tuple(frame.audio_info.active_speaker_labels))
        for frame in read_audio_frames(film.with_suffix(".audio.json"))
    ]
    return Person(kind, recorder.tracks()[1], read_soundtrack(film, voices), loud(film, frames))


def arranged(people: Sequence[Person]) -> Iterator[tuple[str, str, Person, dict[int, FaceTrack], bool]]:
    """Kind, arrangement, who is heard, the faces, and whether the first of them is the speaker."""
    for heard in people:
        if heard.kind == LISTENER:
            continue
        frames = len(heard.loud)
        speaker = heard.beside(frames)
        yield heard.kind, "alone", heard, {1: speaker}, True
        yield heard.kind, "shifted", heard, {1: speaker, 2: heard.beside(frames, frames // 2)}, True
        for other in people:
            if other.kind == LISTENER:
                yield heard.kind, "listener", heard, {1: speaker, 2: other.beside(frames)}, True
                yield heard.kind, "off screen", heard, {1: other.beside(frames)}, False
            elif other.kind == heard.kind and other is not heard:
                yield heard.kind, "talker", heard, {1: speaker, 2: other.beside(frames)}, True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(exist_ok=True)
    analysis = Analysis()
    people = []
    for clip in clips_in(arguments.clips):
        film = square_film(clip, arguments.folder)
        people.append(person_in(film, analysis.of(film), kind_of(clip)))
    counts: dict[tuple[str, str], NDArray[np.int64]] = {}
    for kind, arrangement, heard, tracks, is_there in arranged(people):
        said = assign(mouth_evidence(tracks, heard.sound), heard.sound.frames_of_speakers()).speakers
        marked = {number: np.isin(np.arange(len(heard.loud)), list(frames)) for number, frames in said.items()}
        truth = heard.loud & is_there
        wrong = sum(int(marks.sum()) for number, marks in marked.items() if number != 1 or not is_there)
        counted = np.array([truth.sum(), (truth & marked[1]).sum(), wrong])
        counts[kind, arrangement] = counts.get((kind, arrangement), np.zeros(3, np.int64)) + counted
    print("| clips | beside | frames with speech | recall | frames on a wrong face |\n| --- | --- | --- | --- | --- |")
    for (kind, arrangement), (frames, right, wrong) in counts.items():
        print(f"| {kind} | {arrangement} | {frames} | {f'{right / frames:.3f}' if frames else '–'} | {wrong} |")


if __name__ == "__main__":
    main()
