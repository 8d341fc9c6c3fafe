"""Running ffmpeg: which binary, with progress, with a watchdog, with its own words on failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

from mediaflow_assets.errors import Interrupted, Unavailable

REQUIRED_ENCODERS = ("libx264", "aac")


@cache
def ffmpeg_binary() -> str:
    """Path of the ffmpeg to use: the system's when it has what we need, else the bundled one.

    Raises:
        Unavailable: neither exists.
    """
    system = shutil.which("ffmpeg")
    if system and set(REQUIRED_ENCODERS) <= set(encoders(system)):
        return system
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise Unavailable("ffmpeg", str(error), "Reinstall imageio-ffmpeg or install ffmpeg") from error


@cache
def encoders(binary: str) -> frozenset[str]:
    """Names of the encoders compiled into ``binary`` (which does not mean that they work here)."""
    listing = subprocess.run([binary, "-hide_banner", "-encoders"], capture_output=True, text=True, check=True).stdout
    return frozenset(line.split()[1] for line in listing.splitlines() if line.startswith(" V") or line.startswith(" A"))


@cache
def version(binary: str) -> str:
    """First line of ``ffmpeg -version`` without the copyright."""
    text = subprocess.run([binary, "-version"], capture_output=True, text=True, check=True).stdout
    return text.split(" Copyright")[0].removeprefix("ffmpeg version ").strip()


def run(graph: Any, *, on_time: Callable[[float], None], stall_seconds: float) -> None:
    """Run an ffmpeg-python output ``graph`` to its end.

    Args:
        graph: what ``ffmpeg.output(...)`` returns.
        on_time: called with the seconds of output written so far.
        stall_seconds: ffmpeg is killed when its position does not move for this long.

    Raises:
        Interrupted: ffmpeg failed or stalled; the text ends with its last error lines.
    """
    import ffmpeg

    arguments = ["-hide_banner", "-nostdin", "-v", "error", "-progress", "pipe:1", "-y"]
    command = [ffmpeg_binary(), *arguments, *ffmpeg.get_args(graph)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        # Its own process group: stopping a run stops ffmpeg too, and Ctrl-C reaches us first.
        process_group=0,
    )
    last_words: deque[str] = deque(maxlen=5)
    reader = threading.Thread(target=lambda: last_words.extend(process.stderr or ()), daemon=True)
    reader.start()
    watchdog = _Watchdog(process, stall_seconds)
    try:
        for line in process.stdout or ():
            name, _, value = line.strip().partition("=")
            if name == "out_time_us" and value.lstrip("-").isdigit():
                seconds = max(int(value) / 1_000_000, 0.0)
                watchdog.moved(seconds)
                on_time(seconds)
        code = process.wait()
    finally:
        watchdog.stop()
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join(timeout=5)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    words = " | ".join(line.strip() for line in last_words) or "it said nothing"
    if watchdog.fired:
        raise Interrupted("ffmpeg", f"made no progress for {stall_seconds:g} s and was stopped ({words})", "Try again")
    if code != 0:
        raise Interrupted("ffmpeg", f"ended with code {code} ({words})")


class _Watchdog:
    """Kills ffmpeg when its output position stands still."""

    def __init__(self, process: subprocess.Popen[str], limit: float) -> None:
        self.fired = False
        self._process = process
        self._limit = limit
        self._position = -1.0
        self._since = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def moved(self, position: float) -> None:
        if position > self._position:
            self._position, self._since = position, time.monotonic()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(min(1.0, self._limit / 4)):
            if time.monotonic() - self._since > self._limit:
                self.fired = True
                os.killpg(self._process.pid, 9)
                return
