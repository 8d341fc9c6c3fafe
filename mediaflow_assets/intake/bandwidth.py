"""One limit of bytes per second for the downloads of all processes together."""

from __future__ import annotations

import time
from pathlib import Path

from filelock import FileLock


class Bandwidth:
    """A schedule in one small file: each piece takes the time after the piece before it.

    Args:
        file: holds the time (seconds of the epoch) until which the line is taken.
        rate: bytes per second; 0 means no limit.
    """

    _LONGEST_AHEAD = 60.0
    """Seconds; a clock that was set back must not stop the downloads for longer."""

    def __init__(self, file: Path, rate: int) -> None:
        self._file, self._rate = file, rate
        self._lock = FileLock(f"{file}.lock")

    def take(self, size: int) -> None:
        """Wait until ``size`` bytes, which have been received, fit into the limit."""
        if not self._rate:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            now = time.time()
            taken = self._taken()
            start = taken if now < taken <= now + self._LONGEST_AHEAD else now
            end = start + size / self._rate
            self._file.write_text(repr(end), encoding="ascii")
        time.sleep(max(0.0, end - now))

    def _taken(self) -> float:
        try:
            return float(self._file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):  # not there yet, or a process was killed while it wrote
            return 0.0
