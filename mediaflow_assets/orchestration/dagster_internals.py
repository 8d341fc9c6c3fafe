"""Everything of Dagster that is private to it, in one place; each has a test that fails when it changes.

The pinned version has these and no public way to the same thing.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import dagster as dg

# The tag that holds the data version of a materialization that a step logs itself.
from dagster._core.definitions.data_version import DATA_VERSION_TAG

# What a decorator makes of a function.
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction

# What a step fails with when a blocking check does not pass: it names the checks in its further lines.
from dagster._core.errors import DagsterAssetCheckFailedError, DagsterExecutionInterruptedError

# Dagster's own command can only backfill whole jobs; the asset backfill that its UI starts is made by these.
from dagster._core.execution.backfill import PartitionBackfill
from dagster._core.execution.plan.objects import StepFailureData

# What a launcher of runs is given, and what it answers to Dagster's run monitoring.
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, WorkerStatus

# Turning a sensor on and off before the daemon has ever seen it, and without loading the code location for it.
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)

# The queue of runs; a class of ours in dagster.yaml is a kind of it.
from dagster._core.run_coordinator.base import SubmitRunContext
from dagster._core.run_coordinator.queued_run_coordinator import QueuedRunCoordinator, RunQueueConfig
from dagster._core.scheduler.instigation import InstigatorState, InstigatorType, SensorInstigatorData
from dagster._core.scheduler.instigation import InstigatorStatus as SensorStatus

# The tag of a run that a launcher started by a code server, with the address of that.
from dagster._core.storage.tags import GRPC_INFO_TAG as LAUNCHED_BY
from dagster._core.utils import make_new_backfill_id

from mediaflow_assets.core.errors import BadInput, Interrupted, Unavailable
from mediaflow_assets.execution.progress import WHEN_WAITING

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp

__all__ = [
    "DATA_VERSION_TAG",
    "LAUNCHED_BY",
    "RETRY_CURSOR",
    "CheckRunHealthResult",
    "LaunchRunContext",
    "PartitionBackfill",
    "QueuedRunCoordinator",
    "RunQueueConfig",
    "SensorStatus",
    "StepFailureData",
    "SubmitRunContext",
    "WorkerStatus",
    "check_function",
    "is_stopped",
    "is_waiting",
    "make_new_backfill_id",
    "process_of_run",
    "reason",
    "run_dagster_dev",
    "sensor_states",
    "serve_dagster_ui",
    "set_sensor",
    "sleep_while_waiting",
]

RETRY_CURSOR = f"EVENT_LOG_CONSUMER_CURSOR-{dg.DagsterEventType.RUN_FAILURE.value}"
"""Up to which event the daemon has looked for failed runs to start again."""
WAITING = "waits_for"
"""Metadata of a failure that is none: a delivery waits for a person."""


def check_function(check: dg.AssetChecksDefinition) -> Callable[..., dg.AssetCheckResult]:
    """The function that ``@dg.asset_check`` made a check of; it has no public way back."""
    function = check.op.compute_fn
    if not isinstance(function, DecoratedOpFunction):
        raise TypeError(f"{check.op.name} was not made by a decorator")
    return function.decorated_fn


def process_of_run(instance: dg.DagsterInstance, run_id: str) -> int | None:
    """The pid that the process of a launched run wrote into the first event of its own; None before that."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        event = entry.get_dagster_event()
        pid = event.engine_event_data.metadata.get("pid")
        begun = (event.message or "").startswith("Started process for run")
        if begun and isinstance(pid, dg.TextMetadataValue) and pid.text:
            return int(pid.text)
    return None


def reason(failure: StepFailureData) -> str:
    """Why a step failed, in one line: the sentence if there is one, else the first cause."""
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    if error is None:
        return "it failed"
    ours = {kind.__name__ for kind in (BadInput, Unavailable, Interrupted)}
    while error.cause is not None and error.cls_name not in ours:
        error = error.cause
    line, *rest = error.message.strip().splitlines() or ["it failed"]
    if error.cls_name == DagsterAssetCheckFailedError.__name__ and rest:
        names = ", ".join(name.strip() for name in rest)
        return f"a check found it wrong ({names}). See what is wrong at the check in the Dagster UI."
    return line.partition(": ")[2] if error.cls_name in ours else line


def is_waiting(failure: StepFailureData) -> bool:
    """Whether a step failed because its delivery waits for a person (see ``WAITING``)."""
    return failure.user_failure_data is not None and WAITING in failure.user_failure_data.metadata


def is_stopped(failure: StepFailureData) -> bool:
    """Whether a step was ended by a signal or a person."""
    error = failure.error
    while error is not None:
        if error.cls_name == DagsterExecutionInterruptedError.__name__:
            return True
        error = error.cause
    return False


def serve_dagster_ui(guarded: Callable[[Starlette], ASGIApp]) -> None:
    """What the command ``dagster-webserver`` does, with its options, and something before its application."""
    from dagster_webserver import cli

    name = "create_app_from_workspace_process_context"
    make_app = getattr(cli, name)

    def make_guarded(*arguments: object, **options: object) -> ASGIApp:
        return guarded(make_app(*arguments, **options))

    setattr(cli, name, make_guarded)
    cli.cli(auto_envvar_prefix="DAGSTER_WEBSERVER")


def run_dagster_dev(web_server: str) -> None:
    """What ``dagster dev`` does, with its options, and another module in place of its web server's."""
    from dagster._cli import dev

    name = "open_ipc_subprocess"
    start = getattr(dev, name)

    def start_ours(parts: Sequence[str], **options: object) -> object:
        return start([web_server if part == "dagster_webserver" else part for part in parts], **options)

    setattr(dev, name, start_ours)
    # Nobody called ``dagster dev``, and the dagster.yaml of the checkout is what was put into DAGSTER_HOME.
    warnings.filterwarnings("ignore", message="Function `dev_command` is superseded")
    logging.getLogger("dagster").addFilter(lambda record: "dagster.yaml) in the current" not in record.getMessage())
    dev.dev_command(auto_envvar_prefix="DAGSTER")


LOCATION = "mediaflow"
"""Name of the code location, in every ``workspace.yaml``."""


def sensor_states(instance: dg.DagsterInstance, name: str) -> list[InstigatorState]:
    """What is stored of a sensor: nothing while it is as its definition says."""
    states = instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
    return [state for state in states if state.instigator_name == name]


def set_sensor(instance: dg.DagsterInstance, name: str, status: SensorStatus) -> None:
    """Turn a sensor on or off, as its switch in the UI does."""
    states = sensor_states(instance, name)
    for state in states:
        instance.update_instigator_state(state.with_status(status))
    if not states:
        repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), "__repository__")
        origin = RemoteInstigatorOrigin(repository, name)
        instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, status, SensorInstigatorData()))


def sleep_while_waiting() -> None:
    """Let a run that waits for a place in a pool sleep.

    Dagster asks how long it is until the next try and is told ``min(0, ...)``, so that its
    in-process executor keeps a core busy for as long as it waits (dagster-io/dagster#20367, not
    merged; still so in 1.13.27). Told the truth, it sleeps.
    """
    from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext

    def until_next_try(self: InstanceConcurrencyContext) -> float:
        if (tell := WHEN_WAITING.get()) is not None:
            tell()
        return max(0.0, min(self._pending_timeouts.values(), default=0.0) - time.time())

    InstanceConcurrencyContext.interval_to_next_pending_claim_check = until_next_try  # type: ignore[method-assign]  # a patch
