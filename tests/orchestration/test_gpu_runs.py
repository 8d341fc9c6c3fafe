"""A run that uses a GPU says so, whoever started it; the GPU is simulated."""

import os
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.definitions import defs
from mediaflow_assets.execution import devices
from mediaflow_assets.execution.devices import ComputeSettings, Gpu, visible
from mediaflow_assets.orchestration.gpu_runs import GPU_TAG, MODEL_STAGES, gpu_tags
from mediaflow_assets.orchestration.pools import INFERENCE
from mediaflow_assets.resources.compute import Compute
from mediaflow_assets.resources.workspace import Workspace

H200 = Gpu(index=0, name="NVIDIA H200", memory_total=150_000_000_000, memory_free=140_000_000_000)
FULL = Gpu(index=1, name="NVIDIA A10", memory_total=24_000_000_000, memory_free=100_000_000)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Free memory of a simulated GPU; change it and ask again."""
    memory = [140_000_000_000]
    monkeypatch.setattr(devices, "gpus", lambda: (H200.model_copy(update={"memory_free": memory[0]}),))
    return memory


def made_by_hand(monkeypatch: pytest.MonkeyPatch, device: str) -> dg.DagsterRun:
    """A run that somebody started in the UI with a node that has models."""
    monkeypatch.setenv("MEDIAFLOW_DEVICE", device)

    @dg.asset
    def scenes_csv(context: dg.AssetExecutionContext, compute: Compute) -> None:
        compute.tag_run(context)

    workspace = Workspace()
    with dg.instance_for_test() as instance:
        resources = {"workspace": workspace, "compute": Compute(workspace=workspace)}
        result = dg.materialize([scenes_csv], instance=instance, resources=resources)
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        return run


def test_a_run_started_by_hand_is_tagged_by_its_first_step_with_models(
    free: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert GPU_TAG in made_by_hand(monkeypatch, "auto").tags
    assert GPU_TAG not in made_by_hand(monkeypatch, "cpu").tags


def test_without_a_gpu_no_run_is_tagged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpus", lambda: ())
    assert GPU_TAG not in made_by_hand(monkeypatch, "auto").tags


def test_only_runs_that_are_nothing_but_gpu_work_wait_for_each_other(free: list[int]) -> None:
    compute = ComputeSettings()
    assert gpu_tags(compute, ["tracking_json", "reduced_json"]) == {GPU_TAG: "only"}
    assert gpu_tags(compute, ["video_25fps", "tracking_json"]) == {GPU_TAG: "some"}
    assert gpu_tags(compute, ["reduced_json", "project_report"]) == {}


def test_every_stage_in_the_pool_of_models_is_known_and_has_the_processors() -> None:
    graph = defs().resolve_asset_graph()
    found = {
        node.key.to_user_string(): node.assets_def
        for node in graph.asset_nodes
        if node.is_executable and INFERENCE in node.pools
    }
    assert found.keys() <= MODEL_STAGES
    for name, definition in found.items():
        assert "compute" in definition.required_resource_keys, name


def test_free_memory_is_asked_each_time(free: list[int]) -> None:
    with dg.build_resources({"compute": Compute(workspace=Workspace())}) as resources:
        compute: Compute = resources.compute
        assert compute.gpus[0].memory_free == 140_000_000_000
        free[0] = 1_000_000_000
        assert compute.gpus[0].memory_free == 1_000_000_000
        assert "1.0 of 150.0 GB free" in str(compute.metadata()["gpus"].value)
        assert compute.on_gpu
        assert compute.pools[INFERENCE] == 1


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        (None, [H200, FULL]),
        ("", []),
        ("-1", []),
        ("1", [FULL]),
        ("1,0", [FULL, H200]),
        ("0,7,1", [H200]),
        ("GPU-bb", [FULL]),
    ],
)
def test_cuda_visible_devices_is_obeyed(chosen: str | None, left: list[Gpu]) -> None:
    assert list(visible([("GPU-aa11", H200), ("GPU-bb22", FULL)], chosen)) == left


def test_a_mask_of_one_core_is_one_thread(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert ComputeSettings().thread_count() == 1
    finally:
        os.sched_setaffinity(0, before)
    assert ComputeSettings(threads=3).thread_count() == 3
