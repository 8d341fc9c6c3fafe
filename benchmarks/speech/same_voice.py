"""From which likeness are the voices of two videos one person? (``SPEECH_SAME_VOICE``)

    python -m benchmarks speech.truth_mixes FOLDER
    python -m benchmarks speech.same_voice FOLDER

Each voice of truth_mixes.py that has two recordings or more speaks in two films of a minute: clean
in the first, other recordings of it with music or noise (15 dB) in the second. Each first film's
voice is compared with each second one's. The threshold is chosen on the voices of the tuning half
and reported on the others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.speech.truth_mixes import CASES, Case, Samples, background, recordings
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import SpeakerHints
from mediaflow_assets.speech.engines.onnx_local import OnnxLocal
from mediaflow_assets.speech.settings import SpeechSettings

BACKGROUNDS = ("", "noise", "bach", "bolero_ravel")
SECONDS = 60


def films(name: str, kind: str, sources: Path) -> tuple[Samples, Samples] | None:
    """The clean film and the one with a background, of recordings that are not the same."""
    found = recordings(sources, name)
    if len(found) < 2:
        return None
    clean, other = (np.resize(np.concatenate(found[part::2]), SECONDS * SAMPLE_RATE) for part in (0, 1))
    if kind:
        rng = np.random.default_rng([ord(letter) for letter in name])
        case = Case(name, "", SECONDS, (name,), background=kind, snr=15)
        other = other + background(case, sources, len(other), rng)
    return clean, np.clip(other, -1, 1)


def likeness(half: str, engine: OnnxLocal, sources: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Voices of a half, and the cosine of each in its first film (rows) with each in its second."""
    names, first, second = [], [], []
    for name in sorted({name for case in CASES if case.half == half for name in case.speakers}):
        pair = films(name, BACKGROUNDS[len(names) % len(BACKGROUNDS)], sources)
        if pair is None:
            continue
        heard = [engine.process(Waveform(film), SpeakerHints(exact=1), lambda *_: None).voices for film in pair]
        if all(heard):
            names.append(name)
            first.append(next(iter(heard[0].values())))
            second.append(next(iter(heard[1].values())))
    return names, np.array(first) @ np.array(second).T


def errors(cosines: NDArray[np.float64], threshold: float) -> tuple[float, float]:
    """Share of same people taken for two, and of different people taken for one."""
    same = np.eye(len(cosines), dtype=bool)
    return float((cosines[same] < threshold).mean()), float((cosines[~same] >= threshold).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of truth_mixes.py")
    arguments = parser.parse_args()
    folder = Settings.load().models.folder
    assert folder is not None, "set MEDIAFLOW_MODELS_DIR"
    engine = OnnxLocal(SpeechSettings(), ModelStore(folder), ComputeSettings(device="cpu"))
    measured = {half: likeness(half, engine, arguments.folder / "sources") for half in ("tune", "report")}
    print("| half | voices | same person: least, median | different: 99 %, most |\n|---|---|---|---|")
    for half, (names, cosines) in measured.items():
        same, different = np.diag(cosines), cosines[~np.eye(len(cosines), dtype=bool)]
        print(
            f"| {half} | {len(names)} | {same.min():.2f}, {np.median(same):.2f} "
            f"| {np.percentile(different, 99):.2f}, {different.max():.2f} |"
        )
    print("\n| threshold | tune: one taken for two, two for one | report: the same |\n|---|---|---|")
    for threshold in np.arange(0.30, 0.85, 0.05):
        shares = [errors(measured[half][1], threshold) for half in ("tune", "report")]
        print(f"| {threshold:.2f} | " + " | ".join(f"{100 * a:.0f} %, {100 * b:.1f} %" for a, b in shares) + " |")
    for half, (names, cosines) in measured.items():
        worst = np.diag(cosines).argsort()[:3]
        print(f"{half}, least alike to themselves:", [(names[i], round(float(cosines[i, i]), 2)) for i in worst])


if __name__ == "__main__":
    main()
