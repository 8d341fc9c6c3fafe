"""The Celery application of a worker.

    celery -A mediaflow_assets.orchestration.celery_worker worker -Q inference --pool solo

``dagster-celery worker start`` does the same through a configuration file, but copies the broker's
password to the disk and leaves its child behind when it is killed.
"""

from __future__ import annotations

from dagster_celery.executor import CeleryExecutor
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_task

from mediaflow_assets.core.garbage import collect_rarely
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.execution.devices import wait_passively
from mediaflow_assets.orchestration.celery_lease import LeasedTask
from mediaflow_assets.orchestration.executor import celery_config
from mediaflow_assets.settings import Settings

telemetry_off()
wait_passively()
collect_rarely()
app = make_app(CeleryExecutor.for_cli(**celery_config(Settings.load().cluster)).app_args())

# Acknowledged when it is done, not when it arrives: the step of a killed process is not lost.
execute_plan = create_task(app, base=LeasedTask, acks_late=True, reject_on_worker_lost=True)
