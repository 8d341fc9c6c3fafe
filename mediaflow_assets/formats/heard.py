"""Who is heard when, where the faces of a video have put its voices right.

Faces may part or put together the voices of an audio document (``SPEECH_USE_FACES``). The audio document stays
what diarization said; the tracking document of the same video then has ``metadata.voices``, the turns of
everybody. Whoever reads both documents reads who is heard here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from mediaflow_assets.core.timebase import FPS, frame_start
from mediaflow_assets.formats.audio_json import AudioFrame, AudioInfo, Segment, read_audio_frames, read_audio_head


class HeardTurn(msgspec.Struct, frozen=True, order=True):
    """A speaker is heard in the frames ``first..last``, from 1, both included."""

    first: int
    last: int
    speaker: str


class _Metadata(msgspec.Struct):
    voices: tuple[HeardTurn, ...] | None = None


def heard_turns(tracking: Path | None) -> tuple[HeardTurn, ...] | None:
    """The turns in a full tracking document; None where faces have put nothing right."""
    if tracking is None or not tracking.is_file():
        return None
    with tracking.open("rb") as stream:
        opening, line = stream.readline(), stream.readline()
    # Documents of the replaced application have another layout, and no such turns.
    if opening.strip() != b"{" or not line.startswith(_METADATA):
        return None
    try:
        return msgspec.json.decode(line.removeprefix(_METADATA).rstrip().removesuffix(b","), type=_Metadata).voices
    except msgspec.MsgspecError:
        return None


_METADATA = b'"metadata": '


def turns_of_labels(labels: Iterable[Collection[str]]) -> list[HeardTurn]:
    """Turns from the speakers of frame 1, 2 …, in order of their start."""
    since: dict[str, int] = {}
    found: list[HeardTurn] = []
    number = 0
    for number, heard in enumerate(labels, start=1):
        found += [HeardTurn(since.pop(speaker), number - 1, speaker) for speaker in [*since] if speaker not in heard]
        for speaker in heard:
            since.setdefault(speaker, number)
    return sorted([*found, *(HeardTurn(first, number, speaker) for speaker, first in since.items())])


def labels_of_turns(turns: Sequence[HeardTurn], total_frames: int) -> list[tuple[str, ...]]:
    """The sorted speakers of frame 1, 2 … ``total_frames``."""
    labels: list[tuple[str, ...]] = [()] * total_frames
    for turn in turns:
        for frame in range(turn.first - 1, min(turn.last, total_frames)):
            labels[frame] = tuple(sorted((*labels[frame], turn.speaker)))
    return labels


def heard_frames(audio: Path, tracking: Path | None) -> Iterator[AudioFrame]:
    """Frames of a full audio document, with the speakers that faces have put right.

    Raises:
        BadInput: the audio document is missing or damaged.
    """
    turns = heard_turns(tracking)
    if turns is None:
        yield from read_audio_frames(audio)
        return
    labels = labels_of_turns(turns, max((turn.last for turn in turns), default=0))
    for frame in read_audio_frames(audio):
        heard = labels[frame.frame - 1] if frame.frame <= len(labels) else ()
        info = frame.audio_info
        yield AudioFrame(frame.frame, AudioInfo(info.is_speech_present, len(heard), heard, info.timecode_sec))


def heard_segments(audio: Path, tracking: Path | None) -> tuple[Segment, ...]:
    """Segments of an audio document; in whole frames where faces have put speakers right.

    Raises:
        BadInput: the audio document is missing or damaged.
    """
    turns = heard_turns(tracking)
    if turns is None:
        return read_audio_head(audio).segments
    return tuple(Segment(frame_start(turn.first), turn.last / FPS, turn.speaker) for turn in turns)
