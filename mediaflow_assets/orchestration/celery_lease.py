"""A step belongs to a worker only as long as the worker says so.

With Redis, Celery gives a task that was not acknowledged for ``visibility_timeout`` seconds to
another worker, because Redis does not notice when a worker dies. The time-out would have to be
longer than the longest step, and a killed worker's step would wait as long. Here the time-out is
short, and a thread beside the step renews it: kombu keeps unacknowledged deliveries in a sorted
set by the time of delivery (``kombu.transport.redis.QoS``), and the thread puts that time forward.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Protocol

from celery import Celery, Task
from celery.app.task import Context
from redis.exceptions import RedisError

MAX_DELIVERIES = 3
"""A step that took this many workers with it is not given to another one."""
_DELIVERIES_KEPT = 7 * 24 * 3600
"""Seconds after which the count of a task's deliveries is forgotten."""

_log = logging.getLogger(__name__)


class LeasedTask(Task):  # type: ignore[misc]  # Celery has no types
    """A task that is renewed while it runs."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        with renewed(self.app, self.request):
            return self.run(*args, **kwargs)


class _Redis(Protocol):
    """What is asked of the broker."""

    def incr(self, name: str) -> int: ...

    def expire(self, name: str, time: int) -> object: ...

    def zadd(self, name: str, mapping: Mapping[str, float], *, xx: bool) -> object: ...


class _Channel(Protocol):
    """``kombu.transport.redis.Channel``, as far as it is used."""

    client: _Redis
    visibility_timeout: float
    """Seconds."""
    unacked_index_key: str


@contextmanager
def renewed(app: Celery, request: Context) -> Iterator[None]:
    """Keep the task of ``request`` with this worker while the block runs.

    Raises:
        RuntimeError: the task has taken too many workers with it.
    """
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        _count_delivery(channel.client, request.id)
        tag = request.properties["delivery_tag"]
        over = Event()
        thread = Thread(target=_renew, args=(channel, tag, over), name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _count_delivery(redis: _Redis, task: str) -> None:
    key = f"mediaflow-deliveries:{task}"
    deliveries = redis.incr(key)
    redis.expire(key, _DELIVERIES_KEPT)
    if deliveries > MAX_DELIVERIES:
        raise RuntimeError(f"{MAX_DELIVERIES} workers died while they ran this step; it is not given to another one")


def _renew(channel: _Channel, tag: str, over: Event) -> None:
    while not over.wait(channel.visibility_timeout / 4):
        try:
            # Only if it is still there: a lease that has run out cannot be taken back.
            channel.client.zadd(channel.unacked_index_key, {tag: time.time()}, xx=True)
        except RedisError as error:
            _log.warning("the lease of %s could not be renewed: %s", tag, error)
