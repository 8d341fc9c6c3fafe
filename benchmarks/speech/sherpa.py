"""onnx_local beside sherpa-onnx' offline diarization: the same two networks, its C++ around them.

    pip install sherpa-onnx
    python -m benchmarks speech.truth_mixes FOLDER
    python -m benchmarks speech.sherpa FOLDER [--case 'f*'] [--threshold 0.5 --threshold 0.7]

sherpa-onnx gets our ONNX files of segmentation-3.0 and CAM++ with the metadata that it asks for,
written beside them into a temporary folder. Its clustering threshold is a cosine distance of its
own kind, so several are tried; the best of them on the cases "t" and "r" is to be judged on "f".
Figures are those of ``speech.diarization``: DER without collar, overlap scored; the two take turns.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from pyannote.core import Annotation, Segment, Timeline
from pyannote.database.util import load_rttm
from pyannote.metrics.diarization import DiarizationErrorRate

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.audio import Waveform, read_waveform
from mediaflow_assets.speech.derived_models import onnx_model
from mediaflow_assets.speech.diarization import ENGINES, NO_HINTS
from mediaflow_assets.speech.settings import SpeechSettings
from support.speech.annotation import annotation_of

SEGMENTATION = {
    "model_type": "pyannote-segmentation-3.0",
    "num_speakers": 3,
    "powerset_max_classes": 2,
    "num_classes": 7,
    "sample_rate": 16000,
    "window_size": 160_000,
    "receptive_field_size": 991,
    "receptive_field_shift": 270,
}
EMBEDDING = {
    "framework": "3d-speaker",
    "language": "Chinese-English",
    "sample_rate": 16000,
    "output_dim": 192,
    "normalize_samples": 1,
    "feature_normalize_type": "global-mean",
}
Engine = Callable[[Waveform], Annotation]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of truth_mixes.py")
    parser.add_argument("--case", default="*", help="pattern of case names")
    parser.add_argument("--threshold", type=float, action="append", help="of sherpa-onnx (default 0.5)")
    parser.add_argument("--threads", type=int, default=2, help="of each")
    arguments = parser.parse_args()
    folder = Settings.load().models.folder
    assert folder is not None, "set MEDIAFLOW_MODELS_DIR"
    store = ModelStore(folder)
    print("| case | engine | speakers | of | DER % | missed | false | confused | x real time | per CPU second |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        engines = {"onnx_local": _ours(store, arguments.threads)}
        for threshold in arguments.threshold or [0.5]:
            engines[f"sherpa-onnx {threshold:g}"] = _theirs(store, Path(temporary), threshold, arguments.threads)
        for path in sorted(arguments.folder.glob(f"{arguments.case}.wav")):
            for row in _rows(path, engines):
                print(row, flush=True)


def _rows(path: Path, engines: Mapping[str, Engine]) -> Iterator[str]:
    ((_, truth),) = load_rttm(path.with_suffix(".rttm")).items()
    waveform = read_waveform(path)
    assert waveform is not None
    for name, engine in engines.items():
        wall, processor = time.perf_counter(), time.process_time()
        found = engine(waveform)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
        parts = metric(truth, found, uem=Timeline([Segment(0, waveform.seconds)]), detailed=True)
        shares = [parts[part] / parts["total"] * 100 for part in ("missed detection", "false alarm", "confusion")]
        yield (
            f"| {path.stem} | {name} | {len(found.labels())} | {len(truth.labels())} "
            f"| {parts['diarization error rate'] * 100:.1f} | "
            + " | ".join(f"{share:.1f}" for share in shares)
            + f" | {waveform.seconds / wall:.1f} | {waveform.seconds / processor:.1f} |"
        )


def _ours(store: ModelStore, threads: int) -> Engine:
    engine = ENGINES.create("onnx_local", SpeechSettings(), store, ComputeSettings(device="cpu", threads=threads))
    engine.load()
    return lambda waveform: annotation_of(engine.process(waveform, NO_HINTS, lambda _fraction, _step: None).segments)


def _theirs(store: ModelStore, folder: Path, threshold: float, threads: int) -> Engine:
    import sherpa_onnx

    segmentation = _with_metadata(onnx_model(store, "pyannote-segmentation-3.0"), folder, SEGMENTATION)
    embedding = _with_metadata(onnx_model(store, "campplus"), folder, EMBEDDING)
    settings = SpeechSettings()
    engine = sherpa_onnx.OfflineSpeakerDiarization(
        sherpa_onnx.OfflineSpeakerDiarizationConfig(
            segmentation=sherpa_onnx.OfflineSpeakerSegmentationModelConfig(
                pyannote=sherpa_onnx.OfflineSpeakerSegmentationPyannoteModelConfig(model=str(segmentation)),
                num_threads=threads,
            ),
            embedding=sherpa_onnx.SpeakerEmbeddingExtractorConfig(model=str(embedding), num_threads=threads),
            clustering=sherpa_onnx.FastClusteringConfig(num_clusters=-1, threshold=threshold),
            min_duration_on=0.0,
            min_duration_off=settings.min_duration_off,
        )
    )

    def diarize(waveform: Waveform) -> Annotation:
        found = Annotation()
        for turn in engine.process(np.asarray(waveform.samples)).sort_by_start_time():
            found[Segment(turn.start, turn.end), turn.speaker] = f"SPEAKER_{turn.speaker:02d}"
        return found

    return diarize


def _with_metadata(model: Path, folder: Path, metadata: Mapping[str, Any]) -> Path:
    """A copy of an ONNX file that says of itself what sherpa-onnx reads there."""
    target = folder / model.name
    if not target.exists():
        copy = onnx.load(str(model))
        onnx.helper.set_model_props(copy, {name: str(value) for name, value in metadata.items()})
        onnx.save(copy, str(target))
    return target


if __name__ == "__main__":
    main()
