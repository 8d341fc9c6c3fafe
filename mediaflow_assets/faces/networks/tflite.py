"""TensorFlow Lite networks without TensorFlow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import Unavailable


class Network:
    """A network that one thread may run at a time, on one core.

    Work is spread over frames and faces, which scales better than threads inside small networks.

    Args:
        model: content of a ``.tflite`` file with one input.

    Raises:
        Unavailable: the library is not installed.
    """

    def __init__(self, model: bytes) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise Unavailable("ai-edge-litert", f"cannot be imported ({error})", "Run: pip install -e .") from error
        self._interpreter = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
        # Asking for these costs as much as a small network's run.
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [port["index"] for port in self._interpreter.get_output_details()]

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs for one input."""
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]
