"""Analysed projects for tests: real documents and records, pictures that nobody decodes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mediaflow_assets.core.files import sha256_of, write_atomic
from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.finalize import Finalized, finalize
from mediaflow_assets.delivery.reduce import reduce_audio, reduce_tracking
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.execution.fanout import OutputFile, Recipe, Record
from mediaflow_assets.formats.audio_json import AudioHead, Segment, write_audio
from mediaflow_assets.formats.manifest import (
    Extraction,
    Master,
    Masters,
    Origin,
    ReceivedFile,
    SourceVideo,
    write_document,
)
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking
from mediaflow_assets.formats.transcript_json import LanguageSpan, Transcript, TranscriptWord, write_transcript
from mediaflow_assets.transcripts.delivered import words_writer

FRAMES = 50


@dataclass
class Project:
    """An analysed project in an installation of its own.

    Args:
        home: MEDIAFLOW_HOME.
        videos: paths of received videos in the archive.
        others: paths of other received files.
    """

    home: Path
    videos: Sequence[str] = ("a.mov",)
    others: Sequence[str] = ()
    key: str = "13_Camille_2026-11-21_10-00-00"
    name: str = "13 Camille"
    registered_at: str = "2026-11-21T10:00:00+00:00"
    kinds: Sequence[str] = ("scenes", "audio", "tracking")
    content: str = ""
    """Changes the content of every received file."""
    payload: int = 2000
    """Bytes of a 25-fps video that nobody decodes."""
    film: Path | None = None
    """A real 25-fps video of 50 frames, 640 by 360; every video of the project shows it."""
    masters: list[Master] = field(default_factory=list)

    def __post_init__(self) -> None:
        origin = Origin(
            project=self.key,
            name=self.name,
            kind="file",
            registered_at=self.registered_at,
            identity=f"sha256:{self.key}",
            filename="13_Camille.zip",
        )
        write_document(self.folders.origin, origin)
        for path in self.others:
            self._write(self.folders.extracted / path, f"{path}{self.content}".encode())
        for number, path in enumerate(self.videos):
            self._write(self.folders.extracted / path, f"received {path}{self.content}".encode())
            self.masters.append(self._master(number, path))
        for master in self.masters:
            for kind in self.kinds:
                self.analyse(master, kind)
            self.reduce(master)
        write_document(self.folders.extraction, self.extraction)
        write_document(self.folders.video / "manifest.json", Masters(project=self.key, videos=tuple(self.masters)))
        self._write(self.archive, b"archive")

    @property
    def layout(self) -> Layout:
        return Layout(FolderSettings(home=self.home))

    @property
    def folders(self) -> ProjectFolders:
        return self.layout.project(self.key)

    @property
    def archive(self) -> Path:
        return self.folders.downloads / "13_Camille.zip"

    @property
    def store(self) -> AnalysisStore:
        return AnalysisStore(self.layout.archives, self.layout.state)

    @property
    def origin(self) -> Origin:
        return msgspec.json.decode(self.folders.origin.read_bytes(), type=Origin)

    @property
    def extraction(self) -> Extraction:
        def received(path: str) -> dict[str, object]:
            file = self.folders.extracted / path
            return {"path": path, "sha256": sha256_of(file), "bytes": file.stat().st_size}

        return Extraction(
            project=self.key,
            archive="13_Camille.zip",
            archive_sha256="0" * 64,
            videos=tuple(SourceVideo(id=f"v{number}", **received(path)) for number, path in enumerate(self.videos)),  # type: ignore[arg-type]
            others=tuple(ReceivedFile(**received(path)) for path in self.others),  # type: ignore[arg-type]
        )

    def sources(self) -> dict[str, str]:
        """Everything that a delivery may not touch, with its content."""
        roots = [self.folders.work, self.folders.downloads, self.layout.archives]
        return tree(*[root for root in roots if root.exists()])

    def analyse(self, master: Master, kind: str, engine: str = "test", label: str = "SPEAKER_00") -> Record:
        """Make a full document of a video and put it into the store, as an analysis asset does."""
        folder = self.folders.analysis(kind)
        path = self.folders.document(kind, master.id)
        if kind == "scenes":
            write_scenes(path, [Scene(1, 20), Scene(21, master.total_frames)])
        elif kind == "audio":
            head = AudioHead(
                video_filename=Path(master.source_path).name,
                total_frames=master.total_frames,
                engine=engine,
                segments=(Segment(0.4, 1.2, label),),
            )
            write_audio(path, head, [[label] if 10 < n <= 30 else [] for n in range(1, master.total_frames + 1)])
        elif kind == "transcripts":
            write_transcript(path, transcript_of(master))
        else:
            metadata = {"video_path": master.path, "tracking_engine": engine}
            write_tracking(path, metadata, master.total_frames, (_frame(n, label) for n in range(1, FRAMES + 1)))
        recipe = Recipe(stage=kind, code_version="1", inputs={"video": master.sha256}, engine=engine)
        record = self._record(folder, master.id, recipe, {kind: path})
        self.store.put(self.origin.archive_name, master, kind, path, record, self.key)
        return record

    def reduce(self, master: Master) -> None:
        """Reduce what a video has, as ``reduced_json`` does."""
        made, inputs = {}, {}
        for kind, folder, function in (
            ("tracking", self.folders.tracking, reduce_tracking),
            ("audio", self.folders.audio, reduce_audio),
        ):
            if kind in self.kinds:
                source, made[kind] = (
                    folder / f"{master.id}_{kind}.json",
                    self.folders.reduced / f"{master.id}_{kind}.json",
                )
                function(source, made[kind], master.total_frames)
                inputs[kind] = sha256_of(source)
        recipe = Recipe(stage="reduced_json", code_version="1", inputs=inputs, engine="reduce")
        self._record(self.folders.reduced, master.id, recipe, made)

    def _master(self, number: int, path: str) -> Master:
        file = self.folders.video / f"v{number}.mp4"
        seed = hashlib.sha256(f"{path}{self.content}".encode()).digest()
        if self.film:
            box = b"free" + seed  # no player looks into it, and it makes the videos different
            self._write(file, self.film.read_bytes() + (len(box) + 4).to_bytes(4, "big") + box)
        else:
            self._write(file, (seed * (self.payload // len(seed) + 1))[: self.payload])
        return Master(
            id=f"v{number}",
            source_path=path,
            source_sha256=sha256_of(self.folders.extracted / path),
            path=file.name,
            sha256=sha256_of(file),
            bytes=file.stat().st_size,
            total_frames=FRAMES,
            width=640,
            height=360,
            has_audio=True,
        )

    @staticmethod
    def _record(folder: Path, video: str, recipe: Recipe, outputs: dict[str, Path]) -> Record:
        described = {
            name: OutputFile(
                path=path.name, sha256=sha256_of(path), bytes=path.stat().st_size, mtime_ns=path.stat().st_mtime_ns
            )
            for name, path in outputs.items()
        }
        record = Record(recipe=recipe, outputs=described, details={}, seconds=0.0)
        write_atomic(folder / ".records" / f"{video}.json", msgspec.json.encode(record))
        return record

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        write_atomic(path, data)  # a test may make the same project in several processes


def transcript_of(master: Master) -> Transcript:
    """Three words: two in the speech of the project's videos, one after it."""
    return Transcript(
        video_filename=Path(master.source_path).name,
        total_frames=master.total_frames,
        engine="whisper",
        model="whisper-base",
        model_sha256="00",
        language="fr",
        languages=(LanguageSpan(0.2, 1.9, "fr", 1.0, "set"),),
        windows=((0.2, 1.9),),
        words=(
            TranscriptWord(0.5, 0.8, "Bonjour,", 0.9),
            TranscriptWord(0.85, 1.1, "c'est", 0.8),
            TranscriptWord(1.3, 1.6, "Zoé.", 0.4),
        ),
    )


