"""Real speech with known truth, the real engine, and small media files made on the spot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform, read_waveform
from mediaflow_assets.speech.engines.pyannote_local import PyannoteLocal
from mediaflow_assets.speech.settings import SpeechSettings


@pytest.fixture(scope="session")
def engine(model_store: ModelStore) -> PyannoteLocal:
    """pyannote.audio's own pipeline, loaded once."""
    engine = PyannoteLocal(SpeechSettings(), model_store, ComputeSettings(device="cpu"))
    engine.load()
    return engine


@pytest.fixture(scope="session")
def conversation_path() -> Path:
    """30 s of two people on the telephone (pyannote.audio's own sample, with its truth beside it)."""
    # Not through pyannote.audio.sample: importing it decodes the file with a library we do without.
    spec = find_spec("pyannote.audio")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "sample" / "sample.wav"


@pytest.fixture(scope="session")
def conversation(conversation_path: Path) -> Waveform:
    waveform = read_waveform(conversation_path)
    assert waveform is not None
    return waveform


@pytest.fixture(scope="session")
def truth(conversation_path: Path) -> list[Segment]:
    """Who really speaks when in the conversation."""
    turns = []
    for line in conversation_path.with_suffix(".rttm").read_text().splitlines():
        _, _, _, start, duration, _, _, speaker, *_ = line.split()
        turns.append(Segment(float(start), float(start) + float(duration), speaker))
    return turns


@pytest.fixture(scope="session")
def alone(conversation: Waveform, truth: list[Segment]) -> dict[str, Waveform]:
    """For each of the two, everything that this one says while the other is silent."""
    times = np.arange(len(conversation.samples)) / SAMPLE_RATE
    talks = {speaker: np.zeros(len(times), bool) for speaker in {turn.speaker for turn in truth}}
    for turn in truth:
        talks[turn.speaker] |= (turn.start <= times) & (times < turn.end)
    return {
        speaker: Waveform(conversation.samples[mask & (sum(talks.values()) == 1)]) for speaker, mask in talks.items()
    }


Run = tuple[float, NDArray[np.float32]]
"""(start in seconds, samples ``(channels, n)``)."""


class MediaMaker:
    """Writes video files whose tracks start, pause and jump as told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self,
        name: str,
        runs: Sequence[Run] | None,
        *,
        rate: int = SAMPLE_RATE,
        codec: str = "pcm_f32le",
        picture: tuple[float, int] | None = None,
    ) -> Path:
        """Write ``name``: sound in ``runs``, and a 25-fps picture of (start, frames) if wanted."""
        path = self._folder / name
        with av.open(str(path), "w") as container:
            video: Any = None
            if picture:
                video = container.add_stream("mpeg4", rate=25)
                video.width = video.height = 32
            sound: Any = None
            if runs is not None:
                layout = "mono" if not runs or runs[0][1].shape[0] == 1 else "stereo"
                sound = container.add_stream(codec, rate=rate, layout=layout)
            for index in range(picture[1] if picture else 0):
                frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), index % 256, np.uint8), format="rgb24")
                frame.pts = round(picture[0] * 25) + index
                frame.time_base = Fraction(1, 25)
                container.mux(video.encode(frame))
            for start, samples in runs or ():
                for block in _blocks(start, samples, rate):
                    container.mux(sound.encode(block))
            for stream in filter(None, (video, sound)):
                container.mux(stream.encode(None))
        return path


def _blocks(start: float, samples: NDArray[np.float32], rate: int) -> Iterator[av.AudioFrame]:
    for offset in range(0, samples.shape[1], 1024):
        part = np.ascontiguousarray(samples[:, offset : offset + 1024].T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="flt", layout="mono" if len(samples) == 1 else "stereo")
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        frame.pts = round(start * rate) + offset
        yield frame


@pytest.fixture
def make_media(tmp_path: Path) -> MediaMaker:
    return MediaMaker(tmp_path)
