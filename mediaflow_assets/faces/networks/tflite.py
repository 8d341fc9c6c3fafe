"""TensorFlow Lite networks without TensorFlow."""

from __future__ import annotations

from typing import Any

from mediaflow_assets.errors import Unavailable


def interpreter(model: bytes) -> Any:
    """A network ready to run, for one thread.

    Work is spread over frames and faces, which scales better than threads inside small networks.

    Raises:
        Unavailable: the library is not installed.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise Unavailable("ai-edge-litert", f"cannot be imported ({error})", "Run: pip install -e .") from error
    network = Interpreter(model_content=model, num_threads=1)
    network.allocate_tensors()
    return network
