"""How long a file says it is, and how much of that is not there.

A file that was cut off at the end of a packet decodes without a complaint. Only what its header says
tells that it went on.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mediaflow_assets.core.timebase import timecode_to_seconds
from mediaflow_assets.video.isobmff import fragments_end_early

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

    from mediaflow_assets.video.timeline import PictureTimes, SoundTimes

_STATING = frozenset(("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv", "mxf", "gxf", "rm", "asf"))
"""Containers whose header says how long they are; of others, libavformat finds the end or guesses."""
_STATING_TRACKS = frozenset(("mov,mp4,m4a,3gp,3g2,mj2", "mxf", "gxf", "rm"))
"""Those that say it of each track; for others libavformat makes it up."""
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
"""GUID of the file properties object (ASF specification, 3.2)."""
_BROADCAST = 1
"""Its flag for an unknown length."""
_TOLERANCE = Fraction(1, 10)
"""Seconds by which a header may be wrong without a meaning."""


class Statement(NamedTuple):
    """What a header says of the length."""

    seconds: float = 0.0
    """0 when it says nothing."""
    of_picture: bool = False
    """Of the picture alone, not of whatever lasts longest."""
    pictures: int = 0
    """In the table of a file that has one."""
    of_stream: bool = False
    """Perhaps of the whole stream from which the file is a part (DASH, HLS), whose own end is whole."""


def read_statement(path: Path, container: InputContainer, stream: VideoStream) -> Statement:
    """What the header of an open file says of a picture stream."""
    rate = stream.average_rate
    if container.format.name == "avi" and stream.frames and rate:
        return Statement(float(stream.frames / rate), True, stream.frames)
    if container.format.name not in _STATING:
        return Statement()
    whole = (container.duration or 0) / 1_000_000
    if container.format.name == "asf":
        whole = _asf_seconds(path)
    # Written into Matroska by mkvmerge and libavformat.
    track = timecode_to_seconds(stream.metadata.get("DURATION"))
    if container.format.name in _STATING_TRACKS and stream.duration and stream.time_base:
        track = float(stream.duration * stream.time_base)
    seconds = min(track, whole) if track and whole else track or whole
    of_stream = container.format.name.startswith("mov") and fragments_end_early(path) is False
    return Statement(seconds, bool(track), stream.frames, of_stream)


def seconds_after_the_end(
    statement: Statement, pictures: PictureTimes, sounds: SoundTimes | None, max_seconds: float
) -> float:
    """Seconds that a file states and that would follow its last picture.

    Args:
        statement: of its header.
        pictures: what is there.
        sounds: what is there.
        max_seconds: beyond which a statement is nonsense.
    """
    if not 0 < statement.seconds <= max_seconds:
        return 0.0
    if 0 < statement.pictures <= pictures.packets and pictures.step > 0:
        return 0.0  # The table is complete, so the statement is wrong.
    there = max(pictures.end, pictures.duration)
    if sounds and not statement.of_picture:
        there = max(there, sounds.end)
    lost = Fraction(statement.seconds) - there
    # The last picture may stand still for as long as another one did.
    return float(lost) if lost > max(2 * pictures.step, pictures.longest_step, _TOLERANCE) else 0.0


def _asf_seconds(path: Path) -> float:
    """Play duration without the preroll, which libavformat forgets when the file has not its stated size."""
    with path.open("rb") as stream:
        head = stream.read(65536)
    place = head.find(_ASF_PROPERTIES)
    if place < 0 or len(head) < place + 92:
        return 0.0
    duration, preroll, flags = (
        int.from_bytes(head[place + start : place + end], "little") for start, end in ((64, 72), (80, 88), (88, 92))
    )
    return 0.0 if flags & _BROADCAST else max(duration / 10_000_000 - preroll / 1000, 0.0)
