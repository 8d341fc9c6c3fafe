"""Sharing of objects that only one thread may use at a time."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class ObjectPool(Generic[T]):
    """Lends one object to each borrower and makes another only when all are out.

    Args:
        make: makes one; called at most once per thread that borrows at the same time.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._idle: queue.LifoQueue[T] = queue.LifoQueue()

    @contextmanager
    def acquire(self) -> Iterator[T]:
        """An object that nobody else has until the block ends."""
        try:
            item = self._idle.get_nowait()
        except queue.Empty:
            item = self._make()
        try:
            yield item
        finally:
            self._idle.put(item)

    def drain(self) -> Iterator[T]:
        """Every object that is not out, for the last time; later borrowers get new ones."""
        while not self._idle.empty():
            yield self._idle.get_nowait()
