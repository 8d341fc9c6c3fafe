"""The code location as Dagster sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.definitions import defs
from mediaflow_assets.orchestration.partitions import projects

REPOSITORY = Path(__file__).resolve().parent.parent
GROUPS = {
    "source_archive": "intake",
    "extracted_archive": "intake",
    "video_25fps": "video",
    "scenes_csv": "analysis",
    "audio_json": "analysis",
    "tracking_json": "analysis",
    "transcript_json": "analysis",
    "corrections": "review",
    "review_json": "review",
    "reduced_json": "delivery",
    "reframe_json": "delivery",
    "finalized_project": "delivery",
    "project_report": "reporting",
    "monthly_report": "reporting",
    "system_status": "operations",
    "webhook_links": "intake",
}
OBSERVED = {"system_status", "webhook_links"}
"""Not made by a stage: only looked at."""


def specs() -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs().resolve_all_asset_specs()}


def test_every_asset_of_the_design_exists_in_its_group() -> None:
    assert {name: spec.group_name for name, spec in specs().items()} == GROUPS


@pytest.mark.parametrize("name", sorted(GROUPS.keys() - OBSERVED))
def test_a_node_tells_its_story(name: str) -> None:
    spec = specs()[name]
    assert spec.description
    assert spec.owners
    assert spec.kinds
    assert spec.code_version
    assert spec.partitions_def is not None


def test_lineage_is_the_designs() -> None:
    edges = {(dep.asset_key.to_user_string(), name) for name, spec in specs().items() for dep in spec.deps}
    assert {
        ("source_archive", "extracted_archive"),
        ("extracted_archive", "video_25fps"),
        ("video_25fps", "scenes_csv"),
        ("video_25fps", "audio_json"),
        ("video_25fps", "tracking_json"),
        ("scenes_csv", "tracking_json"),
        ("audio_json", "tracking_json"),
        ("video_25fps", "corrections"),
        ("corrections", "review_json"),
        ("scenes_csv", "review_json"),
        ("audio_json", "review_json"),
        ("tracking_json", "review_json"),
        ("review_json", "reduced_json"),
        ("review_json", "reframe_json"),
        ("reduced_json", "finalized_project"),
        ("tracking_json", "reframe_json"),
        ("reframe_json", "finalized_project"),
        ("finalized_project", "project_report"),
    } <= edges


def test_loading_imports_nothing_heavy() -> None:
    heavy = ["torch", "cv2", "mediapipe", "pyannote.audio", "av", "onnxruntime", "insightface", "scipy", "pandas"]
    code = (
        "import json, sys; from mediaflow_assets.definitions import defs; defs();"
        f"print(json.dumps([name for name in {heavy!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
    assert done.stderr == "", "loading the code location should not warn"


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["dagster", "definitions", "validate", "-w", "workspace.yaml"], ["dg", "check", "defs"]]
)
def test_dagsters_own_validation_passes(command: list[str]) -> None:
    tool = Path(sys.executable).parent / command[0]
    done = subprocess.run([str(tool), *command[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_assets_together_are_one_project() -> None:
    """``dagster asset materialize --select '*' --partition KEY``: nothing in it has other partitions."""
    graph = defs().get_repository_def()
    every = dg.AssetSelection.from_coercible(["*"]).resolve(graph.asset_graph)
    assert {asset.to_user_string() for asset in every} == GROUPS.keys() - OBSERVED - {"monthly_report"}
    job = graph.get_implicit_job_def_for_assets(every)
    assert job is not None
    assert job.partitions_def == projects


@pytest.mark.parametrize(
    "name", ["scenes_csv", "audio_json", "tracking_json", "transcript_json", "reduced_json", "reframe_json"]
)
def test_a_document_says_what_is_in_it(name: str) -> None:
    schema = specs()[name].metadata["dagster/column_schema"]
    assert schema.columns
    assert all(column.description for column in schema.columns)
