"""Memory for hours of sound: reading it, and writing the document of every frame.

    python -m benchmarks speech.long_sound FOLDER [--hours 4]

FOLDER needs 115 MB an hour. The engine is one that reads all samples and says that somebody talks
every other two seconds, so that only our own reading and writing is measured. Memory is that of
this process: its own (RssAnon) and with the pages of mapped files (VmHWM), which the system takes
back when it needs them.
"""

from __future__ import annotations

import argparse
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np

from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.analyse import analyse_video
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import Diarization, SpeakerHints


class Dictated:
    """Says what it was told, after it has read everything."""

    name: ClassVar[str] = "dictated"
    summary: ClassVar[str] = "Says what it was told."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ()
    device = DeviceChoice("cpu", "nothing is computed")

    def load(self) -> None: ...

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        for first in range(0, len(waveform.samples), 10 * SAMPLE_RATE):
            waveform.samples[first : first + 10 * SAMPLE_RATE].sum()
        print(f"waveform read: own {memory('RssAnon')} MB, with mapped files {memory('VmHWM')} MB at most")
        seconds = range(0, int(waveform.seconds) - 2, 4)
        return Diarization([Segment(start, start + 2, f"S{start // 4 % 5}") for start in seconds])


def memory(kind: str) -> int:
    """Megabytes of this process now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) // 1000
    raise KeyError(kind)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hours", type=float, default=4)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    sound = arguments.folder / "long.wav"
    minute = (np.random.default_rng(0).normal(0, 0.05, 60 * SAMPLE_RATE) * 32767).astype("<i2").tobytes()
    with wave.open(str(sound), "wb") as stream:
        stream.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        for _ in range(round(arguments.hours * 60)):
            stream.writeframes(minute)
    frames = round(arguments.hours * 3600 * 25)

    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], memory("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    wall, processor = time.perf_counter(), time.process_time()
    document = arguments.folder / "long_audio.json"
    analyse_video(sound, frames, Dictated(), document)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    done.set()
    watcher.join()
    print(f"{arguments.hours:g} h, {frames} frames, document of {document.stat().st_size / 1e6:.0f} MB")
    print(
        f"own memory at most {peak[0]} MB, with mapped files {memory('VmHWM')} MB; {wall:.0f} s, {processor:.0f} CPU s"
    )


if __name__ == "__main__":
    main()
