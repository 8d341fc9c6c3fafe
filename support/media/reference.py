"""What a foreign file holds, decoded by ffmpeg alone, without anything of the conversion.

Every picture is kept as a thumbnail with the time at which it is shown, the sound as mono with the time of each
decoded block. A file of hours is not for this: everything is held in memory.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.video.ffmpeg import ffmpeg_binary

WIDTH, HEIGHT = 32, 18
"""Of a thumbnail, pixels."""
RATE = 8000
"""Of the sound, samples per second."""
_SECONDS = 240
"""After which a decoder that goes on is stopped."""


@dataclass(frozen=True)
class Pictures:
    """The pictures of one stream in the order in which they are shown."""

    times: NDArray[np.float64]
    """Seconds, (n,)."""
    lengths: NDArray[np.float64]
    """Seconds for which each is shown, as its packet says; 0 where it does not, (n,)."""
    thumbnails: NDArray[np.uint8]
    """Grey, (n, HEIGHT * WIDTH)."""
    complaints: int
    """Lines of error."""

    @property
    def duration(self) -> float:
        """Seconds from the first picture to the end of the last."""
        if not len(self.times):
            return 0.0
        steps = np.diff(self.times)
        usual = float(np.median(steps)) if len(steps) else 0.0
        return float(self.times[-1] - self.times[0]) + (float(self.lengths[-1]) or usual)


@dataclass(frozen=True)
class Sound:
    """One sound stream as it decodes, without filling gaps."""

    samples: NDArray[np.float32]
    """Mono at RATE, (n,)."""
    times: NDArray[np.float64]
    """Seconds of each decoded block, (m,)."""
    positions: NDArray[np.float64]
    """Seconds of sound before each block, (m,): equal to ``times`` but for a constant if nothing jumps."""


def pictures(path: Path, stream: str = "v:0") -> Pictures:
    """Decode a picture stream (an ffmpeg stream specifier) as a player shows it: turned, and shown once each."""
    shape = f"scale={WIDTH}:{HEIGHT}:flags=area,format=gray"
    chosen = ["-map", f"0:{stream}", "-vf", shape, "-fps_mode", "passthrough", "-enc_time_base", "demux"]
    raw, rows, complaints = _decoded(path, [*chosen, "-f", "rawvideo"], chosen)
    size = WIDTH * HEIGHT
    count = min(len(raw) // size, len(rows))
    found = np.frombuffer(raw[: count * size], np.uint8).reshape(count, size)
    order = np.argsort(rows[:count, 0], kind="stable")
    return Pictures(rows[:count, 0][order], rows[:count, 1][order], found[order], complaints)


def sound(path: Path, stream: str = "a:0") -> Sound | None:
    """Decode a sound stream to mono; None if nothing of it decodes."""
    chosen = ["-map", f"0:{stream}"]
    mono = [*chosen, "-ac", "1", "-ar", str(RATE), "-f", "f32le"]
    raw, rows, _ = _decoded(path, mono, [*chosen, "-c:a", "pcm_s16le"])
    samples = np.frombuffer(raw[: len(raw) // 4 * 4], np.float32)
    if not len(samples) or not len(rows):
        return None
    return Sound(samples, rows[:, 0], np.concatenate([[0.0], np.cumsum(rows[:-1, 1])]))


def _decoded(path: Path, raw: list[str], timed: list[str]) -> tuple[bytes, NDArray[np.float64], int]:
    """Raw output, seconds and length of every packet of the timed one (n, 2), and the lines of error.

    Whatever the exit code, what was decoded counts.
    """
    with NamedTemporaryFile(suffix=".crc") as packets:
        command = [ffmpeg_binary(), "-nostdin", "-v", "error", "-y", "-copyts", "-i", str(path)]
        command += [*raw, "pipe:1", *timed, "-f", "framecrc", packets.name]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
            output, words = done.stdout, done.stderr
        except subprocess.TimeoutExpired as error:
            output, words = error.stdout or b"", b"too long\n"
        return output, _packets(Path(packets.name).read_text(errors="replace")), words.count(b"\n")


def _packets(text: str) -> NDArray[np.float64]:
    """Seconds and length of every packet in the output of ffmpeg's ``framecrc``, (n, 2)."""
    clock, rows = 1.0, []
    for line in text.splitlines():
        if line.startswith("#tb 0:"):
            over, _, under = line.split(":")[1].strip().partition("/")
            clock = float(over) / float(under)
        elif line and not line.startswith("#"):
            fields = line.split(",")
            rows.append((float(fields[2]) * clock, float(fields[3]) * clock))
    return np.array(rows, np.float64).reshape(-1, 2)
