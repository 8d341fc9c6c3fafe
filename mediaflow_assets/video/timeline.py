"""When the packets of a file are shown and heard, read without decoding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, cast

from mediaflow_assets.core.timebase import FPS, FRAME_SECONDS
from mediaflow_assets.video import edit_lists
from mediaflow_assets.video.edit_lists import Shifts
from mediaflow_assets.video.interlace import InterlaceDetector
from mediaflow_assets.video.reading import opened
from mediaflow_assets.video.source import MediaInfo, packets

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream


MAX_PAUSE_AT_THE_END = 60
"""Seconds without sound after the last picture, before sound that still belongs to it."""


@dataclass(frozen=True)
class PictureTimes:
    """Times of the pictures, seconds."""

    start: Fraction
    end: Fraction
    """End of the last picture."""
    packets: int
    whole: bool
    """The file could be read to its end."""
    step: Fraction
    """Usual time from one picture to the next."""
    last: Fraction
    """Time of the last picture."""
    longest_step: Fraction
    is_cfr: bool
    """No two steps differ by more than half of the usual one."""
    frame_aligned: bool
    """Starts with a keyframe and shows one picture every 1/25 s without exception: may be copied as it is."""
    interlaced: bool = False
    """As far as that was looked for."""
    counted: bool = False
    """The file says of no picture when it is shown: they follow one another, each for a ``step``."""

    shifts: Shifts | None = None
    """What makes FFmpeg's times those of an edit list."""

    @property
    def duration(self) -> Fraction:
        return self.end - self.start


@dataclass(frozen=True)
class SoundTimes:
    """Times of the sound, seconds."""

    start: Fraction
    end: Fraction
    drift: float | None
    """Largest distance between a packet's time and the sum of the packets before it: gaps, overlaps and
    a clock that runs differently. None when packets do not say how long they are."""
    overlap: Fraction
    """How long it is stamped with times at which there already is sound."""
    length: Fraction = Fraction(0)
    """Of all its packets together; 0 where they do not say."""
    latest: Fraction = Fraction(0)
    """Latest stamp of a packet, mostly that of the last one."""
    shifts: Shifts | None = None
    """What makes FFmpeg's times those of an edit list of several edits."""
    shift: float = 0.0
    """Seconds that make FFmpeg's times right, where it is the same for all of them."""

    def limit(self, pictures: PictureTimes) -> Fraction | None:
        """Seconds after the first picture at which no sound can be meant any more; None where there is none so late.

        After the last picture there may be as much sound as there is at all, and a pause. What is stamped later has a
        damaged stamp, and FFmpeg would hold all the silence before it in memory.
        """
        latest = pictures.duration + self.length + MAX_PAUSE_AT_THE_END
        return latest if self.length and self.latest - pictures.start > latest else None


def read_times(
    path: Path, source: MediaInfo, *, name: str = "", inspect: bool = False
) -> tuple[PictureTimes | None, SoundTimes | None]:
    """Times of the picture and sound streams of ``source``, as far as the file can be read.

    Args:
        path: where the file lies.
        source: what it consists of.
        name: as its sender named it, when ``path`` has another name.
        inspect: whether interlaced pictures are looked for.

    Returns:
        None for a stream without a packet.
    """
    import av

    whole = True
    with opened(path, name) as container:
        stream = cast("VideoStream", container.streams[source.picture.index])
        pictures, interlace = _PacketTimes.of(stream), InterlaceDetector(stream, source.picture)
        sounds = _PacketTimes.of(container.streams[source.sound.index]) if source.sound else None
        tracks = {track.index: track for track in (pictures, sounds) if track}
        if inspect and source.container == edit_lists.CONTAINER:
            for index, shifts in edit_lists.read_shifts(path, pictures.index, sounds.index if sounds else None).items():
                tracks[index].shifts = shifts
        try:
            for packet in packets(container, list(tracks)):
                tracks[packet.stream.index].add(packet)
                if inspect and packet.stream is stream:
                    interlace.add(packet)
        except av.FFmpegError:
            # A truncated file: what follows is measured when it is converted.
            whole = False
        interlaced = inspect and interlace.finish()
    times = pictures.picture_times(whole=whole)
    if times is None and pictures.undated:
        times = _counted(path, source, name)
    return replace(times, interlaced=interlaced) if times else None, sounds.sound_times() if sounds else None


