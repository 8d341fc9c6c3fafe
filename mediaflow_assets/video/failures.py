"""A failure of ffmpeg as one sentence about the video that it was given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mediaflow_assets.core.errors import BadInput, Interrupted, Unavailable
from mediaflow_assets.video.ffmpeg import GaveUp

_FULL_DISK = ("No space left", "Disk quota exceeded")
_PICTURE_DECODER = "[vist#"
"""What ffmpeg calls the part that decodes pictures."""
_NO_MEMORY = "Cannot allocate memory"


@contextlib.contextmanager
def failures_of(name: str, codec: str) -> Iterator[None]:
    """Name the video, as its sender did, in what ffmpeg fails with.

    Args:
        name: of the video.
        codec: of its picture.

    Raises:
        BadInput: ffmpeg gave up, so trying again is pointless.
        Unavailable: the disk is full.
        Interrupted: it was killed, stalled, or had no memory.
    """
    try:
        yield
    except GaveUp as error:
        if any(words in error.problem for words in _FULL_DISK):
            raise Unavailable(
                name, "was not converted: no space left on the disk", "Make room and run it again"
            ) from error
        if _NO_MEMORY in error.problem:
            raise Interrupted(name, "was not converted: not enough memory", "Run it again") from error
        if _PICTURE_DECODER in error.said:
            problem = f"has a picture ({codec}) that cannot be decoded"
            raise BadInput(name, problem, "Ask for the file again, or for H.264 or ProRes 422") from error
        problem = error.problem.removeprefix("gave up ").strip("()")
        raise BadInput(name, f"cannot be converted: {problem}", "Ask for the file again") from error
    except Interrupted as error:
        if error.subject != "ffmpeg":
            raise
        raise Interrupted(name, error.problem, error.remedy) from error
