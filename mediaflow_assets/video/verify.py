"""Proof that a master is what every later stage takes it for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.video import ffmpeg as runner
from mediaflow_assets.video.graphs import is_right, verification_graph
from mediaflow_assets.video.small import SIZE
from mediaflow_assets.video.source import MediaInfo, read_source
from mediaflow_assets.video.timeline import PictureTimes, SoundTimes, read_times


@dataclass(frozen=True)
class Verified:
    """What was found by decoding a master to its end."""

    frames: int
    width: int
    height: int
    sound_seconds: float | None
    """End of the sound on the video's clock; None without sound."""


def verify(
    master: Path,
    small: Path,
    name: str,
    *,
    has_sound: bool,
    stall_seconds: float,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Verified:
    """Decode ``master`` to its end, keeping its small pictures in ``small``.

    Args:
        name: of the received video, for messages.
        has_sound: whether it has a sound track, which is decoded too.

    Raises:
        BadInput: nothing of the received picture could be decoded, so there is none in it.
        Interrupted: it does not decode to its end, is not H.264 yuv420p of one size, or not one picture every
            1/25 s from 0 on.
    """
    try:
        source = read_source(master, name)
    except BadInput as error:
        raise BadInput(name, "has no picture that can be decoded", "Ask for the file again") from error
    picture = source.picture
    if not is_right(picture):
        raise Interrupted(name, f"was not converted to square progressive H.264 yuv420p: {picture}")
    graph = verification_graph(master, small, SIZE, has_sound, (picture.width, picture.height))
    # The container is read while ffmpeg decodes: one of the two is idle now and then.
    with ThreadPoolExecutor(max_workers=1) as reader:
        container = reader.submit(_read_container, master, source, name)
        words = runner.run(graph, on_progress=on_progress, stall_seconds=stall_seconds)
        pictures, sounds = container.result()
    if words.lines:
        raise Interrupted(name, f"was converted to something that does not decode to its end ({words})")
    frames = _packets(small)
    if frames != pictures.packets or pictures.end != Fraction(frames, FPS):
        raise Interrupted(name, f"was converted to {pictures.packets} packets of which {frames} are pictures")
    sound_seconds = round(float(sounds.end), 3) if sounds else None
    return Verified(frames, picture.width, picture.height, sound_seconds)


def _read_container(master: Path, source: MediaInfo, name: str) -> tuple[PictureTimes, SoundTimes | None]:
    """What the container says of the time of every packet, if it is right."""
    pictures, sounds = read_times(master, source, name=name)
    if pictures is None or not pictures.frame_aligned or pictures.start != 0:
        raise Interrupted(name, f"was converted to something that is not constant {FPS} fps")
    return pictures, sounds


def _packets(small: Path) -> int:
    """Every packet of FFV1 is one decoded picture."""
    import av

    with av.open(str(small)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
