"""The light engine: the same networks on ONNX Runtime, used where they tell most."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ClassVar, TypeVar

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import onnx_device
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform, let_go
from mediaflow_assets.speech.clustering import Evidence, assign_window, cluster, told_apart, unit
from mediaflow_assets.speech.diarization import Diarization, SpeakerHints
from mediaflow_assets.speech.fbank import FRAME_SAMPLES, STEP_SAMPLES, log_mel
from mediaflow_assets.speech.onnx_networks import OnnxNetworks
from mediaflow_assets.speech.processor import Processor
from mediaflow_assets.speech.resegmentation import (
    SpeechSegment,
    merge_speakers,
    reassign_segments,
    single_speaker_segments,
    split_speakers,
)
from mediaflow_assets.speech.windows import (
    FRAME_CENTRE,
    FRAME_STEP,
    FRAMES,
    SPEAKERS,
    WINDOW,
    add_doubtful_speech,
    aggregate_windows,
    first_sample,
    propagate_labels,
    seconds_alone,
    segments_of,
    speaker_name,
    talk_at_once,
    window_starts,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.settings import SpeechSettings

Item = TypeVar("Item")
Result = TypeVar("Result")

DIMENSION = 192
"""Length of an embedding of CAM++."""
STEP = 118
"""Output frames (2 s) between windows: each instant is heard five times, where pyannote hears it ten times."""
MAX_VOICE_STRIDE, MIN_VOICE_WINDOWS = 5, 30
"""Voices are taken from every fifth window, as they cost seven times as much as the segmentation, but of sound below
five minutes from more, so that there are at least thirty windows: of up to two minutes, from every one. With more
of a longer sound, alike voices are taken for one (``benchmarks/results/speech.md``)."""
MAX_DENSITY, DENSE_WINDOWS = 4, 60
"""Of sound below a minute, voices are taken from windows between those too, up to four times as many: few windows may
all miss that there are two people. Who talks when is still decided by those 2 s apart; with all it is no better."""
_MIN_VOICE = 10
"""Feature frames (10 ms each) below which a voice has no embedding."""
_CLEAR_VOICE = 200
"""Feature frames (2 s) of a voice alone from which its embedding may found a cluster."""
_CLEAR_SHORT_VOICE, _CLEAR_WANTED_VOICE = 100, 50
"""The same of sound below a minute: 1 s, and 0.5 s where the number of speakers is given: somebody may say no more than
that. Where it is not given, with less as many people are invented as found (``benchmarks/results/speech.md``)."""
_SHORT = 60 * SAMPLE_RATE // FRAME_STEP
"""Output frames (a minute) up to which a single speaker is looked at again: it may be two."""
_STEPS = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 0.65), "turns": (0.65, 1.0)}
"""Where each step begins and ends, as fractions of the time on a CPU."""


class OnnxLocal:
    """segmentation-3.0 in windows of 10 s, CAM++ voices, agglomerative clustering; nothing is downloaded.

    The pipeline of H. Bredin, "pyannote.audio 2.1 speaker diarization pipeline" (Interspeech 2023)
    with fewer windows, voices from every fifth of them at most, and a second look at short stretches of
    speech (:mod:`~mediaflow_assets.speech.resegmentation`).
    """

    name: ClassVar[str] = "onnx_local"
    summary: ClassVar[str] = "segmentation-3.0 and CAM++ voices on ONNX Runtime, offline and fast; CPU or CUDA."
    licence: ClassVar[str] = "MIT AND Apache-2.0"
    models: ClassVar[tuple[str, ...]] = ("pyannote-segmentation-3.0", "campplus")

    def __init__(self, settings: SpeechSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._networks: OnnxNetworks | None = None

    @property
    def device(self) -> DeviceChoice:
        """Where it runs and why."""
        return self._loaded().processor.device

    def load(self) -> None:
        """Bring the models into memory; the first time on a machine, make their ONNX form.

        Raises:
            Unavailable: a model, a library or the demanded device is missing.
        """
        self._loaded()

    def _loaded(self) -> OnnxNetworks:
        if self._networks is None:
            # What clustering imports, half a second, now: something else may be at work meanwhile.
            import scipy.cluster.hierarchy
            import scipy.ndimage
            import scipy.optimize  # noqa: F401

            from mediaflow_assets.speech.derived_models import onnx_model

            settings = self._settings
            segmentation, embedding = (onnx_model(self._store, name) for name in self.models)
            processor = Processor(
                onnx_device(settings.device_policy(self._compute)),
                settings.batch,
                half_precision=False,
                threads=settings.threads(self._compute),
            )
            self._networks = OnnxNetworks(segmentation, embedding, processor)
        return self._networks

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        """Who speaks when; see :class:`~mediaflow_assets.speech.engines.DiarizationEngine`."""
        networks = self._loaded()
        if not len(waveform.samples):
            return Diarization()
        networks.retreats.clear()
        progress = _rising(progress)
        starts, density, step = windows_of(len(waveform.samples))
        activity, speech = self._who_talks(waveform, starts, progress)
        chosen = evenly(len(starts))
        voices, alone = self._voices(waveform, starts, chosen, activity, progress)
        seconds = seconds_alone(activity, chosen, step) if density > 1 else None
        least = hints.exact or hints.minimum or 0
        for attempt in _attempts(hints):
            labels, means, note = self._speakers(activity[chosen], voices, alone, attempt, seconds)
            apart = told_apart(labels, len(means))
            labels = propagate_labels(activity, chosen, labels, len(means), step)
            timeline = aggregate_windows(activity[::density], labels[::density], len(means), density * step)
            timeline, means = self._second_look(waveform, timeline, means, apart, attempt, least, progress)
            if timeline.any(axis=0).sum() == hints.exact:
                break
        timeline = add_doubtful_speech(timeline, speech[::density], density * step)
        networks.rest()
        progress(1.0, "done")
        segments = list(segments_of(timeline, self._settings.min_duration_off, waveform.seconds))
        directions = {speaker_name(number): mean.tolist() for number, mean in enumerate(means)}
        voices_heard = {one.speaker: directions[one.speaker] for one in segments}
        if segments and not note and len(voices_heard) < least:
            note = f"{least} speakers were asked for, but only {len(voices_heard)} can be told apart"
        return Diarization(segments, voices=voices_heard, notes=(*networks.retreats, *filter(None, [note])))

    def _speakers(
        self,
        activity: NDArray[np.bool_],
        voices: NDArray[np.float32],
        alone: NDArray[np.intp],
        hints: SpeakerHints,
        seconds: NDArray[np.float32] | None,
    ) -> tuple[NDArray[np.intp], NDArray[np.float32], str]:
        """Speaker of each voice ``(windows, 3)``, -1 without one, their mean directions ``(k, 192)``, and a note.

        Each is heard ``alone`` ``(windows, 3)`` for that many feature frames; ``seconds`` ``(windows, 3)`` are given of
        a short sound.
        """
        import numpy as np

        enough = _CLEAR_VOICE
        if seconds is not None:
            enough = _CLEAR_SHORT_VOICE if hints.exact is None else _CLEAR_WANTED_VOICE
        clear = alone >= enough
        known: NDArray[np.bool_] = np.all(np.isfinite(voices), axis=2)
        founding = known & clear if (known & clear).any() else known
        members, means, note = cluster(
            voices[founding],
            threshold=self._settings.clustering_threshold,
            min_cluster_size=self._settings.min_cluster_size,
            hints=hints,
            evidence=None if seconds is None else Evidence(seconds[founding], np.nonzero(founding)[0]),
        )
        labels = np.full(known.shape, -1, np.intp)
        labels[founding] = members
        rest = known & ~founding
        if rest.any():
            labels[rest] = (unit(voices[rest]) @ means.T).argmax(axis=1)
        for window, heard in enumerate(known):
            if talk_at_once(activity[window][:, heard], labels[window, heard]):
                labels[window, heard] = assign_window(unit(voices[window, heard]) @ means.T)
        return labels, means, note

    def _who_talks(
        self, waveform: Waveform, starts: list[int], progress: Callable[[float, str], None]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Who of the local speakers of each window talks, and how likely anybody does.

        Shapes ``(windows, 589, 3)`` and ``(windows, 589)``.
        """
        import numpy as np

        networks = self._loaded()

        def heard_in(batch: list[int]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
            waveforms = np.stack([_window(waveform, start) for start in batch])[:, None]
            return networks.speakers(waveforms)

        size = networks.batch
        batches = [starts[first : first + size] for first in range(0, len(starts), size)]
        activity, speech = zip(*self._side_by_side(heard_in, batches, progress, "segmentation"), strict=True)
        return np.concatenate(activity), np.concatenate(speech)

    def _voices(
        self,
        waveform: Waveform,
        starts: list[int],
        chosen: NDArray[np.intp],
        activity: NDArray[np.bool_],
        progress: Callable[[float, str], None],
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Embedding of each local speaker of the ``chosen`` windows ``(chosen, 3, 192)``, NaN without one.

        And for how many feature frames each is heard alone, ``(chosen, 3)``.
        """
        import numpy as np

        networks = self._loaded()

        def voices_in(window: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
            voices = np.full((SPEAKERS, DIMENSION), np.nan, np.float32)
            lengths = np.zeros(SPEAKERS, np.intp)
            heard = activity[window]
            if not heard.any():
                return voices, lengths
            features = log_mel(_window(waveform, starts[window]))
            heard = heard[_output_frames(len(features))]
            alone = heard & (heard.sum(axis=1, keepdims=True) == 1)
            for speaker in range(SPEAKERS):
                # A voice is learned from where it talks alone, unless it never does.
                mask = alone[:, speaker]
                lengths[speaker] = mask.sum()
                if mask.sum() < _MIN_VOICE:
                    mask = heard[:, speaker]
                if mask.sum() >= _MIN_VOICE:
                    voices[speaker] = networks.voice(features[mask])
            return voices, lengths

        found = list(self._side_by_side(voices_in, chosen.tolist(), progress, "embeddings"))
        return np.stack([voices for voices, _ in found]), np.stack([lengths for _, lengths in found])

    def _second_look(
        self,
        waveform: Waveform,
        timeline: NDArray[np.bool_],
        speakers: NDArray[np.float32],
        apart: NDArray[np.bool_],
        hints: SpeakerHints,
        least: int,
        progress: Callable[[float, str], None],
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """The timeline ``(frames, m)`` with short stretches given to whom their voice belongs, and mean directions.

        There may be more speakers ``(m, 192)`` than before, at most as many as the hints allow, or fewer. Of the pairs
        that are ``apart`` and of the ``least`` that are known to talk see :func:`merge_speakers`.
        """
        import numpy as np

        most = hints.exact or hints.maximum or math.inf
        # One who talks long is mostly alone: a look at all of it would cost half as much again as the rest.
        short = len(timeline) < _SHORT and most > 1
        stretches = single_speaker_segments(timeline) if len(speakers) > (0 if short else 1) else []
        if not stretches:
            return timeline, speakers

        networks = self._loaded()

        def voice_of(one: SpeechSegment) -> NDArray[np.float32]:
            return networks.voice(log_mel(_samples(waveform, first_sample(one.first), first_sample(one.stop))))

        voices = unit(np.stack(list(self._side_by_side(voice_of, stretches, progress, "turns"))))
        timeline = reassign_segments(timeline, stretches, voices, speakers)
        threshold = self._settings.clustering_threshold
        timeline, speakers = split_speakers(timeline, stretches, voices, speakers, threshold=threshold, most=most)
        return merge_speakers(timeline, stretches, voices, speakers, apart=apart, threshold=threshold, least=least)

    def _side_by_side(
        self, work: Callable[[Item], Result], items: Sequence[Item], progress: Callable[[float, str], None], step: str
    ) -> Iterator[Result]:
        """The results of ``work`` in order, as many at a time as there are threads."""
        begin, end = _STEPS[step]
        progress(begin, step)
        with ThreadPoolExecutor(self._loaded().callers) as pool:
            try:
                for done, result in enumerate(pool.map(work, items), start=1):
                    progress(begin + (end - begin) * done / len(items), step)
                    yield result
            finally:
                # A stopped run shall not wait for what was still to come.
                pool.shutdown(cancel_futures=True)


def _attempts(hints: SpeakerHints) -> list[SpeakerHints]:
    """What to ask for until the wanted number of speakers is heard.

    A number that is given is forced only where as many are not found by themselves: forcing it parts one person where
    two others were taken for one.
    """
    return [hints] if hints.exact is None else [SpeakerHints(maximum=hints.exact), hints]


def _rising(progress: Callable[[float, str], None]) -> Callable[[float, str], None]:
    """Progress that does not fall when a step is done again."""
    reached = 0.0

    def forward(fraction: float, step: str) -> None:
        nonlocal reached
        reached = max(reached, fraction)
        progress(reached, step)

    return forward


def _window(waveform: Waveform, start: int) -> NDArray[np.float32]:
    """10 s from sample ``start``, silence after the end."""
    return _samples(waveform, start, start + WINDOW)


def _samples(waveform: Waveform, start: int, stop: int) -> NDArray[np.float32]:
    """Samples ``start`` to ``stop``, silence after the end."""
    import numpy as np

    samples = np.array(waveform.samples[start:stop])
    let_go(waveform.samples)
    return samples if len(samples) == stop - start else np.pad(samples, (0, stop - start - len(samples)))


def windows_of(samples: int) -> tuple[list[int], int, int]:
    """First sample of each window, every which one decides who talks, and the output frames from one to the next."""
    deciding = len(window_starts(samples, STEP))
    density = min(max(DENSE_WINDOWS // max(deciding, 1), 1), MAX_DENSITY)
    step = round(STEP / density)
    deciding = len(window_starts(samples, density * step))
    return [index * step * FRAME_STEP for index in range((deciding - 1) * density + 1)], density, step


def evenly(windows: int) -> NDArray[np.intp]:
    """Numbers of the windows whose voices are taken, the last one among them."""
    import numpy as np

    stride = min(max(windows // MIN_VOICE_WINDOWS, 1), MAX_VOICE_STRIDE)
    chosen = np.arange(0, windows, stride)
    # Up to half a stride at the end is covered well enough by the window before it.
    return chosen if windows - 1 - chosen[-1] <= stride // 2 else np.append(chosen, windows - 1)


def _output_frames(features: int) -> NDArray[np.intp]:
    """For each feature frame of a window, the output frame of the segmentation at its centre."""
    import numpy as np

    centres = np.arange(features) * STEP_SAMPLES + FRAME_SAMPLES // 2
    frames: NDArray[np.intp] = np.clip(np.rint((centres - FRAME_CENTRE) / FRAME_STEP), 0, FRAMES - 1).astype(np.intp)
    return frames
