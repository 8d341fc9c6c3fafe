"""What is said, as it is delivered: names and the seam to ``transcripts``, which knows how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

TRANSCRIPTS = "transcripts"
"""Kind of the full document: words without speakers."""
ENDINGS = {
    "transcript": "_transcript.json",
    "captions_vtt": "_captions.vtt",
    "captions_srt": "_captions.srt",
    "transcript_text": "_transcript.txt",
}
"""Kind to what its name has after the video's stem. Not ``.srt`` alone: a received subtitle may have that name."""

WriteWords = Callable[[Mapping[str, Path], Path], Mapping[str, Path]]
"""Writes what is delivered of a video's words: from its full documents by kind, into a folder of this video alone;
returns kind (of :data:`ENDINGS`) to file. Raises BadInput when there is no transcript, or one that cannot be used."""
