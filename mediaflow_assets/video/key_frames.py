"""Where decoding may begin, as the container's index says: nothing is read for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.video.stream import VideoStream


def key_frame_before(stream: VideoStream, stamp: int) -> int | None:
    """PTS of the last key frame that is not after a PTS; None if none is known."""
    return _key_frame(stream, stamp, backward=True)


def key_frame_nearest(stream: VideoStream, stamp: int) -> int | None:
    """PTS of the key frame nearest to a PTS; None if none is known."""
    found = [_key_frame(stream, stamp, backward=backward) for backward in (True, False)]
    return min((key for key in found if key is not None), key=lambda key: abs(key - stamp), default=None)


def _key_frame(stream: VideoStream, stamp: int, *, backward: bool) -> int | None:
    """A key frame of an open GOP is shown some frames later than is said here."""
    index = stream.index_entries
    if not len(index):
        return None
    # Stamps of MP4's index are DTS: the first picture is shown at the start and decoded before.
    early = (stream.start_time or 0) - index[0].timestamp
    place = index.search_timestamp(stamp - early, backward=backward)
    return index[place].timestamp + early if place >= 0 else None
