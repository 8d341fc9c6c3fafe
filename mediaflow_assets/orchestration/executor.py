"""Who runs the steps of a run: its own process, or Celery workers."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.cluster import ClusterSettings
from mediaflow_assets.orchestration.pools import GENERAL
from mediaflow_assets.settings import Settings


def executor_for(settings: ClusterSettings) -> dg.ExecutorDefinition:
    """The executor of every job.

    The broker's address is read where it is needed, so that its password is in no snapshot of a
    job, no run configuration and no page of the UI.
    """
    if settings.executor == "in_process":
        return dg.in_process_executor
    from dagster_celery import celery_executor

    @dg.configured(celery_executor, config_schema={})
    def celery(_: Mapping[str, object]) -> dict[str, object]:
        return celery_config(Settings.load().cluster)

    return celery


def celery_config(settings: ClusterSettings) -> dict[str, object]:
    """Configuration of ``dagster_celery``'s executor, and of the workers that it talks to.

    Raises:
        BadInput: no broker, or not a Redis.
    """
    url = settings.broker.get_secret_value() if settings.broker else ""
    if not url.startswith(("redis://", "rediss://")):
        # The lease is written for Redis, which does not notice when a worker goes away.
        raise BadInput("CELERY_BROKER_URL", "is not the address of a Redis", "Set it to redis://:password@host:6379/0")
    return {
        "broker": url,
        "backend": url,
        "config_source": {
            "task_default_queue": GENERAL,
            "worker_prefetch_multiplier": 1,
            "broker_connection_retry_on_startup": True,
            "broker_transport_options": {
                "visibility_timeout": settings.lease,
                # Look every ten seconds for steps whose lease ran out, not every hundred.
                "unacked_restore_throttle": 1,
            },
        },
    }
