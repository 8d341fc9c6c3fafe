"""Running ffmpeg: which binary, with progress, with a watchdog, with its own words on failure."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from typing import IO, TYPE_CHECKING

from mediaflow_assets.core.child_processes import die_with_parent
from mediaflow_assets.core.errors import Interrupted, Unavailable

if TYPE_CHECKING:
    from ffmpeg.nodes import OutputStream

REQUIRED_ENCODERS = frozenset({"libx264", "aac", "ffv1"})
REQUIRED_FILTERS = frozenset({"fps", "scale", "bwdif", "zscale", "tonemap", "aresample"})
_NOISE = re.compile(
    r" @ 0x[0-9a-f]+"  # where objects lie in memory
    r"| with return code -?\d+|(?<=error code): -?\d+| \(Error number -?\d+ occurred\)"  # numbers without a meaning
    r"|(?<=[ '\"])/(?:[^/\s'\"]+/)+"  # folders
)
"""Of use to nobody, and different every time or on every machine."""
_LABELS = re.compile(r"^(?:\[[^\]]*\] ?)+")
"""In front of a line: which part of ffmpeg says it."""
_STREAM = re.compile(r"\bstream(?: =| index)? ?#?(?:\d+:)?(\d+)")
"""Of which stream a line speaks."""
_END_OF_FILE = "Error during demuxing: Operation not permitted"
"""What becomes of the bare -1 by which some readers (NSV) say that the file ends; nothing is wrong."""
_AFTERMATH = (
    "Terminating thread",
    "Task finished",
    "Nothing was written",
    "Error opening input file",
    "Conversion failed",
)
"""Beginnings of lines that only repeat that something failed."""
_ASK_SECONDS = 60


@cache
def ffmpeg_binary() -> str:
    """Path of the ffmpeg to use: the system's when it works and has what we need, else the bundled one.

    Raises:
        Unavailable: neither exists.
    """
    system = shutil.which("ffmpeg")
    if system and able(system):
        return system
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise Unavailable("ffmpeg", str(error), "Reinstall imageio-ffmpeg or install ffmpeg") from error


@cache
def able(binary: str) -> bool:
    """Whether ``binary`` runs and has every encoder and filter that the conversion uses."""
    try:
        return encoders(binary) >= REQUIRED_ENCODERS and _listed(binary, "-filters", 1) >= REQUIRED_FILTERS
    except (OSError, subprocess.SubprocessError):
        return False


@cache
def encoders(binary: str) -> frozenset[str]:
    """Names of the encoders compiled into ``binary`` (which does not mean that they work here)."""
    return _listed(binary, "-encoders", 1)


@cache
def version(binary: str) -> str:
    """First line of ``ffmpeg -version`` without the copyright."""
    return _ask(binary, "-version").split(" Copyright")[0].removeprefix("ffmpeg version ").strip()


def _ask(binary: str, *arguments: str) -> str:
    command = [binary, "-hide_banner", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_ASK_SECONDS).stdout


def _listed(binary: str, what: str, column: int) -> frozenset[str]:
    lines = (line.split() for line in _ask(binary, what).splitlines())
    return frozenset(words[column] for words in lines if len(words) > column)


class GaveUp(Interrupted):
    """ffmpeg ended by itself: what it was to read, or the machine, did not allow more."""

    said = ""
    """Its last lines, with the names of its parts."""


class StderrLog:
    """What ffmpeg said on standard error: how many lines, and the last ones."""

    def __init__(self) -> None:
        self.lines = 0
        self._last: deque[str] = deque(maxlen=5)
        self._telling = ""
        self._said: set[tuple[str, str]] = set()

    def hear(self, line: str) -> None:
        if line.strip() and not line.strip().endswith(_END_OF_FILE):
            self.lines += 1
            self._last.append(_NOISE.sub("", line.strip()))
            said = _LABELS.sub("", self._last[-1])
            labels = self._last[-1].removesuffix(said)
            self._said.add((labels, stream[1] if (stream := _STREAM.search(said)) else ""))
            if not said.startswith(_AFTERMATH):
                self._telling = said.rstrip(".")

    @property
    def last(self) -> str:
        """The last line."""
        return self._last[-1] if self._last else "it said nothing"

    @property
    def reason(self) -> str:
        """The last line that says why, without its labels."""
        return self._telling or self.last

    def complain(self, picture: int, sound: str) -> bool:
        """Whether anything was said that may be about the picture.

        Args:
            picture: index of its stream.
            sound: codec of the sound, whose decoder is another matter; ``""`` without sound.
        """
        others = re.compile(
            rf"\[(?:aist|aost|af)#|\[(?:dec:)?{re.escape(sound)}\w*\]" if sound else r"\[(?:aist|aost|af)#"
        )
        return any(not others.search(labels) and stream in ("", str(picture)) for labels, stream in self._said)

    def __str__(self) -> str:
        return " | ".join(self._last) or "it said nothing"


def run(
    graph: OutputStream, *, on_progress: Callable[[float], None] = lambda _: None, stall_seconds: float
) -> StderrLog:
    """Run an ffmpeg-python output ``graph`` to its end.

    Args:
        graph: what ``ffmpeg.output(...)`` returns.
        on_time: called with the seconds of output written so far.
        stall_seconds: ffmpeg is killed when nothing in its progress report moves for this long.

    Returns:
        The errors that ffmpeg reported without giving up, for instance of damaged frames.

    Raises:
        GaveUp: ffmpeg failed; the text is its reason.
        Interrupted: ffmpeg was killed or stalled; the text ends with its last error lines.
    """
    with _running(graph, stall_seconds, "-progress", "pipe:1", "-nostats") as (output, moved, words):
        for line in output:
            name, _, value = line.decode().strip().partition("=")
            if name in ("frame", "total_size", "out_time_us") and value.lstrip("-").isdigit():
                moved(name, int(value))
                if name == "out_time_us":
                    on_progress(max(int(value), 0) / 1_000_000)
    return words


def read_blocks(graph: OutputStream, size: int, *, stall_seconds: float) -> Iterator[bytes]:
    """Run an ffmpeg-python ``graph`` whose output is ``pipe:1``; yield it in blocks of ``size`` bytes.

    Raises:
        Interrupted: ffmpeg failed, stalled, reported an error, or its output is not whole blocks.
    """
    block = b""
    with _running(graph, stall_seconds) as (output, moved, words):
        for count in itertools.count():
            # Only ffmpeg's time counts, not that of whoever uses the blocks.
            moved("asked", count)
            block = output.read(size)
            if len(block) != size:
                break
            yield block
    if block or words.lines:
        raise Interrupted("ffmpeg", f"did not decode everything ({words})")


@contextlib.contextmanager
def _running(
    graph: OutputStream, stall_seconds: float, *arguments: str
) -> Iterator[tuple[IO[bytes], Callable[[str, int], None], StderrLog]]:
    """A running ffmpeg: its output, a function to be told of movement, and what it says."""
    import ffmpeg

    # "repeat": every error line counts, also equal ones.
    options = ["-hide_banner", "-nostdin", "-v", "repeat+error", "-y", *arguments]
    process = subprocess.Popen(
        [ffmpeg_binary(), *options, *ffmpeg.get_args(graph)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Its own process group: stopping a run stops ffmpeg too, and Ctrl-C reaches us first.
        process_group=0,
        preexec_fn=die_with_parent,
    )
    if process.stdout is None or process.stderr is None:
        raise Interrupted("ffmpeg", "was started without pipes")
    words = StderrLog()
    listener = threading.Thread(target=_listen, args=(process.stderr, words), daemon=True)
    listener.start()
    watchdog = _Watchdog(process, stall_seconds)
    try:
        yield process.stdout, watchdog.moved, words
        code = process.wait()
    finally:
        watchdog.stop()
        if process.poll() is None:
            process.kill()
            process.wait()
        listener.join(timeout=5)
        process.stdout.close()
        process.stderr.close()
    if watchdog.fired:
        raise Interrupted("ffmpeg", f"made no progress for {stall_seconds:g} s and was stopped ({words})", "Try again")
    if code < 0:
        raise Interrupted("ffmpeg", f"was killed by signal {-code} ({words})", "Try again")
    if code > 0:
        gave_up = GaveUp("ffmpeg", f"gave up ({words.reason})")
        gave_up.said = str(words)
        raise gave_up


def _listen(stream: IO[bytes], words: StderrLog) -> None:
    for line in stream:
        words.hear(line.decode(errors="replace"))


class _Watchdog:
    """Kills ffmpeg when nothing moves."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float) -> None:
        self.fired = False
        self._process = process
        self._limit = limit
        self._positions: dict[str, int] = {}
        self._since = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def moved(self, what: str, position: int) -> None:
        if self._positions.get(what) != position:
            self._positions[what] = position
            self._since = time.monotonic()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(min(1.0, self._limit / 4)):
            if time.monotonic() - self._since > self._limit:
                self.fired = True
                os.killpg(self._process.pid, 9)
                return
