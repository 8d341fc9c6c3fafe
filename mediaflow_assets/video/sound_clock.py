"""When decoded sound is heard, where its time stamps tremble.

Browser recorders stamp sound when it arrives, Vorbis in WebM is often stamped with the end of its blocks, AMR and
WMV step by part of a packet. Following every stamp stretches the sound (heard as warble) or tears it (holes); ignoring
them loses real gaps and drift. Here the stamps of all decoded frames are compared with the count of samples before
them, as players do; only what lasts is followed:

- a *gap* (or an overlap): the difference jumps by more than the stamps around it tremble, and stays there;
- a *drift*: the difference moves away slowly, because the recorder's clock runs differently.

Everything between is one run of samples without a seam.
"""

from __future__ import annotations

import contextlib
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mediaflow_assets.video.edit_lists import Shifts
from mediaflow_assets.video.reading import opened
from mediaflow_assets.video.source import packets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_JUMP = 0.002
"""Seconds; smaller ones are the rounding of a container that counts in milliseconds."""
MIN_WANDER = 0.0011
"""Seconds from which on ffmpeg stretches sound to follow its stamps; a millisecond may be rounding."""
MAX_DEVIATION = 0.02
"""Seconds by which sound may leave its stamps: half a frame of 25 fps, as elsewhere in a conversion."""
MAX_KNOTS = 1500
"""Knots that still fit into one argument of a command (Linux: 128 KiB)."""
_WINDOW_SECONDS = 0.5
"""What comes back to the old time within this is no gap."""
_MISLED_SECONDS = 1.0
_MAX_MISLED = 0.05
"""Seconds of sound at the start, and by how much its stamps may differ from all others and be wrong."""
_MAX_STEADY_TREMBLE = 0.004
"""Seconds; stamps that differ by less from their neighbours step, and do not tremble."""
_BLOCK_SECONDS = 1.0
_MIN_STAMPS = 16
"""Of a block whose usual lateness is taken."""
_LATE_QUANTILE = 0.15
"""Sound is stamped late more often than early: it cannot arrive before it was made."""
_DRIFT_TOLERANCE = 0.003
"""Seconds by which straight lines may leave a drift."""
_TRUSTED_SECONDS = 0.5
"""Beyond this distance from its clock a frame is where its own stamp says: something was decoded otherwise."""


@dataclass(frozen=True)
class Knot:
    """From sample ``sample`` on, the clock starts at ``time`` and runs with ``speed``."""

    sample: int
    time: float
    """Seconds on the container's clock."""
    speed: float = 1.0
    """Seconds of the container's clock for one second of samples."""


