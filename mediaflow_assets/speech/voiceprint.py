"""The direction of a voice: CAM++ on ONNX Runtime, for whoever compares a few turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.speech.audio import SAMPLE_RATE, let_go

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    from mediaflow_assets.modelstore import ModelStore

MODEL = "campplus"
MIN_SECONDS = 0.4
"""Below that a voice cannot be told."""
MAX_SECONDS = 10.0


class Voiceprint:
    """Opened when the first voice is asked for."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._session: InferenceSession | None = None

    def of(self, samples: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Unit vector ``(192,)`` of mono sound at 16 kHz, of its first ten seconds; None when it is too short.

        Raises:
            Unavailable: the model or ONNX Runtime is missing.
        """
        import numpy as np

        from mediaflow_assets.speech.fbank import log_mel

        if len(samples) < MIN_SECONDS * SAMPLE_RATE:
            return None
        features = log_mel(np.asarray(samples[: round(MAX_SECONDS * SAMPLE_RATE)], np.float32))
        (found,) = self._opened().run(None, {"features": (features - features.mean(axis=0))[None]})
        direction: NDArray[np.float32] = found[0] / np.linalg.norm(found[0])
        return direction

    def of_frames(self, samples: NDArray[np.float32], first: int, stop: int) -> NDArray[np.float32] | None:
        """:meth:`of` the half-open range of 0-based frames of a video whose sound begins with its first frame."""
        step = SAMPLE_RATE // FPS
        found = self.of(samples[first * step : stop * step])
        let_go(samples)
        return found

    def _opened(self) -> InferenceSession:
        if self._session is None:
            from mediaflow_assets.execution.devices import DeviceChoice
            from mediaflow_assets.execution.onnx_sessions import open_session
            from mediaflow_assets.speech.derived_models import onnx_model

            self._session = open_session(onnx_model(self._store, MODEL), DeviceChoice("cpu", "few turns"), threads=1)
        return self._session
