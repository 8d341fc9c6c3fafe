"""Sound of a video as samples on the clock of its frames."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.core.errors import BadInput, Unavailable

if TYPE_CHECKING:
    import numpy as np
    from av import AudioFrame, AudioResampler
    from av.container import InputContainer
    from numpy.typing import NDArray

SAMPLE_RATE = 16000
"""Hz: what every speech model here was trained on."""

MAX_IN_MEMORY = 16 << 20
"""Bytes of samples (4 minutes) above which they are kept in a file that is mapped into memory."""

CANCELLING_THRESHOLD = 10**-1.2
"""Energy of the mix of two sides, of their mean: -12 dB. Sides that have nothing in common give -3 dB."""

_TOLERANCE = Fraction(1, 50)
"""Seconds (half a frame) by which time stamps may leave the sample count before it is corrected."""


@dataclass(frozen=True, eq=False)
class Waveform:
    """Mono sound at 16 kHz; sample ``i`` is heard at ``i/16000`` s, frame 1 starts at 0 s."""

    samples: NDArray[np.float32]
    """Shape ``(n,)``, in -1..1."""
    notes: tuple[str, ...] = ()
    """What is unusual about it."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    def part(self, start: float, end: float) -> NDArray[np.float32]:
        """A copy of the samples from ``start`` to ``end`` seconds.

        What lies in a file is let go of again: whoever goes through hours of sound part by part holds one part.
        """
        import numpy as np

        copied = np.array(self.samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)])
        let_go(self.samples)
        return copied


def let_go(samples: NDArray[np.float32]) -> None:
    """Samples that lie in a file leave the memory until they are read again; whoever goes through hours calls it often.

    Args:
        samples: of a :class:`Waveform`, or a slice of them. Others are left alone.
    """
    mapped: mmap.mmap | None = getattr(samples, "_mmap", None)
    if mapped is not None:
        mapped.madvise(mmap.MADV_DONTNEED)


def read_waveform(
    path: Path, seconds: float | None = None, *, largest_in_memory: int = MAX_IN_MEMORY
) -> Waveform | None:
    """Decode, mix down and resample the first audio track of a video, in one pass.

    Where the track has no sound (it starts late, has a hole, its time stamps jump) there are
    zeros; sound from before the first picture, or stamped earlier than sound already placed, is
    dropped. The result ends with the track, so it may be shorter or longer than the picture.

    Of stereo whose sides cancel each other (one microphone cable wired the wrong way round) the louder side is
    taken, in a second pass, and noted.

    Long sound (64 kB a second) lies in a nameless file in the folder for temporary files
    (``TMPDIR``), of which the system keeps in memory what it has room for; it is gone with the
    waveform.

    Args:
        path: a 25-fps master, or anything FFmpeg reads.
        seconds: ignore everything later than this; None for the whole track.
        largest_in_memory: bytes of samples that are not put into a file.

    Returns:
        None when there is no audio track, or an empty one.

    Raises:
        BadInput: the file or its audio track cannot be decoded to its end.
        Unavailable: there is no room for temporary files.
    """
    import av

    limit = None if seconds is None else round(seconds * SAMPLE_RATE)
    try:
        heard = _decode(path, limit, largest_in_memory)
        if heard is None or heard.sides.cancelling is None:
            return heard.waveform() if heard else None
        side = heard.sides.cancelling
        alone = _decode(path, limit, largest_in_memory, side=side)
        found = alone.waveform() if alone else None
        note = f"the two sides of the sound are in opposite phase: the {('left', 'right')[side]} one is heard"
        return replace(found, notes=(note,)) if found else None
    except FileNotFoundError as error:
        raise BadInput(path.name, "is not there any more", "Run it again: what is missing is made first") from error
    except (av.FFmpegError, UnicodeDecodeError) as error:
        raise BadInput(path.name, f"has sound that cannot be decoded ({error})", "Ask for the file again") from error


def _decode(path: Path, limit: int | None, largest_in_memory: int, *, side: int | None = None) -> _AudioTrack | None:
    """The first sound track of a file, placed; None where there is none.

    Args:
        side: channel that is heard alone; None for a mix of all.
    """
    import av

    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        track = _AudioTrack(_first_picture(container), limit, largest_in_memory, side)
        for frame in container.decode(container.streams.audio[0]):
            if not track.add(frame):
                break
        track.finish()
        return track


def _first_picture(container: InputContainer) -> Fraction:
    """When the picture starts, in seconds of the container's clock; 0 without a picture."""
    for stream in container.streams.video:
        if stream.start_time is not None and stream.time_base is not None:
            return stream.start_time * stream.time_base
    return Fraction(0)


