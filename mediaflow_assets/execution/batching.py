"""Single inputs of many threads, calculated together: what keeps a GPU busy with small networks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensor = NDArray[np.float32]


class Batches:
    """Runs a network on all inputs that wait at the moment; any number of threads may call it.

    While one batch is calculated the inputs of the next one gather, so that nobody waits for a batch to fill.

    Args:
        network: from inputs ``(batch, …)`` to outputs, each with the batch in front.
        largest: inputs in a batch.
        too_large: whether an error means that the batch has no room. It is then halved, and stays so.
    """

    def __init__(
        self, network: Callable[[Tensor], Sequence[Tensor]], largest: int, too_large: Callable[[Exception], bool]
    ) -> None:
        self._network, self._too_large = network, too_large
        self.largest = largest
        """Inputs in a batch, after what was learned."""
        self._waiting: deque[tuple[Tensor, Future[list[Tensor]]]] = deque()
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "batches")

    def run(self, tensor: Tensor) -> list[Tensor]:
        """Outputs for one input ``(1, …)``; raises what the network raises for it alone."""
        future: Future[list[Tensor]] = Future()
        with self._lock:
            self._waiting.append((tensor, future))
        self._thread.submit(self._serve)
        return future.result()

    def _serve(self) -> None:
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(self.largest, len(self._waiting)))]
        if batch:
            self._calculate(batch)

    def _calculate(self, batch: list[tuple[Tensor, Future[list[Tensor]]]]) -> None:
        import numpy as np

        try:
            outputs = self._network(np.concatenate([tensor for tensor, _ in batch]))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait have to know
            if len(batch) > 1 and self._too_large(error):
                half = len(batch) // 2
                self.largest = min(self.largest, half)
                self._calculate(batch[:half])
                self._calculate(batch[half:])
                return
            for _, future in batch:
                future.set_exception(error)
            return
        for place, (_, future) in enumerate(batch):
            future.set_result([output[place : place + 1] for output in outputs])