def finalized(
    project: Project, progress: Callable[[float, str], None] = lambda fraction, note: None, /, **settings: object
) -> Finalized:
    """Finalize a project with some settings."""
    chosen = DeliverySettings.model_validate(settings)
    return finalize(
        project.layout,
        project.store,
        project.key,
        project.archive,
        chosen,
        progress,
        write_words=words_writer(chosen),
    )


def hidden(folder: Path) -> list[str]:
    """What a person does not see in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def tree(*roots: Path) -> dict[str, str]:
    """Path to sha256 of every file below some folders; hidden ones too."""
    return {str(path): sha256_of(path) for root in roots for path in sorted(root.rglob("*")) if path.is_file()}


def _frame(number: int, label: str) -> TrackingFrame:
    face = TrackedObject(
        id="obj_1",
        centroid_x=300 + number,
        centroid_y=120,
        bbox_xmin=250 + number,
        bbox_xmax=350 + number,
        source="face_landmarker",
        label="face",
        confidence=0.9,
        blendshapes={"jawOpen": 0.2},
        bbox_ymin=60,
        bbox_ymax=180,
        bbox_width=100,
        bbox_height=120,
        is_speaking=10 < number <= 30,
        speaking_sources={"audio": {"active_speakers": [label] if 10 < number <= 30 else []}},
    )
    return TrackingFrame(frame=number, tracked_objects=[face] if number <= 40 else [])
