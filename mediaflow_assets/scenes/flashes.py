"""Short flashes of light, which shot detectors take for cuts.

A flash adds light for a few frames and is gone. Each of its frames is brighter than the frame before it, hardly darker
anywhere, and shows the same picture, unless that is drowned in white; and the frame after it looks like the one before
it. A shot of a few frames between two others is not like that, even if both are the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BRIGHTER = 10
"""Levels of 255 by which each frame of a flash is at least brighter on average."""
_DARKER = 0.05
"""Most light that may be missing in a frame of a flash, as part of what it adds: what moves meanwhile."""
_ALIKE = 0.8
"""Least correlation of a frame of a flash with the frame before it …"""
_WHITE = 225
"""… unless it is as bright as this on average, of 255."""
_AFTERWARDS = 0.25
"""Most difference between the frames around a flash, as part of what its brightest frame adds."""


class Flashes:
    """Finds flashes in frames that pass through.

    Args:
        longest: frames of the longest flash; 0 finds none.
    """

    def __init__(self, longest: int) -> None:
        self.frames: list[int] = []
        """Numbers from 0 of the frame before each flash and of its own frames: after none of them is a cut."""
        self._longest = longest

    def watch(self, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Yield ``frames`` (uint8, all of one small size) as they are."""
        import numpy as np

        recent: deque[NDArray[np.float32]] = deque(maxlen=self._longest + 1)
        brightness: deque[float] = deque(maxlen=self._longest + 1)
        for number, frame in enumerate(frames):
            yield frame
            if not self._longest:
                continue
            picture = frame.astype(np.float32)
            for length in range(1, len(recent)):
                # Hardly any frame gets beyond this comparison.
                if min(list(brightness)[-length:]) < brightness[-length - 1] + _BRIGHTER:
                    continue
                before, *lit = list(recent)[-length - 1 :]
                if _is_flash(before, lit, picture):
                    self.frames += range(number - length - 1, number)
            recent.append(picture)
            brightness.append(float(picture.mean()))


def _is_flash(before: NDArray[np.float32], lit: list[NDArray[np.float32]], after: NDArray[np.float32]) -> bool:
    import numpy as np

    most = 0.0
    for frame in lit:
        change = frame - before
        added, missing = np.clip(change, 0, None).mean(), np.clip(-change, 0, None).mean()
        if missing > _DARKER * added or (frame.mean() < _WHITE and _correlation(frame, before) < _ALIKE):
            return False
        most = max(most, float(added))
    return bool(np.abs(after - before).mean() <= _AFTERWARDS * most)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Pearson's, of all values; 0 where a picture is of one colour."""
    import numpy as np

    first, second = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale else 0.0
