"""Diarization on VoxConverse and AMI, by their rules: no collar, overlapped speech scored.

    python -m benchmarks public.diarization voxconverse FOLDER [--limit 10]
    python -m benchmarks public.diarization ami FOLDER --split test

FOLDER is the set as it is distributed, sound and annotations anywhere below it:

- ``voxconverse``: ``<name>.wav`` and ``<name>.rttm`` (joonson/voxconverse, ``dev`` or ``test``).
- ``ami``: ``<meeting>.Mix-Headset.wav`` with the ``only_words`` annotations and UEM files of
  BUTSpeechFIT/AMI-diarization-setup; ``--split`` takes the meetings whose files are below a folder of that name.

Only what a UEM file names is scored, else the whole sound. The rate is that of all files together: the sum of
errors over the sum of speech, by pyannote.metrics.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.public.published import table

if TYPE_CHECKING:
    from pyannote.core import Annotation, Timeline

SOUND = (".wav", ".flac", ".mp3", ".mp4", ".m4a")


class Recording(NamedTuple):
    sound: Path
    truth: Annotation
    scored: Timeline | None
    """None: all of it."""


def read_set(folder: Path, split: str | None = None) -> Iterator[Recording]:
    """Every sound that has an annotation, in order of names.

    Args:
        folder: the set.
        split: only annotations below a folder of this name.

    Raises:
        SystemExit: there is none.
    """
    from pyannote.database.util import load_rttm, load_uem

    sounds = {_name(path): path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SOUND}
    truths: dict[str, Annotation] = {}
    scored: dict[str, Timeline] = {}
    for path in sorted(folder.rglob("*.rttm")):
        if split is None or split in path.relative_to(folder).parts:
            truths |= load_rttm(path)
    for path in sorted(folder.rglob("*.uem")):
        scored |= load_uem(path)
    found = [Recording(sounds[name], truths[name], scored.get(name)) for name in sorted(truths) if name in sounds]
    if not found:
        raise SystemExit(f"{folder} has no sound with an annotation; see --help for the layout")
    yield from found


def _name(path: Path) -> str:
    """``EN2002a`` of ``EN2002a.Mix-Headset.wav``."""
    return path.name.split(".")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=["voxconverse", "ami"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", help="only annotations below a folder of this name")
    parser.add_argument("--engine", default="onnx_local")
    parser.add_argument("--limit", type=int, help="only so many recordings")
    arguments = parser.parse_args()

    from pyannote.core import Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    from mediaflow_assets.core.layout import Layout
    from mediaflow_assets.core.telemetry import telemetry_off
    from mediaflow_assets.modelstore import ModelStore, store_folder
    from mediaflow_assets.settings import Settings
    from mediaflow_assets.speech.audio import read_waveform
    from mediaflow_assets.speech.diarization import ENGINES, NO_HINTS
    from support.speech.annotation import annotation_of

    telemetry_off()
    settings = Settings.load()
    store = ModelStore(store_folder(settings.models, Layout(settings.folders).home))
    engine = ENGINES.create(arguments.engine, settings.speech, store, settings.compute)
    engine.load()
    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    for sound, truth, scored in list(read_set(arguments.folder, arguments.split))[: arguments.limit]:
        waveform = read_waveform(sound)
        if waveform is None:
            print(f"{sound.name}: has no sound", flush=True)
            continue
        segments = engine.process(waveform, NO_HINTS, lambda _fraction, _step: None).segments
        whole = Timeline([Segment(0, waveform.seconds)])
        rate = metric(truth, annotation_of(segments), uem=scored or whole)
        speakers = len({one.speaker for one in segments})
        print(f"{sound.name}: {rate * 100:.1f} %, {speakers} speakers of {len(truth.labels())}", flush=True)
    parts = metric[:]
    shares = ", ".join(
        f"{name} {parts[part] / parts['total'] * 100:.1f}"
        for name, part in (("missed", "missed detection"), ("false", "false alarm"), ("confused", "confusion"))
    )
    print(f"\n{shares}\n")
    print(table(arguments.set, "DER", f"mediaflow, {arguments.engine}", abs(metric) * 100))


if __name__ == "__main__":
    main()