@dataclass(frozen=True)
class SoundClock:
    """When each decoded sample is heard: straight lines between knots."""

    rate: int
    """Samples per second."""
    knots: tuple[Knot, ...]
    """At least one, in order; the first is that of sample 0."""
    tremble: float
    """Largest distance of a stamp from this clock, seconds; infinite where FFmpeg's stamps are of no use."""

    @classmethod
    def of(cls, stamps: Sequence[float], samples: Sequence[int], rate: int) -> Self | None:
        """Smooth the stamps of decoded frames.

        Args:
            stamps: seconds of each frame; NaN where it has none.
            samples: in each frame.

        Returns:
            None where the stamps may be followed as they are: they agree with the samples but for gaps and a drift.
        """
        import numpy as np

        lengths = np.asarray(samples, float) / rate
        starts = np.cumsum(np.asarray(samples)) - np.asarray(samples)
        late = np.asarray(stamps, float) - starts / rate
        known = np.isfinite(late)
        if known.sum() < 2:
            return None
        late, starts, lengths = late[known], starts[known], lengths[known]
        window = int(np.clip(_WINDOW_SECONDS / np.median(lengths), 5, 100))
        gaps = _gaps(late, window)
        misled = bool(gaps) and _is_misled(late, starts / rate, gaps[0])
        jumps, away = np.abs(np.diff(late)), float(np.abs(late - late[0]).max())
        trembles = bool(((jumps > MIN_JUMP) & (jumps <= MAX_DEVIATION)).any())
        if not (trembles or misled or MIN_WANDER < away <= MAX_DEVIATION):
            return None
        if trembles:
            late = _from_their_starts(late, lengths)
            gaps = _gaps(late, window)
        if gaps and _is_misled(late, starts / rate, gaps[0]):
            late[: gaps[0]] = late[gaps[0]]
            del gaps[0]
        firsts = [0, *gaps, len(late)]
        knots: list[Knot] = []
        for first, end in pairwise(firsts):
            knots += _run(late[first:end], starts[first:end], rate)
        if len(knots) > MAX_KNOTS:
            return None
        knots[0] = Knot(0, knots[0].time - knots[0].sample / rate * knots[0].speed, knots[0].speed)
        clock = cls(rate, tuple(knots), 0.0)
        away = np.abs(clock.times(starts) - late - starts / rate)
        return cls(rate, clock.knots, float(away.max()))

    @classmethod
    def exact(cls, stamps: Sequence[float], samples: Sequence[int], rate: int) -> Self:
        """A clock that jumps wherever the stamps do: those of an edit list are meant."""
        knots: list[Knot] = []
        start = 0
        for stamp, count in zip(stamps, samples, strict=True):
            expected = knots[-1].time + (start - knots[-1].sample) / rate if knots else math.inf
            if not math.isnan(stamp) and abs(stamp - expected) > MIN_JUMP:
                knots.append(Knot(start if knots else 0, stamp - (0 if knots else start / rate)))
            start += count
        return cls(rate, tuple(knots[:MAX_KNOTS]) or (Knot(0, 0.0),), math.inf)

    def times(self, samples: NDArray[np.int64]) -> NDArray[np.float64]:
        """Seconds at which these samples are heard."""
        import numpy as np

        which = np.searchsorted([knot.sample for knot in self.knots], samples, side="right") - 1
        firsts, times, speeds = (
            np.array([getattr(knot, name) for knot in self.knots])[which] for name in ("sample", "time", "speed")
        )
        return np.asarray(times + (samples - firsts) / self.rate * speeds, np.float64)

    def expression(self, shift: float) -> str:
        """The clock for ffmpeg's filter ``asetpts``, whose ``N`` counts samples and ``T`` is the frame's own stamp.

        Args:
            shift: seconds to add, so that the first picture is at 0.
        """
        clock = _choice([(knot, _line(knot, shift, self.rate)) for knot in self.knots])
        if math.isinf(self.tremble):
            return f"round(({clock})/TB)"
        return f"st(0,{clock});round(if(gt(abs(ld(0)-T),{self.tremble + _TRUSTED_SECONDS:.3f}),T,ld(0))/TB)"


def read_clock(path: Path, index: int, shifts: Shifts | None = None) -> SoundClock | None:
    """Decode the sound stream ``index`` and smooth its stamps; None where they may be followed as they are.

    Args:
        shifts: of a sound with an edit list, whose jumps are meant.

    The stamps of packets are not enough: decoders give less than a packet says, or nothing.
    """
    # A day of sound is some millions of frames.
    stamps, samples = array("d"), array("l")
    rates: set[int] = set()
    for stamp, count, rate in _frames(path, index):
        stamps.append(stamp + shifts.at(stamp) if shifts else stamp)
        samples.append(count)
        rates.add(rate)
    # ffmpeg counts anew where the rate changes.
    if len(rates) != 1:
        return None
    return SoundClock.exact(stamps, samples, rates.pop()) if shifts else SoundClock.of(stamps, samples, rates.pop())


def _frames(path: Path, index: int) -> Iterator[tuple[float, int, int]]:
    """Stamp, samples and rate of each frame that can be decoded."""
    import av

    with opened(path) as container:
        coded = packets(container, [index])
        while True:
            try:
                packet = next(coded)
            except (StopIteration, av.FFmpegError):
                # As far as the file can be read, as for pictures.
                return
            with contextlib.suppress(av.FFmpegError):
                frames: list[object] = [*packet.decode()]
                for frame in frames:
                    if isinstance(frame, av.AudioFrame):
                        yield math.nan if frame.time is None else frame.time, frame.samples, frame.sample_rate


