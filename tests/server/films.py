"""A film of an editor's day, drawn: three people of whom it is known who is where, and what the machine got wrong.

Left to right are Anna, Ben and Cleo; they speak in turn, four seconds each. The machine's documents have four
faults: one turn of Anna's is Ben's, Anna's and Ben's ids change places in the middle, one cut is none, and there is a
poster that is no face.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import msgspec
import numpy as np

from mediaflow_assets.core.files import sha256_of, write_atomic
from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.execution.fanout import OutputFile, Recipe, Record
from mediaflow_assets.formats.audio_json import AudioHead, Segment, write_audio
from mediaflow_assets.formats.heard import HeardTurn
from mediaflow_assets.formats.manifest import Extraction, Master, Masters, Origin, SourceVideo, write_document
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking
from mediaflow_assets.formats.transcript_json import Transcript, TranscriptWord, write_transcript
from mediaflow_assets.formats.transitions_json import Transition, Transitions, transitions_path, write_transitions

WIDTH, HEIGHT, SIZE = 320, 180, 40
KEY = "13_Camille_2026-11-21_10-00-00"
VIDEO = "interview-0a1b"
TURN = 100
"""Frames of a turn, with the pause at its end."""
PAUSE = 10
COLOURS = ((200, 120, 60), (70, 140, 210), (110, 190, 90))
PEOPLE = ("Anna", "Ben", "Cleo")
_MINUTE = 1500
_PLACES = ((60, 90), (150, 80), (245, 95))


def speaker(frame: int) -> int | None:
    """Who really speaks: 0 Anna, 1 Ben, 2 Cleo; nobody in the pause at the end of a turn."""
    return ((frame - 1) // TURN) % 3 if (frame - 1) % TURN < TURN - PAUSE else None


@dataclass(frozen=True)
class Film:
    """The film in an installation of its own.

    Args:
        home: MEDIAFLOW_HOME.
        frames: at least 900.
        drawn: a 25-fps video of it; a project without one is delivered no more.
        voices: vector of each label.
    """

    home: Path
    frames: int
    drawn: Path | None = None
    voices: dict[str, tuple[float, ...]] = field(default_factory=dict)
    put_right: tuple[HeardTurn, ...] = ()
    """The turns of everybody, where faces have put voices right."""

    def __post_init__(self) -> None:
        received = b"received interview.mov"
        source = hashlib.sha256(received).hexdigest()
        write_document(
            self.folders.origin,
            Origin(
                project=KEY,
                name="13 Camille",
                kind="file",
                registered_at="2026-11-21T10:00:00+00:00",
                identity=f"sha256:{source}",
                filename="13_Camille.zip",
            ),
        )
        video = self.folders.video / f"{VIDEO}.mp4"
        write_atomic(video, self.drawn.read_bytes() if self.drawn else b"no video")
        master = Master(
            id=VIDEO,
            source_path="rushes/interview.mov",
            source_sha256=source,
            path=video.name,
            sha256=sha256_of(video),
            bytes=video.stat().st_size,
            total_frames=self.frames,
            width=WIDTH,
            height=HEIGHT,
            has_audio=True,
        )
        write_document(self.folders.video / "manifest.json", Masters(project=KEY, videos=(master,)))
        extraction = Extraction(
            project=KEY,
            archive="13_Camille.zip",
            archive_sha256="0" * 64,
            videos=(SourceVideo(id=VIDEO, path=master.source_path, sha256=source, bytes=len(received)),),
        )
        write_document(self.folders.extraction, extraction)
        self._documents(master)
        if self.drawn is None:
            video.unlink()

    @property
    def layout(self) -> Layout:
        return Layout(FolderSettings(home=self.home))

    @property
    def folders(self) -> ProjectFolders:
        return self.layout.project(KEY)

    @property
    def sha256(self) -> str:
        """Of the received file."""
        return hashlib.sha256(b"received interview.mov").hexdigest()

    @property
    def swapped_at(self) -> int:
        """The first frame in which Anna has Ben's id."""
        return self.frames // 2 // TURN * TURN + 51

    @property
    def wrong_turn(self) -> tuple[int, int]:
        """The turn of Anna's that the machine gives to Ben."""
        first = self.cuts[1]
        return first, first + TURN - PAUSE - 1

    @property
    def false_cut(self) -> int:
        """The first frame of a shot that is none."""
        return self.frames * 3 // 4 + 31

    @property
    def cuts(self) -> list[int]:
        """First frames of the shots."""
        rounds = [self.frames * part // 3 // (3 * TURN) * 3 * TURN + 1 for part in (1, 2)]
        return sorted([1, *rounds, self.false_cut])

    def id_of(self, person: int, frame: int) -> str:
        """The machine's id."""
        if frame >= self.swapped_at and person < 2:
            person = 1 - person
        return f"obj_{person + 1}"

    def heard(self, frame: int) -> int | None:
        """Whom the machine hears."""
        first, last = self.wrong_turn
        return 1 if first <= frame <= last else speaker(frame)

    def _documents(self, master: Master) -> None:
        scenes = self.folders.document("scenes", VIDEO)
        edges = [*self.cuts, self.frames + 1]
        write_scenes(scenes, [Scene(first, after - 1) for first, after in itertools.pairwise(edges)])
        transitions = tuple(
            Transition(first - 1, "cut", first - 1, first - 1, 0.55 if first == self.false_cut else 0.99)
            for first in self.cuts[1:]
        )
        write_transitions(
            transitions_path(scenes),
            Transitions(video_filename="interview.mov", total_frames=self.frames, transitions=transitions),
        )
        audio = self.folders.document("audio", VIDEO)
        head = AudioHead(
            video_filename="interview.mov",
            total_frames=self.frames,
            segments=tuple(self._segments()),
            voices=self.voices,
        )
        write_audio(audio, head, [_labels(self.heard(n)) for n in range(1, self.frames + 1)])
        tracking = self.folders.document("tracking", VIDEO)
        metadata: dict[str, object] = {"video_path": master.path, "tracking_engine": "drawn"}
        if self.put_right:
            metadata["voices"] = msgspec.to_builtins(self.put_right)
        write_tracking(tracking, metadata, self.frames, (self._frame(n) for n in range(1, self.frames + 1)))
        for kind, path in (("scenes", scenes), ("audio", audio), ("tracking", tracking)):
            self._record(master, kind, path)

    def transcribe(self, words: list[tuple[float, float, str]]) -> None:
        """What is said, in seconds."""
        write_transcript(
            self.folders.document("transcripts", VIDEO),
            Transcript(
                video_filename="interview.mov",
                total_frames=self.frames,
                engine="drawn",
                model="drawn",
                model_sha256="0" * 64,
                language="fr",
                languages=(),
                windows=(),
                words=tuple(TranscriptWord(*word) for word in words),
            ),
        )

    def _segments(self) -> Iterator[Segment]:
        for first in range(1, self.frames + 1, TURN):
            last = min(first + TURN - PAUSE - 1, self.frames)
            yield Segment((first - 1) / 25, last / 25, f"SPEAKER_0{self.heard(first)}")

    def _frame(self, frame: int) -> TrackingFrame:
        heard = self.heard(frame)
        objects = [
            self._object(self.id_of(person, frame), *place(person, frame), heard if person == heard else None)
            for person in range(3)
        ]
        poster = [self._object("obj_4", 290, 20, None)] if frame <= 200 else []
        return TrackingFrame(frame=frame, tracked_objects=sorted([*objects, *poster], key=lambda item: item.centroid_x))

    @staticmethod
    def _object(name: str, x: int, y: int, heard: int | None) -> TrackedObject:
        half = SIZE // 2
        return TrackedObject(
            id=name,
            centroid_x=x,
            centroid_y=y,
            bbox_xmin=x - half,
            bbox_xmax=x + half,
            bbox_ymin=y - half,
            bbox_ymax=y + half,
            bbox_width=SIZE,
            bbox_height=SIZE,
            source="face_landmarker",
            label="face",
            confidence=0.9,
            is_speaking=heard is not None,
            speaking_sources={"audio": {"active_speakers": _labels(heard)}},
        )

    def _record(self, master: Master, kind: str, path: Path) -> None:
        output = OutputFile(
            path=path.name, sha256=sha256_of(path), bytes=path.stat().st_size, mtime_ns=path.stat().st_mtime_ns
        )
        recipe = Recipe(stage=kind, code_version="1", inputs={"video": master.sha256}, engine="drawn")
        record = Record(recipe=recipe, outputs={kind: output}, details={}, seconds=0.0)
        write_atomic(path.parent / ".records" / f"{VIDEO}.json", msgspec.json.encode(record))
        store = AnalysisStore(self.layout.archives, self.layout.state)
        store.put("13 Camille 2026-11-21_10-00-00", master, kind, path, record, KEY)


def _labels(person: int | None) -> list[str]:
    return [] if person is None else [f"SPEAKER_0{person}"]


def place(person: int, frame: int) -> tuple[int, int]:
    """Middle of a face: everybody sways a little."""
    x, y = _PLACES[person]
    return x + round(8 * np.sin(frame / 40 + person)), y + round(4 * np.cos(frame / 55 + person))


def draw(path: Path, frames: int) -> Path:
    """The 25-fps video of a film, with a tone for each speaker; blocks say which frame it is.

    After a minute it begins again: only what is drawn is the same, not what the documents say.
    """
    minute = path.with_name("minute.mp4")
    _encode(minute, min(frames, _MINUTE))
    with av.open(str(minute)) as source, av.open(str(path), "w") as container:
        streams = {stream: container.add_stream_from_template(stream) for stream in source.streams}
        for part in range(-(-frames // _MINUTE)):
            source.seek(0)
            for packet in source.demux():
                if packet.dts is None or part * _MINUTE + packet.pts * packet.time_base * 25 >= frames:
                    continue
                moved = round(part * _MINUTE / 25 / packet.time_base)
                packet.pts, packet.dts = packet.pts + moved, packet.dts + moved
                packet.stream = streams[packet.stream]
                container.mux(packet)
    return path


def _encode(path: Path, frames: int) -> None:
    tones = (220, 330, 440)
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "crf": "30", "g": "50"}
        picture = container.add_stream("libx264", rate=25, options=options)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=16000, layout="mono")
        for number in range(1, frames + 1):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(_picture(number, frames), format="rgb24")))
            times = np.arange((number - 1) * 640, number * 640) / 16000
            person = speaker(number)
            loud = 0 if person is None else 0.4 * (0.6 + 0.4 * np.sin(number / 3))
            samples = (loud * np.sin(2 * np.pi * tones[person or 0] * times)).astype(np.float32)
            piece = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
            piece.sample_rate, piece.pts = 16000, (number - 1) * 640
            container.mux(sound.encode(piece))
        container.mux(picture.encode())
        container.mux(sound.encode())


def _picture(number: int, frames: int) -> np.ndarray:
    shot = sum(number > edge for edge in (frames // 3, frames * 2 // 3))
    picture = np.full((HEIGHT, WIDTH, 3), ((34, 40, 52), (52, 44, 38), (36, 50, 44))[shot], np.uint8)
    for person in range(3):
        x, y = place(person, number)
        picture[y - 20 : y + 20, x - 15 : x + 15] = COLOURS[person]
        picture[y - 8 : y - 4, x - 9 : x - 4] = picture[y - 8 : y - 4, x + 4 : x + 9] = 20
        mouth = 3 + (number // 3) % 4 if speaker(number) == person else 1
        picture[y + 8 : y + 8 + mouth, x - 6 : x + 6] = (120, 20, 30)
        picture[y + 22 : min(HEIGHT, y + 80), x - 24 : x + 24] = tuple(value // 2 for value in COLOURS[person])
    for bit in range(16):
        picture[2:8, 4 + bit * 8 : 10 + bit * 8] = 255 if number >> bit & 1 else 0
    return picture
