"""Who speaks, on your own clips: each of one person who talks, beside a still face and beside a mouth without sound.

    python -m benchmarks faces.speaking_pairs CLIPS FOLDER [--mode associated --mode combined]

CLIPS is a folder of videos, each of one person who talks nearly all the time, framed alike. Every clip is put beside
the next one of the same kind (what stands before the first ``_`` of its name), three times: *still*, the other is a
photograph; *talker*, the other moves the mouth and is not heard; *off screen*, both are photographs and the voice is
that of the first. The speaker stands on the left in every other clip. Truth is the loud part of what is heard (see
``QUIET``), so a mode that marks short pauses is charged for it. FOLDER keeps the films and their documents; what is
there is not made again. ``asd`` and ``combined`` need their model in the model store.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.faces.speaking import Result, decided_in
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.faces.registries import FACE_ENGINES
from mediaflow_assets.faces.track import track_video
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.analyse import analyse_video
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform
from mediaflow_assets.speech.diarization import ENGINES as SPEECH_ENGINES
from mediaflow_assets.video.ffmpeg import ffmpeg_binary

TILE = 384
"""Pixels of the square that each face gets."""
QUIET = 25.0
"""dB below the loudest twentieth of the clip: silence."""
BRIDGED = 5
"""Frames of silence that are no pause."""
ARRANGEMENTS = ("still", "talker", "off screen")


class Pair(NamedTuple):
    """Two clips side by side; the first one is heard."""

    heard: Path
    other: Path
    arrangement: str
    left: bool
    """Where the one that is heard stands."""

    @property
    def name(self) -> str:
        return f"{self.heard.stem}, {self.other.stem}, {self.arrangement}"

    @property
    def kind(self) -> str:
        return kind_of(self.heard)


def kind_of(clip: Path) -> str:
    return clip.stem.partition("_")[0]


def pairs_of(clips: Sequence[Path]) -> Iterator[Pair]:
    for _, group in groupby(sorted(clips), kind_of):
        alike = list(group)
        for place, (heard, other) in enumerate(zip(alike, alike[1:] + alike[:1], strict=True)):
            if heard != other:
                yield from (Pair(heard, other, arrangement, place % 2 == 0) for arrangement in ARRANGEMENTS)


def made(pair: Pair, folder: Path) -> Path:
    """The pair as a 25-fps film, as long as the first clip; the other clip goes on from its start when it ends."""
    import subprocess

    path = folder / f"{pair.name.replace(', ', '-').replace(' ', '_')}.mp4"
    if path.exists():
        return path
    square = f"fps={FPS},scale={TILE}:{TILE}:force_original_aspect_ratio=increase,crop={TILE}:{TILE},setsar=1"
    still = ",loop=-1:1:0,setpts=N/25/TB"
    first, second = (
        square + (still if pair.arrangement in frozen else "") for frozen in (("off screen",), ("still", "off screen"))
    )
    order = "[a][b]" if pair.left else "[b][a]"
    graph = f"[0:v]{first}[a];[1:v]{second}[b];{order}hstack=shortest=0[v]"
    length = str(len(read_waveform(pair.heard).samples) / SAMPLE_RATE)
    command = [ffmpeg_binary(), "-v", "error", "-y", "-i", str(pair.heard), "-stream_loop", "-1", "-i", str(pair.other)]
    command += ["-filter_complex", graph, "-map", "[v]", "-map", "0:a", "-t", length, "-r", str(FPS)]
    subprocess.run([*command, "-crf", "16", "-preset", "veryfast", "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


def loud(film: Path, frames: int) -> NDArray[np.bool_]:
    """For each frame, whether the film is heard in it."""
    from scipy.ndimage import binary_closing

    samples = read_waveform(film).samples
    step = SAMPLE_RATE // FPS
    samples = np.pad(samples[: frames * step], (0, max(0, frames * step - len(samples))))
    level = 10 * np.log10(np.square(samples.reshape(frames, step), dtype=np.float64).mean(axis=1) + 1e-10)
    return binary_closing(level > np.percentile(level, 95) - QUIET, np.ones(BRIDGED + 1, bool))


class Analysis:
    """The installation's engines, and the documents that they make of films of one shot."""

    def __init__(self) -> None:
        telemetry_off()
        settings = Settings.load()
        self.store = ModelStore(store_folder(settings.models, Layout(settings.folders).home))
        # The landmarks have to be in the documents: the modes look at the gap between the lips.
        self.faces = settings.faces.model_copy(update={"verbose_fields": True})
        self._engine = FACE_ENGINES.create(self.faces.engine, self.faces, self.store, settings.compute)
        self._speech = SPEECH_ENGINES.create(settings.speech.engine, settings.speech, self.store, settings.compute)

    def of(self, film: Path) -> int:
        """Make what is not there of ``.csv``, ``.audio.json`` and ``.tracking.json`` beside a film; its frames."""
        import av

        with av.open(str(film)) as container:
            frames = sum(1 for packet in container.demux(video=0) if packet.size)
        scenes, audio, tracking = (film.with_suffix(f".{kind}") for kind in ("csv", "audio.json", "tracking.json"))
        write_scenes(scenes, [Scene(1, frames)])
        if not audio.exists():
            analyse_video(film, frames, self._speech, audio)
        if not tracking.exists():
            track_video(film, frames, scenes, audio, tracking, self._engine, None, self.faces, self.store, 2)
        return frames


def clips_in(folder: Path) -> list[Path]:
    """The videos of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix in {".mp4", ".mov", ".mkv"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mode", action="append", help="repeat for several (default: associated, combined)")
    arguments = parser.parse_args()
    arguments.folder.mkdir(exist_ok=True)
    analysis = Analysis()
    films: dict[Pair, tuple[Path, int]] = {}
    for pair in pairs_of(clips_in(arguments.clips)):
        film = made(pair, arguments.folder)
        films[pair] = film, analysis.of(film)
    for mode in arguments.mode or ["associated", "combined"]:
        chosen = analysis.faces.model_copy(update={"speaking_mode": mode})
        print(f"### `{mode}`\n\n| clips | beside | frames with speech | recall | frames on a wrong face |")
        print("| --- | --- | --- | --- | --- |")
        results: dict[tuple[str, str], list[Result]] = {}
        for pair, (film, frames) in films.items():
            heard = loud(film, frames) & (pair.arrangement != "off screen")
            truth = np.stack([heard, np.zeros_like(heard)], axis=1)
            shown = decided_in(film, truth if pair.left else truth[:, ::-1], TILE, chosen, analysis.store)
            shown.clip = pair.name
            results.setdefault((pair.kind, pair.arrangement), []).append(shown)
            if arguments.mode and len(arguments.mode) == 1:
                print(f"| {pair.name} | | " + row([shown]))
        for (kind, arrangement), group in results.items():
            print(f"| {kind} ({len(group)}) | {arrangement} | " + row(group))
        print()


def row(results: Sequence[Result]) -> str:
    truth, spoken = (np.concatenate([getattr(one, name) for one in results]) for name in ("truth", "spoken"))
    wrong = sum(int((one.spoken & ~one.truth & one.elsewhere).sum()) for one in results)
    recall = f"{(truth & spoken).sum() / truth.sum():.3f}" if truth.any() else "–"
    return f"{truth.sum()} | {recall} | {wrong} |"


if __name__ == "__main__":
    main()
