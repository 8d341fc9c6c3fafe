"""Exports for editing programs, each from the timeline of one video.

An export is a function ``write(source, stem) -> Path``; adding one is that function and one line here.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.delivery.plan import REFRAMED
from mediaflow_assets.delivery.words import TRANSCRIPTS
from mediaflow_assets.formats.reframe_json import Reframing, read_reframing
from mediaflow_assets.formats.timeline_json import Timeline
from mediaflow_assets.formats.transcript_json import Transcript, TranscriptWord
from mediaflow_assets.formats.transitions_json import Transition
from mediaflow_assets.reporting.corrected_words import word_corrections
from mediaflow_assets.reporting.export_names import EXPORTS
from mediaflow_assets.reporting.intervals import joined
from mediaflow_assets.reporting.sources import VideoSource
from mediaflow_assets.scenes.transitions import transitions_in
from mediaflow_assets.transcripts.captions import Cue, cues
from mediaflow_assets.transcripts.delivered import spoken
from mediaflow_assets.transcripts.languages import share_by_language

Write = Callable[["ExportSource", Path], Path | Mapping[str, Path] | None]
"""Writes one export beside a path without suffix, or one for each of several things by their names; None when the
video has nothing to put in it."""

MIN_FRAMES = FPS // 2
"""Shorter appearances of a face are left out of markers."""
PAUSE = FPS
"""Frames that a face may be away within one marker."""


class Marker(NamedTuple):
    """A speaker's turn or the appearance of a face; frames from 1, both included."""

    first: int
    last: int
    name: str
    kind: Literal["speaker", "face"]
    id: str
    """Label or id in the documents."""


@dataclass(frozen=True)
class ExportSource:
    """What an export is made from."""

    project: str
    """Human name."""
    video: VideoSource
    timeline: Timeline
    """From :func:`mediaflow_assets.reporting.timeline.build_timeline`."""

    @property
    def total_frames(self) -> int:
        return self.timeline.metadata.total_frames

    @property
    def scenes(self) -> list[tuple[int, int]]:
        """First and last frame of each scene; one scene when they were not detected."""
        found = [(scene.start_frame, scene.end_frame) for scene in self.timeline.scenes.scenes]
        return found or [(1, self.total_frames)]

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """How the scenes become each other; none for scenes that were found without."""
        document = self.video.documents.get("scenes")
        return transitions_in(document.record.details) if document and document.record else ()

    @property
    def speakers(self) -> dict[str, list[tuple[int, int]]]:
        """Speaker to the frames, first and last, of each turn."""
        return {speaker.label: list(speaker.intervals) for speaker in self.timeline.audio.speakers}

    @property
    def faces(self) -> dict[str, list[tuple[int, int]]]:
        """Face to the frames, first and last, of each appearance."""
        return {track.id: list(track.intervals) for track in self.timeline.tracking.tracks if track.label == "face"}

    @property
    def names(self) -> dict[str, str]:
        """Labels and faces to the names that people gave them; those that nobody named are not in it."""
        return self.video.review.names if self.video.review else {}

    def name_of(self, shown: str) -> str:
        """The name that a label or face has in layers and markers: a person's, else its own."""
        return self.names.get(shown, shown)

    @property
    def markers(self) -> list[Marker]:
        """Turns and appearances in the order of time, without what is too short to be worked with."""
        found = [
            Marker(first, last, self.name_of(label), "speaker", label)
            for label, turns in self.speakers.items()
            for first, last in turns
        ]
        for face, runs in self.faces.items():
            for first, last in joined(runs, PAUSE):
                if last - first + 1 >= MIN_FRAMES:
                    found.append(Marker(first, last, self.name_of(face), "face", face))
        return sorted(found)

    @cached_property
    def transcript(self) -> Transcript | None:
        """What is said, each word with speaker and face, where a transcript was made."""
        if TRANSCRIPTS not in self.video.documents:
            return None
        documents = {kind: document.path for kind, document in self.video.documents.items()}
        return spoken(documents, word_corrections(self.video.review))

    @property
    def words(self) -> tuple[TranscriptWord, ...]:
        """Of the transcript; nothing where there is none."""
        return self.transcript.words if self.transcript else ()

    @property
    def language(self) -> str:
        """Code of the language that is spoken most; of speech of which nothing is known, French."""
        spans = share_by_language(self.transcript.languages) if self.transcript else {}
        return next(iter(spans), "fr")

    @cached_property
    def cues(self) -> list[Cue]:
        """What is said, in captions with their speaker."""
        return cues(self.words, self.total_frames)

    @cached_property
    def reframings(self) -> list[Reframing]:
        """The re-framings of the video, one for each aspect."""
        files = self.video.reframings
        return [read_reframing(files[label]) for label in REFRAMED if label in files]

    @property
    def has_audio(self) -> bool:
        """Whether the video has sound."""
        return bool(self.timeline.metadata.has_audio)

    @property
    def url(self) -> str:
        """Where a program finds the 25-fps video; relative when it was not delivered from here."""
        return self.video.delivered.as_uri() if self.video.delivered else quote(self.file_name)

    @property
    def file_name(self) -> str:
        """Name of the 25-fps video as it is delivered."""
        return self.video.delivered.name if self.video.delivered else f"{self.video.stem}.mp4"


def write_exports(names: Sequence[str], source: ExportSource, folder: Path) -> dict[str, Path]:
    """Write the exports ``names`` of a video into ``folder``, which is theirs alone, instead of earlier ones.

    Returns:
        Name to path of those that the video can have.

    Raises:
        BadInput: a document of the video cannot be read.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    stem = folder / Path(source.file_name).stem
    written = {name: _writer(name)(source, stem) for name in names}
    found: dict[str, Path] = {}
    for name, result in written.items():
        if isinstance(result, Path):
            found[name] = result
        elif result:
            found |= {f"{name}_{part}": path for part, path in result.items()}
    return found


def _writer(name: str) -> Write:
    module, function = EXPORTS[name].split(":")
    write: Write = getattr(import_module(module), function)
    return write


def named(stem: Path, ending: str) -> Path:
    """``stem`` with an ending, shortened if a file system could not hold it."""
    return stem.with_name(NameRules().fit(stem.name, ending))
