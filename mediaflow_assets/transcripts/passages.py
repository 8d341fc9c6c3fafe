"""Everything that was said in the analysis store, passage by passage: what the search index is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo
from mediaflow_assets.delivery.words import TRANSCRIPTS
from mediaflow_assets.transcripts.attribution import Corrections
from mediaflow_assets.transcripts.captions import cues
from mediaflow_assets.transcripts.delivered import spoken
from mediaflow_assets.transcripts.languages import share_by_language
from mediaflow_assets.transcripts.search_index import Hit, update_index

_TELL_WHO = ("audio", "tracking", TRANSCRIPTS)
"""Kinds of documents that passages are made of."""


CorrectionsOf = Callable[[StoredVideo], Corrections | None]


def searchable(
    store: AnalysisStore,
    state: Path,
    corrections_of: CorrectionsOf = lambda video: None,
    journals: Mapping[str, Path] | None = None,
) -> Path:
    """The search index of a store, up to date.

    Args:
        state: the installation's ``state`` folder, where the index is.
        corrections_of: what people corrected of a video.
        journals: sha256 of a received video to the file of its corrections.

    Raises:
        BadInput: nothing is transcribed yet.
        Unavailable: the index cannot be written.
    """
    sources = list(stored_transcripts(store, corrections_of, journals or {}))
    if not sources:
        raise BadInput("search", "nothing is transcribed yet", "Set SPEECH_TRANSCRIBE=whisper and run")
    path = state / "search.sqlite"
    update_index(path, sources)
    return path


def stored_transcripts(
    store: AnalysisStore,
    corrections_of: CorrectionsOf = lambda video: None,
    journals: Mapping[str, Path] = MappingProxyType({}),
) -> Iterator[StoredTranscript]:
    """Every transcript of the store."""
    for folder in store.folders():
        for video in store.videos(folder):
            if TRANSCRIPTS in video.documents:
                yield StoredTranscript(video, corrections_of, journals.get(video.sha256))


@dataclass(frozen=True)
class StoredTranscript:
    """A stored transcript, with the documents of the same video that tell who speaks."""

    video: StoredVideo
    corrections_of: CorrectionsOf
    journal: Path | None = None

    @property
    def name(self) -> str:
        """Its folder in the store."""
        return f"{self.video.folder.parent.name}/{self.video.sha256}"

    @property
    def stamp(self) -> str:
        """Time and size of its documents and corrections."""
        files = [*self._documents.values(), *([self.journal] if self.journal else [])]
        facts = (path.stat() for path in files)
        return " ".join(f"{one.st_mtime_ns}:{one.st_size}" for one in facts)

    @property
    def _documents(self) -> Mapping[str, Path]:
        return {kind: path for kind, path in sorted(self.video.documents.items()) if kind in _TELL_WHO}

    def passages(self) -> Iterator[Hit]:
        """A passage for each caption; nothing for a document that cannot be read, which its stage says."""
        video = self.video
        try:
            document = spoken(self._documents, self.corrections_of(video))
        except BadInput:
            return
        language = next(iter(share_by_language(document.languages)), "")
        for cue in cues(document.words, document.total_frames):
            yield Hit(
                project=video.metadata.project or video.project_name,
                delivered_at=video.archived_at.isoformat(timespec="seconds"),
                video=video.name,
                video_sha256=video.sha256,
                first=cue.first,
                last=cue.last,
                speaker=cue.speaker or "",
                person=cue.person or "",
                face=cue.face or "",
                language=language,
                probability=cue.probability,
                text=" ".join(cue.lines),
            )
