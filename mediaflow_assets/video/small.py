"""The small pictures that shot detectors see, decoded once per video.

A master has to be decoded to its end to be verified. That pass also keeps every picture in the
size of the shot detectors, losslessly (FFV1), beside the master: the scenes stage then reads
these files, of some kilobytes a second, instead of decoding the video again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.video import ffmpeg as runner
from mediaflow_assets.video.decode import rgb_frames
from mediaflow_assets.video.graphs import raw_graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STALL_SECONDS = 300
SIZE = (48, 27)
"""(width, height), as the TransNetV2 network was trained with."""


def small_path(master: Path) -> Path:
    """Where the small pictures of a master are kept."""
    width, height = SIZE
    return master.with_name(f"{master.stem}.{width}x{height}.mkv")


def small_frames(master: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield each frame of a master as uint8 ``(27, 48, 3)`` RGB.

    From the pictures kept beside it, else (they may be deleted at any time) from the master
    itself, with the same values.

    Raises:
        BadInput: the kept pictures cannot be decoded.
        Interrupted: the master cannot be decoded to its end.
    """
    kept = small_path(master)
    if kept.is_file():
        yield from rgb_frames(kept)
        return
    import numpy as np

    width, height = SIZE
    for block in runner.read_blocks(raw_graph(master, SIZE), width * height * 3, stall_seconds=_STALL_SECONDS):
        yield np.frombuffer(block, np.uint8).reshape(height, width, 3)