def _from_their_starts(late: NDArray[np.float64], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take off what blocks of different lengths are late by, where they are stamped with their ends.

    The first stamp stays what it is.
    """
    import numpy as np

    starts = late - (lengths - lengths[0])
    spread, spread_of_starts = (np.abs(values - np.median(values)).mean() for values in (late, starts))
    return starts if spread_of_starts < spread / 2 else late


def _gaps(late: NDArray[np.float64], window: int) -> list[int]:
    """Frames from which on the sound is later or earlier for good."""
    import numpy as np

    steps = np.diff(late, prepend=late[0])
    found: list[int] = []
    for index in np.flatnonzero(np.abs(steps) > MAX_DEVIATION).tolist():
        before, after = late[max(index - window, 0) : index], late[index : index + window]
        size = min(abs(float(np.median(after) - np.median(before))), abs(steps[index]))
        if size <= MAX_DEVIATION:
            continue
        tremble = max(np.ptp(np.quantile(part, (0.1, 0.9))) for part in (before, after))
        if size <= tremble:
            continue
        if found and index - found[-1] < window and tremble > MAX_DEVIATION / 2:
            # The same gap, seen from another trembling stamp.
            if abs(steps[index]) > abs(steps[found[-1]]):
                found[-1] = index
            continue
        found.append(index)
    return found


def _is_misled(late: NDArray[np.float64], seconds: NDArray[np.float64], gap: int) -> bool:
    """Whether only the first stamps are of another mind, as of cameras that stamp their first packet with 0."""
    import numpy as np

    small = abs(np.median(late[gap:]) - np.median(late[:gap])) <= _MAX_MISLED
    return bool(small and seconds[gap] - seconds[0] < _MISLED_SECONDS and gap < len(late) / 4)


def _run(late: NDArray[np.float64], starts: NDArray[np.int64], rate: int) -> list[Knot]:
    """The clock of sound without gaps."""
    import numpy as np

    first, seconds = int(starts[0]), starts / rate
    count = max(1, min(int((seconds[-1] - seconds[0]) / _BLOCK_SECONDS), len(late) // _MIN_STAMPS))
    edges = [len(late) * number // count for number in range(count + 1)]
    blocks = list(pairwise(edges))
    usual = np.array([np.quantile(late[start:end], _LATE_QUANTILE) for start, end in blocks])
    smooth = _smoothed(usual)
    trembles = np.median([np.ptp(np.quantile(late[start:end], (0.1, 0.9))) for start, end in blocks])
    levels = [(np.quantile(late, _LATE_QUANTILE), smooth)]
    if trembles <= _MAX_STEADY_TREMBLE:
        # As players do: where the first stamp says, and on from there.
        levels.insert(0, (late[0], usual))
    for level, found in levels:
        if np.abs(found - level).max() <= MAX_DEVIATION:
            return [Knot(first, float(seconds[0] + level))]
    middles = np.array([seconds[start:end].mean() for start, end in blocks])
    kept = _corners(middles, smooth)
    knots = []
    for number, (here, there) in enumerate(pairwise(kept)):
        slope = (smooth[there] - smooth[here]) / (middles[there] - middles[here])
        # The first line begins with the run, which is half a block earlier.
        sample = round(middles[here] * rate) if number else first
        time = sample / rate + smooth[here] + slope * (sample / rate - middles[here])
        knots.append(Knot(sample, float(time), float(1 + slope)))
    return knots


def _smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each value and up to four to both sides of it, as many on either."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    reach = np.minimum(np.minimum(places, len(values) - 1 - places), 4)
    return np.asarray((sums[places + reach + 1] - sums[places - reach]) / (2 * reach + 1), np.float64)


def _corners(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[int]:
    """Points between which straight lines stay near enough (Douglas and Peucker 1973), first and last included."""
    import numpy as np

    kept, open_ = {0, len(x) - 1}, [(0, len(x) - 1)]
    while open_:
        start, end = open_.pop()
        away = np.abs(np.interp(x[start : end + 1], x[[start, end]], y[[start, end]]) - y[start : end + 1])
        worst = start + int(away.argmax())
        if away.max() > _DRIFT_TOLERANCE and start < worst < end:
            kept.add(worst)
            open_ += [(start, worst), (worst, end)]
    return sorted(kept)


def _line(knot: Knot, shift: float, rate: int) -> str:
    speed = f"*{knot.speed:.9f}" if knot.speed != 1 else ""
    return f"{knot.time + shift:.9f}+(N-{knot.sample})/{rate}{speed}"


def _choice(lines: Sequence[tuple[Knot, str]]) -> str:
    """The line of the last knot that ``N`` has reached, found by halving."""
    if len(lines) == 1:
        return lines[0][1]
    middle = len(lines) // 2
    return f"if(lt(N,{lines[middle][0].sample}),{_choice(lines[:middle])},{_choice(lines[middle:])})"
