"""Engines are kept for another project, where the same process has one."""

from __future__ import annotations

import pytest

from mediaflow_assets.execution.cluster import ClusterSettings
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.orchestration.last_use import LAST_TAG, is_last_use
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.scenes.settings import SceneSettings


@pytest.mark.parametrize(
    ("tags", "last"),
    [
        ({"mediaflow/origin": "run"}, False),
        ({"mediaflow/origin": "run", LAST_TAG: "yes"}, True),
        ({"mediaflow/origin": "webhook"}, True),
        ({"mediaflow/origin": "backfill"}, True),
        ({}, False),
    ],
)
def test_the_process_of_a_run_of_the_daemon_and_the_last_project_of_a_command_need_no_engine_again(
    tags: dict[str, str], last: bool
) -> None:
    assert is_last_use(tags, ClusterSettings()) is last


def test_workers_of_a_cluster_go_on_with_other_runs() -> None:
    assert not is_last_use({"mediaflow/origin": "webhook"}, ClusterSettings(executor="celery"))


def test_an_engine_that_was_let_go_is_made_anew(model_store: ModelStore) -> None:
    asked = SceneSettings(), model_store, ComputeSettings()
    engine = Engines().scenes(*asked)
    assert Engines().scenes(*asked) is engine
    Engines().let_go("audio")
    assert Engines().scenes(*asked) is engine
    Engines().let_go("scenes")
    assert Engines().scenes(*asked) is not engine