class _AudioTrack:
    """Samples placed by their time stamps.

    A run is a stretch of frames that follow each other; one resampler converts a whole run, so
    that there is no seam at frame borders.
    """

    def __init__(self, origin: Fraction, limit: int | None, largest_in_memory: int, side: int | None) -> None:
        self.sides = _Sides()
        self._side = side
        self._origin = origin
        self._limit = limit
        self._store = _SampleStore(largest_in_memory)
        self._resampler: AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None
        self._expected = Fraction(0)
        self._position = 0

    def add(self, frame: AudioFrame) -> bool:
        """Place one decoded frame; False when everything up to the limit is there."""
        start = self._expected
        if frame.pts is not None and frame.time_base is not None:
            start = frame.pts * frame.time_base - self._origin
        if self._limit is not None and start * SAMPLE_RATE >= self._limit:
            return False
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or shape != self._shape or abs(start - self._expected) > _TOLERANCE:
            self._start_run(start, shape)
        self._expected += Fraction(frame.samples, frame.sample_rate)
        # Time stamps have done their work; the resampler shall neither see nor correct them.
        frame.pts = None
        if frame.layout.nb_channels == 2:
            self.sides.add(frame)
        self._convert(frame if self._side is None else _one_channel(frame, self._side))
        return True

    def finish(self) -> None:
        """Take what the resampler still holds."""
        self._convert(None)
        self._resampler = None

    def waveform(self) -> Waveform | None:
        """Everything placed so far, or None when there was nothing."""
        samples = self._store.samples()[: self._limit]
        return Waveform(samples) if len(samples) else None

    def _start_run(self, start: Fraction, shape: tuple[str, str, int]) -> None:
        import av

        self.finish()
        # Stereo is mixed with 0.7 of each side unless the sum has to stay within 1.
        self._resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE, options={"rematrix_maxval": "1.0"})
        self._shape = shape
        self._expected = start
        self._position = round(start * SAMPLE_RATE)

    def _convert(self, frame: AudioFrame | None) -> None:
        for block in self._resampler.resample(frame) if self._resampler else ():
            self._place(block.to_ndarray()[0])

    def _place(self, samples: NDArray[np.float32]) -> None:
        """Append a block of the run: after silence if there is a gap, without what overlaps."""
        gap = self._position - self._store.count
        self._position += len(samples)
        fresh = samples[max(-gap, 0) :]
        if len(fresh):
            self._store.silence(max(gap, 0))
            self._store.append(fresh.clip(-1, 1))


def _one_channel(frame: AudioFrame, side: int) -> AudioFrame:
    """One channel of a stereo frame; frames of other layouts as they are."""
    import av

    if frame.layout.nb_channels != 2:
        return frame
    alone = av.AudioFrame.from_ndarray(_channels(frame)[side : side + 1].copy(), "flt", "mono")
    alone.sample_rate, alone.time_base = frame.sample_rate, frame.time_base
    return alone


def _channels(frame: AudioFrame) -> NDArray[np.float32]:
    """Samples of a frame, shape ``(channels, n)``, in -1..1."""
    import numpy as np

    coded = frame.to_ndarray()
    samples = coded.astype(np.float32)
    if coded.dtype == np.uint8:
        samples -= 128
    if coded.dtype.kind != "f":
        samples /= 2.0 ** (8 * coded.dtype.itemsize - 1)
    return samples if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels).T


class _Sides:
    """Energies of stereo sound: of each side, and of their mix."""

    def __init__(self) -> None:
        self._sides = [0.0, 0.0]
        self._mix = 0.0

    def add(self, frame: AudioFrame) -> None:
        left, right = _channels(frame)
        mix = (left + right) / 2
        self._sides = [one + float(samples @ samples) for one, samples in zip(self._sides, (left, right), strict=True)]
        self._mix += float(mix @ mix)

    @property
    def cancelling(self) -> int | None:
        """The louder side where the mix has lost nearly all of what both have; None where it has not."""
        mean = sum(self._sides) / 2
        return int(self._sides[1] > self._sides[0]) if self._mix < mean * CANCELLING_THRESHOLD else None


class _SampleStore:
    """Samples one after the other: in memory while they are few, then in a temporary file."""

    def __init__(self, largest_in_memory: int) -> None:
        self._largest = largest_in_memory
        # Closed by the end of the last view of it: a mapped file needs no open file.
        self._stream = tempfile.SpooledTemporaryFile(largest_in_memory)  # noqa: SIM115
        self.count = 0

    def silence(self, count: int) -> None:
        """Append ``count`` zeros."""
        import numpy as np

        second = np.zeros(SAMPLE_RATE, np.float32)
        for first in range(0, count, SAMPLE_RATE):
            self.append(second[: count - first])

    def append(self, samples: NDArray[np.float32]) -> None:
        """Append float32 samples."""
        with _room_for_sound():
            self._stream.write(samples.tobytes())
        self.count += len(samples)

    def samples(self) -> NDArray[np.float32]:
        """Everything, shape ``(count,)``; nothing can be appended afterwards."""
        import numpy as np

        size = self.count * 4
        if size > self._largest:
            with _room_for_sound():
                self._stream.flush()
            # Copy on write: libraries ask for writable memory, and nobody shall change the file.
            return np.memmap(self._stream, np.float32, "c", shape=(self.count,))
        samples = np.empty(self.count, np.float32)
        self._stream.seek(0)
        self._stream.readinto(samples.view(np.uint8).data)
        self._stream.close()
        return samples


@contextmanager
def _room_for_sound() -> Iterator[None]:
    """Say what to do when a temporary file cannot grow."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            tempfile.gettempdir(),
            f"has no room for the sound ({error.strerror})",
            "Make room, or set TMPDIR to a folder with 64 kB for each second of sound",
        ) from error
