"""What a delivery has of the words: the transcript with speakers, faces and persons, and captions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.delivery.words import TRANSCRIPTS, WriteWords
from mediaflow_assets.formats.audio_json import Segment, read_audio_head
from mediaflow_assets.formats.heard import heard_segments
from mediaflow_assets.formats.transcript_json import Transcript, read_transcript, write_transcript
from mediaflow_assets.transcripts.attribution import Corrections, attributed, speaking_faces
from mediaflow_assets.transcripts.captions import write_captions

_CAPTIONS = {"vtt": "captions_vtt", "srt": "captions_srt", "txt": "transcript_text"}
"""Suffix to kind."""


CorrectionsOf = Callable[[Mapping[str, Path]], Corrections | None]
"""From the documents of a video to what people corrected of it; None where nobody did."""


def words_writer(
    settings: DeliverySettings, corrections_of: CorrectionsOf = lambda documents: None
) -> WriteWords | None:
    """How the words of a video are written for a delivery; None when none are delivered."""
    if not settings.words:
        return None

    def write(documents: Mapping[str, Path], folder: Path) -> Mapping[str, Path]:
        transcript = spoken(documents, corrections_of(documents))
        made = {}
        if settings.transcript:
            made["transcript"] = write_transcript(folder / "transcript.json", transcript)
        if settings.captions and transcript.words:
            named = [msgspec.structs.replace(word, speaker=word.person or word.speaker) for word in transcript.words]
            captions = write_captions(folder / "captions", named, transcript.total_frames)
            made |= {_CAPTIONS[suffix]: path for suffix, path in captions.items()}
        return made

    return write


def spoken(documents: Mapping[str, Path], corrections: Corrections | None = None) -> Transcript:
    """The transcript of a video, each word with its speaker, face and person.

    Args:
        documents: the video's full documents; without ``audio`` or ``tracking`` nobody is known.
        corrections: words, speakers, faces and names as people corrected them.

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
        heard = heard_segments(documents["audio"], documents.get("tracking"))
        segments = corrections.segments(heard) if corrections else heard
    words = corrections.words(transcript.words) if corrections else transcript.words
    faces = speaking_faces(documents["tracking"], corrections) if "tracking" in documents and words else {}
    names = corrections.names if corrections else {}
    return msgspec.structs.replace(transcript, words=tuple(attributed(words, segments, faces, names)))
