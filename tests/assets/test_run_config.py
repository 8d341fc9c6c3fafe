"""What the launchpad offers, refuses before a launch, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.assets.run_config import VideosConfig, changes_of, config_of
from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.definitions import defs
from mediaflow_assets.faces.registries import FACE_ENGINES
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.orchestration import launch_check
from mediaflow_assets.orchestration.launch_check import check_launch
from mediaflow_assets.settings import Settings, table


def refused(**config: object) -> str:
    """What Dagster says of a run config of tracking_json before the launch; nothing when it is right."""
    job = defs().resolve_job_def("process_project")
    try:
        dg.validate_run_config(job, {"ops": {"tracking_json": {"config": config}}})
    except dg.DagsterInvalidConfigError as error:
        return str(error)
    return ""


def test_each_setting_is_a_described_field_of_its_type_and_engines_are_a_choice() -> None:
    fields = config_of("faces", VideosConfig).model_fields
    rows = [row for row in table() if row.group == "faces" and not row.secret]
    assert {row.names[0] for row in rows} <= set(fields)
    for row in rows:
        assert (fields[row.names[0]].description or "").startswith(row.description)
    assert refused(TRACKING_ENGINE="opencv_yunet", FACES_MAX=3, again=["*"]) == ""
    assert "TRACKING_ENGIN" in refused(TRACKING_ENGIN="opencv_yunet")
    assert "TRACKING_ENGINE" in refused(TRACKING_ENGINE="nobody")
    assert "FACES_MAX" in refused(FACES_MAX="many")


def test_no_secret_can_be_typed_into_a_run() -> None:
    secret = {row.names[0] for row in table() if row.secret}
    groups = {row.group for row in table()}
    offered = {name for group in groups for name in config_of(group, VideosConfig).model_fields}
    assert secret
    assert not secret & offered


def test_typed_fields_and_texts_are_the_same_changes() -> None:
    kind = config_of("faces", VideosConfig)
    engine = FACE_ENGINES.names[0]
    config = kind(settings={"FACES_MAX": "2", "TRACKING_ENGINE": "x"}, TRACKING_ENGINE=engine)
    assert changes_of(config) == {"FACES_MAX": "2", "TRACKING_ENGINE": engine}
    assert changes_of(kind()) == {}


def test_ranges_are_refused_before_a_launch() -> None:
    settings = Settings.load()
    check_launch(settings, ["tracking_json"], {"ops": {"tracking_json": {"config": {"FACES_MAX": 3}}}})
    with pytest.raises(BadInput, match="max"):
        check_launch(settings, ["tracking_json"], {"ops": {"tracking_json": {"config": {"FACES_MAX": -3}}}})


def test_an_engine_without_its_model_or_library_is_refused(
    monkeypatch: pytest.MonkeyPatch, model_store: ModelStore
) -> None:
    settings = Settings.load()
    chosen = {"ops": {"tracking_json": {"config": {"TRACKING_ENGINE": "insightface"}}}}
    check_launch(settings, ["reduced_json"], {})
    with pytest.raises(Unavailable, match=r"models fetch|is not installed"):
        check_launch(settings, ["tracking_json"], chosen)
    monkeypatch.setattr(launch_check, "_is_installed", lambda library: False)
    with pytest.raises(Unavailable, match="insightface, which is not installed"):
        check_launch(settings, ["tracking_json"], chosen)


def test_transcripts_without_their_model_are_refused(tmp_path: Path) -> None:
    settings = Settings.load(
        env_file=None, environ={"MEDIAFLOW_HOME": str(tmp_path), "MEDIAFLOW_MODELS_DIR": str(tmp_path)}
    )
    check_launch(settings, ["transcript_json"], {})
    chosen = {"ops": {"transcript_json": {"config": {"SPEECH_TRANSCRIBE": "whisper"}}}}
    with pytest.raises(Unavailable, match="mediaflow models fetch whisper-base"):
        check_launch(settings, ["transcript_json"], chosen)
