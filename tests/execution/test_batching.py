"""Inputs of many threads are calculated together and come back to who gave them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.execution.batching import Batches

Tensor = NDArray[np.float32]


def one(value: float) -> Tensor:
    return np.full((1, 3), value, np.float32)


class Network:
    """Doubles and sums its inputs; the first call waits until others have come."""

    def __init__(self, room: int = 1000) -> None:
        self.sizes: list[int] = []
        self.room = room
        self.at_work, self.go = threading.Event(), threading.Event()

    def __call__(self, tensor: Tensor) -> list[Tensor]:
        self.at_work.set()
        self.go.wait(60)
        self.sizes.append(len(tensor))
        if len(tensor) > self.room:
            raise MemoryError
        return [2 * tensor, tensor.sum(axis=1)]


def all_of(batches: Batches, network: Network, values: range) -> list[list[Tensor]]:
    """The first input is at work while all others come to wait."""
    with ThreadPoolExecutor(len(values)) as pool:
        waiting = [pool.submit(batches.run, one(values[0]))]
        network.at_work.wait(60)
        waiting += [pool.submit(batches.run, one(value)) for value in values[1:]]
        while len(batches._waiting) < len(values) - 1:
            threading.Event().wait(0.01)
        network.go.set()
        return [future.result() for future in waiting]


def test_what_waits_is_one_batch_and_everyone_gets_their_own() -> None:
    network = Network()
    batches = Batches(network, 16, lambda _: False)
    for value, (doubled, total) in enumerate(all_of(batches, network, range(10))):
        assert np.array_equal(doubled, one(2 * value))
        assert total.tolist() == [3 * value]
    assert network.sizes == [1, 9]


def test_a_batch_that_has_no_room_is_halved_from_then_on() -> None:
    network = Network(room=2)
    batches = Batches(network, 16, lambda error: isinstance(error, MemoryError))
    assert [doubled[0, 0] for doubled, _ in all_of(batches, network, range(9))] == [2 * value for value in range(9)]
    assert network.sizes == [1, 8, 4, 2, 2, 4, 2, 2]
    assert batches.largest == 2


def test_an_error_reaches_everyone_who_waits() -> None:
    def broken(_: Tensor) -> list[Tensor]:
        raise ValueError("no such input")

    with pytest.raises(ValueError, match="no such input"):
        Batches(broken, 16, lambda _: True).run(one(1))
