"""Steps on Celery: the queue of each stage, and where the broker's password is not."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster_shared.serdes import serialize_value

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.definitions import defs
from mediaflow_assets.execution.cluster import ClusterSettings
from mediaflow_assets.jobs import process_project
from mediaflow_assets.orchestration import pools
from mediaflow_assets.orchestration.executor import celery_config
from mediaflow_assets.settings import Settings

BROKER = "redis://:the-password@127.0.0.1:6379/0"


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> dg.JobDefinition:
    """The job of a project on an installation with workers."""
    monkeypatch.setenv("MEDIAFLOW_EXECUTOR", "celery")
    monkeypatch.setenv("CELERY_BROKER_URL", BROKER)
    return defs().resolve_job_def(process_project.name)


@pytest.mark.parametrize("address", [None, "", "amqp://guest@127.0.0.1//", "127.0.0.1:6379"])
def test_an_address_that_is_no_redis_is_refused_by_name(address: str | None) -> None:
    settings = ClusterSettings.model_validate({"executor": "celery", "broker": address})
    with pytest.raises(BadInput, match="CELERY_BROKER_URL"):
        celery_config(settings)


def test_one_machine_runs_steps_in_the_run() -> None:
    assert defs().resolve_job_def(process_project.name).executor_def is dg.in_process_executor


def test_the_password_is_in_no_snapshot_of_a_job(job: dg.JobDefinition) -> None:
    assert job.executor_def.name == "celery"
    assert "the-password" not in serialize_value(job.get_job_snapshot())
    assert celery_config(Settings.load().cluster)["broker"] == BROKER


def test_only_stages_with_models_or_an_encoder_leave_the_first_machine(job: dg.JobDefinition) -> None:
    queues = {node.name: node.tags["dagster-celery/queue"] for node in job.nodes if "dagster-celery/queue" in node.tags}
    assert queues == {
        "video_25fps": pools.ENCODING,
        "scenes_csv": pools.INFERENCE,
        "audio_json": pools.INFERENCE,
        "tracking_json": pools.INFERENCE,
        "transcript_json": pools.INFERENCE,
    }


def test_workers_are_the_limit_and_not_the_pools() -> None:
    settings = Settings.load(env_file=None, environ={"MEDIAFLOW_EXECUTOR": "celery", "CPU_STEPS": "1"})
    limits = pools.limits(settings.compute, settings.cluster)
    assert min(limits[pools.INFERENCE], limits[pools.ENCODING]) >= 100
