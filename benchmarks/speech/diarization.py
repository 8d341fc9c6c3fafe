"""Accuracy and speed of the local diarization engines, side by side.

    python -m benchmarks speech.truth_mixes FOLDER
    python -m benchmarks speech.diarization FOLDER [--engine onnx_local --engine pyannote_local] [--number-given]

For each case (``<case>.wav`` with ``<case>.rttm``) the engines take turns. Diarization error rate
by pyannote.metrics without collar, overlap scored. Speed is seconds of sound per second of wall
time and per second of CPU time (all threads); the models are loaded before. pyannote_local is
pyannote.audio's own pipeline with the same weights.
"""

from __future__ import annotations

import argparse
import time
from importlib.util import find_spec
from pathlib import Path

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.audio import read_waveform
from mediaflow_assets.speech.diarization import ENGINES, NO_HINTS, SpeakerHints
from mediaflow_assets.speech.settings import SpeechSettings
from support.speech.annotation import annotation_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of truth_mixes.py")
    parser.add_argument("--engine", action="append", help="repeat for several (default onnx_local, pyannote_local)")
    parser.add_argument("--case", default="*", help="pattern of case names")
    parser.add_argument("--number-given", action="store_true", help="tell the engines how many speakers there are")
    parser.add_argument("--threshold", type=float, help="clustering threshold (default: the setting's)")
    parser.add_argument("--threads", type=int, default=0, help="of each engine (default every core)")
    parser.add_argument("--without-sample", action="store_true", help="leave pyannote's own sample out")
    arguments = parser.parse_args()

    from pyannote.core import Segment, Timeline
    from pyannote.database.util import load_rttm
    from pyannote.metrics.diarization import DiarizationErrorRate

    settings = (
        SpeechSettings() if arguments.threshold is None else SpeechSettings(clustering_threshold=arguments.threshold)
    )
    folder = Settings.load().models.folder
    assert folder is not None, "set MEDIAFLOW_MODELS_DIR"
    engines = []
    for name in arguments.engine or ["onnx_local", "pyannote_local"]:
        engine = ENGINES.create(
            name, settings, ModelStore(folder), ComputeSettings(device="cpu", threads=arguments.threads)
        )
        engine.load()
        engines.append(engine)
    spec = find_spec("pyannote.audio")
    assert spec is not None and spec.origin is not None
    cases = sorted(arguments.folder.glob(f"{arguments.case}.wav"))
    if not arguments.without_sample:
        cases.append(Path(spec.origin).parent / "sample" / "sample.wav")

    print("| case | engine | speakers | of | DER % | missed | false | confused | x real time | per CPU second |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for path in cases:
        ((_, truth),) = load_rttm(path.with_suffix(".rttm")).items()
        waveform = read_waveform(path)
        assert waveform is not None
        hints = SpeakerHints(exact=len(truth.labels())) if arguments.number_given else NO_HINTS
        for engine in engines:
            wall, processor = time.perf_counter(), time.process_time()
            segments = engine.process(waveform, hints, lambda _fraction, _step: None).segments
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
            whole = Timeline([Segment(0, waveform.seconds)])
            parts = metric(truth, annotation_of(segments), uem=whole, detailed=True)
            total = parts["total"]
            shares = [parts[part] / total * 100 for part in ("missed detection", "false alarm", "confusion")]
            print(
                f"| {path.stem} | {engine.name} | {len({one.speaker for one in segments})} | {len(truth.labels())} "
                f"| {parts['diarization error rate'] * 100:.1f} | "
                + " | ".join(f"{share:.1f}" for share in shares)
                + f" | {waveform.seconds / wall:.1f} | {waveform.seconds / processor:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