def _counted(path: Path, source: MediaInfo, name: str) -> PictureTimes | None:
    """Times of a bare stream (H.264, H.265): as many pictures as can be decoded, at its rate."""
    import av

    count, whole = 0, True
    with opened(path, name) as container:
        coded = packets(container, [source.picture.index])
        while True:
            try:
                count += len(next(coded).decode())
            except (StopIteration, av.EOFError):
                break
            except av.FFmpegError:
                whole = False
    if not count:
        return None
    step = 1 / (source.picture.rate or Fraction(FPS))
    last = (count - 1) * step
    return PictureTimes(
        start=Fraction(0),
        end=count * step,
        packets=count,
        whole=whole,
        step=step,
        is_cfr=True,
        frame_aligned=False,
        last=last,
        longest_step=step if count > 1 else Fraction(0),
        counted=True,
    )


@dataclass
class _PacketTimes:
    """Packets of one stream; times in ticks of its clock."""

    index: int
    clock: Fraction
    pictures: bool
    """A picture that an edit list drops is not shown; of such sound, ffmpeg drops the samples."""
    length: Fraction | None
    """Of every packet, where the codec has only one."""
    shown: list[int] = field(default_factory=list)
    lengths: list[int | Fraction] = field(default_factory=list)
    keyed: bool = False
    complete: bool = True
    """Every packet says when it is shown, and is shown."""
    shifts: Shifts | None = None
    """What makes FFmpeg's times those of an edit list."""
    undated: int = 0
    """Packets that say nothing of when."""

    @classmethod
    def of(cls, stream: Stream) -> _PacketTimes:
        import av

        clock = Fraction(stream.time_base or 1)
        length = None
        if isinstance(stream, av.AudioStream) and stream.codec_context.frame_size:
            # Packets of a container that counts in milliseconds do not say how long they really are.
            length = Fraction(stream.codec_context.frame_size, stream.codec_context.rate) / clock
        return cls(stream.index, clock, stream.type == "video", length)

    def add(self, packet: Packet[Stream]) -> None:
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None:  # also the empty packet at the end of a stream
            self.undated += packet.size > 0
            return
        if packet.pts is None or (packet.is_discard and self.pictures):
            self.complete = False
        if packet.is_discard:
            return
        if not self.shown:
            self.keyed = packet.is_keyframe
        if self.shifts:
            stamp += round(self.shifts.at(float(stamp * self.clock)) / self.clock)
        self.shown.append(stamp)
        self.lengths.append(self.length or packet.duration or 0)

    def picture_times(self, *, whole: bool) -> PictureTimes | None:
        if not self.shown:
            return None
        stamps = sorted(self.shown)
        steps = [later - earlier for earlier, later in pairwise(stamps)]
        usual = median(steps) if steps else self.lengths[0]
        last = self.lengths[self.shown.index(stamps[-1])] or usual
        frame = FRAME_SECONDS / self.clock
        return PictureTimes(
            start=stamps[0] * self.clock,
            end=(stamps[-1] + Fraction(last)) * self.clock,
            packets=len(stamps),
            whole=whole,
            step=Fraction(usual) * self.clock,
            is_cfr=all(abs(step - usual) <= usual / 2 for step in steps),
            last=stamps[-1] * self.clock,
            longest_step=max(steps, default=0) * self.clock,
            shifts=self.shifts,
            frame_aligned=not self.shifts
            and self.complete
            and self.keyed
            and all(step == frame for step in steps)
            and last == frame,
        )

    def sound_times(self) -> SoundTimes | None:
        if not self.shown:
            return None
        expected, drift = float(self.shown[0]), 0.0
        for stamp, length in zip(self.shown, self.lengths, strict=True):
            drift = max(drift, abs(stamp - expected))
            expected += float(length)
        known = all(self.lengths) and self.complete
        several = self.shifts is not None and len(self.shifts.values) > 1
        steps = zip(pairwise(self.shown), self.lengths, strict=False)
        overlaps = [earlier + length - later for (earlier, later), length in steps if later < earlier]
        return SoundTimes(
            start=self.shown[0] * self.clock,
            end=(self.shown[-1] + self.lengths[-1]) * self.clock,
            drift=drift * float(self.clock) if known else None,
            overlap=sum(overlaps) * self.clock,
            length=sum(self.lengths) * self.clock,
            latest=max(self.shown) * self.clock,
            shifts=self.shifts if several else None,
            shift=self.shifts.values[0] if self.shifts and not several else 0.0,
        )
