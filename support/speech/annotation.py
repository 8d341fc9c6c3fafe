"""Speech segments in the form that pyannote.metrics compares."""

from __future__ import annotations

from collections.abc import Iterable

from pyannote.core import Annotation
from pyannote.core import Segment as Interval

from mediaflow_assets.formats.audio_json import Segment


def annotation_of(segments: Iterable[Segment], name: str = "waveform") -> Annotation:
    """Segments as pyannote.core's annotation of the recording ``name``."""
    annotation = Annotation(uri=name)
    for number, one in enumerate(segments):
        annotation[Interval(one.start, one.end), number] = one.speaker
    return annotation
