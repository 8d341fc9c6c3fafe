"""Backfills: what is asked for is checked before anything is launched."""

from __future__ import annotations

import dagster as dg
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.definitions import defs
from mediaflow_assets.orchestration.backfills import keys_of_month, launch, put_first, run_config, stages_from
from mediaflow_assets.settings import Settings

KEYS = ["13_Camille_2026-10-31_23-59-59", "14_Camille_2026-11-01_00-00-00", "15_2026-10_2026-11-02_00-00-00-2"]


@pytest.fixture
def instance() -> dg.DagsterInstance:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("projects", KEYS)
    return instance


def test_stages_from_tracking_on() -> None:
    assert stages_from(defs(), "tracking_json") == [
        "finalized_project",
        "project_report",
        "reduced_json",
        "reframe_json",
        "review_json",
        "tracking_json",
    ]
    assert len(stages_from(defs(), "source_archive")) == 13
    with pytest.raises(BadInput, match="monthly_report"):
        stages_from(defs(), "monthly_report")


def test_settings_go_to_their_stage() -> None:
    config = run_config(Settings.load(), ["tracking_json"], {"FACES_MAX": "3"})
    assert config == {"ops": {"tracking_json": {"config": {"settings": {"FACES_MAX": "3"}}}}}
    assert run_config(Settings.load(), ["tracking_json"], {}) is None


@pytest.mark.parametrize(
    "changes", [{"SPEECH_NUM_SPEAKERS": "2"}, {"NOTHING": "1"}, {"FACES_MAX": "many"}, {"OUTPUT_DIR": "x"}]
)
def test_settings_that_do_not_fit_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        run_config(Settings.load(), ["tracking_json"], changes)


def test_months_are_those_of_registration() -> None:
    assert keys_of_month(KEYS, "2026-10") == KEYS[:1]
    assert keys_of_month(KEYS, "2026-11") == KEYS[1:]
    with pytest.raises(BadInput):
        keys_of_month(KEYS, "November")


def test_a_launched_backfill_is_known_to_dagster(instance: dg.DagsterInstance) -> None:
    name = launch(
        instance, defs(), Settings.load(), keys=KEYS[:2], first_stage="tracking_json", changes={}, title="again"
    )
    backfill = instance.get_backfill(name)
    assert backfill is not None
    assert backfill.title == "again"
    assert backfill.tags["dagster/priority"] == "-10"
    assert backfill.asset_selection is not None
    assert {key.to_user_string() for key in backfill.asset_selection} == set(stages_from(defs(), "tracking_json"))


@pytest.mark.parametrize("keys", [[], ["nobody"], [KEYS[0], "../x"]])
def test_unknown_projects_are_refused(instance: dg.DagsterInstance, keys: list[str]) -> None:
    with pytest.raises(BadInput, match="no such project"):
        launch(instance, defs(), Settings.load(), keys=keys, first_stage="tracking_json", changes={})


def test_no_queued_run_is_none_put_first(instance: dg.DagsterInstance) -> None:
    assert put_first(instance, KEYS[0]) == 0
