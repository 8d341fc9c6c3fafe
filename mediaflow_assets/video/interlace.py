"""Whether a video is interlaced anywhere, told by one keyframe a second."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from mediaflow_assets.video.source import VideoStream

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream as AvVideoStream

_NEVER = frozenset("vp8 vp9 av1 libdav1d theora gif png hevc flv1 rv10 rv20 rv30 rv40 h263 cinepak qtrle".split())
"""Codecs without fields, and HEVC, of which every picture says the same."""
_MAX_HEIGHT = 1088
"""Lines of the tallest interlaced formats (SMPTE ST 274, coded in blocks of 16)."""
_EVERY = 1
"""Seconds from one keyframe that is looked at to the next."""


class InterlaceDetector:
    """Looks at packets in their order, for as long as nothing interlaced was found.

    The beginning alone does not tell: titles and black before interlaced material are often progressive.
    """

    def __init__(self, stream: AvVideoStream, picture: VideoStream) -> None:
        self.found = picture.interlaced
        self._context = stream.codec_context
        self._possible = not self.found and picture.codec not in _NEVER and picture.height <= _MAX_HEIGHT
        self._due = Fraction(-(10**12))

    def add(self, packet: Packet[Stream]) -> None:
        """Decode a packet if it is one of those."""
        stamp = packet.dts if packet.dts is not None else packet.pts
        if not self._possible or not packet.is_keyframe or stamp is None:
            return
        time = stamp * Fraction(packet.time_base or 1)
        if time >= self._due:
            self._due = time + _EVERY
            self._decode(packet)

    def finish(self) -> bool:
        """Whether anything was interlaced, with what the decoder still holds."""
        if self._possible:
            self._decode(None)
        return self.found

    def _decode(self, packet: Packet[Stream] | None) -> None:
        import av

        try:
            self.found = any(frame.interlaced_frame for frame in self._context.decode(packet))
        except av.FFmpegError:
            return
        self._possible = not self.found
