"""Everything that was said in the analysis store, passage by passage: what the search index is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.analysis_store import ENDINGS, AnalysisStore, StoredVideo
from mediaflow_assets.formats.heard import heard_segments
from mediaflow_assets.formats.transcript_json import read_transcript
from mediaflow_assets.transcripts.attribution import Corrections, with_speakers
from mediaflow_assets.transcripts.captions import cues
from mediaflow_assets.transcripts.languages import share_by_language
from mediaflow_assets.transcripts.search_index import Hit


def stored_passages(
    store: AnalysisStore, corrections_of: Callable[[StoredVideo], Corrections | None] = lambda video: None
) -> Iterator[Hit]:
    """One passage per cue of every stored transcript, with the speaker of the stored audio document.

    Args:
        corrections_of: what people corrected of a video.

    A document that cannot be read is passed over: the index is for finding things, the stage says what is damaged.
    """
    for folder in store.folders():
        for video in store.videos(folder):
            try:
                yield from _passages(video, corrections_of(video))
            except BadInput:
                continue


def newest_transcript(store: AnalysisStore) -> float:
    """When a transcript was stored last, seconds since 1970; 0 when there is none."""
    return max((path.stat().st_mtime for path in store.root.glob(f"*/*/*{ENDINGS['transcripts']}")), default=0.0)


def _passages(video: StoredVideo, corrections: Corrections | None) -> Iterator[Hit]:
    path = video.documents.get("transcripts")
    if path is None:
        return
    document = read_transcript(path)
    audio = video.documents.get("audio")
    segments = heard_segments(audio, video.documents.get("tracking")) if audio is not None else ()
    names = corrections.names if corrections else {}
    words = corrections.words(document.words) if corrections else document.words
    said = with_speakers(words, corrections.segments(segments) if corrections else segments)
    for cue in cues(said, document.total_frames):
        yield Hit(
            project=video.metadata.project or video.project_name,
            delivered_at=video.archived_at.isoformat(timespec="seconds"),
            video=video.name,
            video_sha256=video.sha256,
            first=cue.first,
            last=cue.last,
            speaker=cue.speaker or "",
            person=names.get(cue.speaker or "", ""),
            face="",
            language=next(iter(share_by_language(document.languages)), ""),
            probability=cue.probability,
            text=" ".join(cue.lines),
        )
