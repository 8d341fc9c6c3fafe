"""What workers load in the tests of the lease: the settings and the task of real workers, without a graph."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from dagster_celery.executor import CeleryExecutor
from dagster_celery.make_app import make_app

from mediaflow_assets.orchestration.celery_lease import LeasedTask
from mediaflow_assets.orchestration.executor import celery_config
from mediaflow_assets.settings import Settings

app = make_app(CeleryExecutor.for_cli(**celery_config(Settings.load().cluster)).app_args())


@app.task(name="work", base=LeasedTask, acks_late=True, reject_on_worker_lost=True)
def work(log: str, seconds: float) -> int:
    """Say who does it, and take a while; a negative while is the death of the worker."""
    with Path(log).open("a") as stream:
        stream.write(f"{os.getpid()}\n")
    if seconds < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
    return os.getpid()
