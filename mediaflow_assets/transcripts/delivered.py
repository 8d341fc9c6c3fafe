"""What a delivery has of the words: the transcript with speakers, faces and persons, and captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.delivery.words import TRANSCRIPTS, WriteWords
from mediaflow_assets.formats.audio_json import Segment, read_audio_head
from mediaflow_assets.formats.heard import heard_segments
from mediaflow_assets.formats.transcript_json import Transcript, read_transcript, write_transcript
from mediaflow_assets.transcripts.attribution import attributed, speaking_faces
from mediaflow_assets.transcripts.captions import write_captions

_CAPTIONS = {"vtt": "captions_vtt", "srt": "captions_srt", "txt": "transcript_text"}
"""Suffix to kind."""


def words_writer(settings: DeliverySettings) -> WriteWords | None:
    """How the words of a video are written for a delivery; None when none are delivered."""
    if not settings.words:
        return None

    def write(documents: Mapping[str, Path], folder: Path) -> Mapping[str, Path]:
        transcript = spoken(documents)
        made = {}
        if settings.transcript:
            made["transcript"] = write_transcript(folder / "transcript.json", transcript)
        if settings.captions and transcript.words:
            captions = write_captions(folder / "captions", transcript.words, transcript.total_frames)
            made |= {_CAPTIONS[suffix]: path for suffix, path in captions.items()}
        return made

    return write


def spoken(documents: Mapping[str, Path], names: Mapping[str, str] | None = None) -> Transcript:
    """The transcript of a video, each word with its speaker, face and person.

    Args:
        documents: the video's full documents; without ``audio`` or ``tracking`` nobody is known.
        names: speaker's label or id of a face to the name that people gave.

    Raises:
        BadInput: there is no transcript, or a document is damaged or of another video.
    """
    if TRANSCRIPTS not in documents:
        raise BadInput("the transcript", "is not made", "Set SPEECH_TRANSCRIBE=whisper and materialize transcript_json")
    transcript = read_transcript(documents[TRANSCRIPTS])
    segments: Sequence[Segment] = ()
    if "audio" in documents:
        head = read_audio_head(documents["audio"])
        if head.total_frames != transcript.total_frames:
            raise BadInput(
                documents["audio"],
                f"has {head.total_frames} frames and the transcript {transcript.total_frames}",
                "Materialize transcript_json again",
            )
        segments = heard_segments(documents["audio"], documents.get("tracking"))
    faces = speaking_faces(documents["tracking"]) if "tracking" in documents and transcript.words else {}
    return msgspec.structs.replace(transcript, words=tuple(attributed(transcript.words, segments, faces, names)))
