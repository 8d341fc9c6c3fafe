"""One conversion by ffmpeg, with what is tried when the first way fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mediaflow_assets.core.errors import Interrupted
from mediaflow_assets.video import ffmpeg as runner
from mediaflow_assets.video.encoders import Encoder, choose_encoder
from mediaflow_assets.video.graphs import ConversionPlan, master_graph
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.sound_clock import read_clock
from mediaflow_assets.video.source import MediaInfo
from mediaflow_assets.video.timeline import PictureTimes, SoundTimes
from mediaflow_assets.video.verify import Verified, verify

_SHARE_OF_VERIFICATION = {"encoded": 0.1, "copied": 0.9}
"""Part of the time, for the progress."""
_STOPPED_BY_SOUND = re.compile(r"\[(aist|aost|af)#|\[Parsed_a(format|resample|setpts)")
"""What ffmpeg calls its parts that decode, filter and encode sound."""


@dataclass(frozen=True)
class Converted:
    """A verified master that still lies under its temporary name."""

    plan: ConversionPlan
    encoder: Encoder | None
    words: runner.StderrLog
    """What ffmpeg complained about while it read the source."""
    result: Verified
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One conversion by ffmpeg."""

    path: Path
    source: MediaInfo
    name: str
    pictures: PictureTimes
    sounds: SoundTimes | None
    target: Path
    small: Path
    settings: VideoSettings
    on_progress: Callable[[float], None]
    hold: int | None
    """Frames of the master, if its last picture is held for longer than it is shown."""

    def make(self, todo: ConversionPlan) -> Converted:
        """Carry out a plan; sound that stops ffmpeg is left out."""
        try:
            return self._make(todo)
        except runner.GaveUp as error:
            if todo.sound is None or not _STOPPED_BY_SOUND.search(error.said):
                raise
            made = self._make(ConversionPlan(todo.picture, None))
            return replace(made, notes=(*made.notes, "sound left out: it cannot be decoded"))

    def _make(self, todo: ConversionPlan) -> Converted:
        """What cannot be copied, or not by the GPU, is encoded by the CPU."""
        if todo.picture == "encoded":
            return self._encode(todo)
        try:
            made = self._run(todo, None)
            if not made.words.lines:
                return made
            problem = made.words.reason
        except Interrupted as error:
            problem = error.problem
        made = self._encode(ConversionPlan("encoded", "encoded" if todo.sound else None))
        return replace(made, notes=(*made.notes, f"encoded because a copy is not sound: {problem}"))

    def _encode(self, todo: ConversionPlan) -> Converted:
        encoder = choose_encoder(self.settings)
        try:
            return self._run(todo, encoder)
        except Interrupted as error:
            if encoder.name == "libx264" and todo.sound != "copied":
                raise
            cpu = Encoder("libx264", f"{encoder.name} failed" if encoder.name != "libx264" else encoder.reason)
            made = self._run(ConversionPlan("encoded", "encoded" if todo.sound else None), cpu)
            return replace(made, notes=(f"encoded again by the CPU, with its sound: {error.problem}",))

    def _run(self, todo: ConversionPlan, encoder: Encoder | None) -> Converted:
        options = encoder.options(self.settings) if encoder else {}
        clock = (
            read_clock(self.path, self.source.sound.index, self.sounds.shifts if self.sounds else None)
            if self.source.sound and todo.sound == "encoded"
            else None
        )
        shift = self.sounds.shift if self.sounds else 0.0
        limit = self.sounds.limit(self.pictures) if self.sounds else None
        graph = master_graph(
            self.path, self.source, self.pictures, todo, self.target, options, clock, self.hold, shift, limit
        )
        share, stall = _SHARE_OF_VERIFICATION[todo.picture], self.settings.stall_seconds
        words = runner.run(graph, on_progress=self._progress(0, 1 - share), stall_seconds=stall)
        result = verify(
            self.target,
            self.small,
            self.name,
            has_sound=todo.sound is not None,
            stall_seconds=stall,
            on_progress=self._progress(1 - share, share),
        )
        return Converted(todo, encoder, words, result)

    def _progress(self, start: float, share: float) -> Callable[[float], None]:
        seconds = float(self.pictures.duration)
        return lambda done: self.on_progress(start + share * min(done / seconds, 1.0) if seconds else start)
