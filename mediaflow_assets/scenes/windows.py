"""Frames in overlapping windows, as TransNetV2 was published to be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Window = tuple[NDArray[np.uint8], int]


def padded_windows(frames: Iterator[NDArray[np.uint8]], window: int, stride: int, padding: int) -> Iterator[Window]:
    """Windows of ``window`` frames every ``stride`` frames, holding one window in memory.

    Before the first frame there are ``padding`` copies of it, after the last one as many copies
    of that as the last window needs (Souček and Lokoč 2020; ``predict_frames`` of the reference
    implementation).

    Args:
        frames: uint8 ``(height, width, 3)`` each.
        window: frames in a window, ``stride + 2 * padding``.
        stride: frames from one window to the next.
        padding: frames at each end of a window whose predictions are dropped.

    Yields:
        The window ``(window, height, width, 3)``, and how many of its ``stride`` middle frames are
        frames of the video. These numbers add up to the number of frames.
    """
    import numpy as np

    held: list[NDArray[np.uint8]] = []
    for frame in frames:
        if not held:
            held = [frame] * padding
        held.append(frame)
        if len(held) == window:
            yield np.stack(held), stride
            del held[:stride]
        last = frame
    without_prediction = len(held) - padding
    while without_prediction > 0:
        held += [last] * (window - len(held))
        yield np.stack(held), min(stride, without_prediction)
        del held[:stride]
        without_prediction -= stride
