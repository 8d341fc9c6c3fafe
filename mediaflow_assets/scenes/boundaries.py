"""From boundary probabilities to scenes."""

from __future__ import annotations

from collections.abc import Sequence

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.scenes_csv import Scene


def scenes_from_probabilities(probabilities: Sequence[float], threshold: float = 0.5) -> list[Scene]:
    """Cut after the most probable frame of every run of boundary frames.

    Args:
        probabilities: one per frame, in order; the frame with a high value is the last of its scene.
        threshold: a frame is a boundary when its probability is greater (strict).

    Returns:
        Contiguous 1-based inclusive scenes. A gradual transition (several boundary frames in a
        row) is one cut; a boundary at the very last frame ends the last scene and starts none.

    Raises:
        BadInput: no frame.
    """
    total = len(probabilities)
    if total == 0:
        raise BadInput("scene detection", "got no frame", "The video has to be converted again")
    cuts: list[int] = []
    frame = 0
    while frame < total:
        if probabilities[frame] <= threshold:
            frame += 1
            continue
        start = frame
        while frame < total and probabilities[frame] > threshold:
            frame += 1
        best = max(range(start, frame), key=lambda index: (probabilities[index], -index))
        cuts.append(best + 1)
    firsts = [1, *(cut + 1 for cut in cuts if cut < total)]
    lasts = [*(cut for cut in cuts if cut < total), total]
    return [Scene(first, last) for first, last in zip(firsts, lasts, strict=True)]
