"""Proof that a master is what every later stage takes it for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mediaflow_assets.errors import Interrupted
from mediaflow_assets.timebase import FPS
from mediaflow_assets.video import ffmpeg as runner
from mediaflow_assets.video.graphs import is_right, verification_graph
from mediaflow_assets.video.small import SIZE
from mediaflow_assets.video.source import read_source
from mediaflow_assets.video.timeline import read_times


@dataclass(frozen=True)
class Verified:
    """What was found by decoding a master to its end."""

    frames: int
    width: int
    height: int
    sound_seconds: float | None
    """End of the sound on the video's clock; None without sound."""


def verify(
    master: Path, small: Path, name: str, *, stall_seconds: float, on_time: Callable[[float], None] = lambda _: None
) -> Verified:
    """Decode ``master`` to its end, keeping its small pictures in ``small``.

    Args:
        name: of the received video, for messages.

    Raises:
        Interrupted: it does not decode to its end, is not H.264 yuv420p, or not one picture every 1/25 s from 0 on.
    """
    source = read_source(master)
    picture = source.picture
    if not is_right(picture):
        raise Interrupted(name, f"was not converted to square progressive H.264 yuv420p: {picture}")
    pictures, sounds = read_times(master, source)
    if pictures is None or not pictures.on_grid or pictures.start != 0:
        raise Interrupted(name, f"was converted to something that is not constant {FPS} fps")
    graph = verification_graph(master, small, SIZE, source.sound is not None)
    words = runner.run(graph, on_time=on_time, stall_seconds=stall_seconds)
    if words.lines:
        raise Interrupted(name, f"was converted to something that does not decode to its end ({words})")
    frames = _packets(small)
    if frames != pictures.packets or pictures.end != Fraction(frames, FPS):
        raise Interrupted(name, f"was converted to {pictures.packets} packets of which {frames} are pictures")
    sound_seconds = round(float(sounds.end), 3) if sounds else None
    return Verified(frames, picture.width, picture.height, sound_seconds)


def _packets(small: Path) -> int:
    """Every packet of FFV1 is one decoded picture."""
    import av

    with av.open(str(small)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
