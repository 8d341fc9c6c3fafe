"""What is wrong with a run, seen before its launch: values that are not allowed, missing models and libraries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib.util import find_spec

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.orchestration.required_models import chosen_engines, require_models
from mediaflow_assets.settings import Settings, table

STAGE_OF_GROUP = {
    "video": "video_25fps",
    "scenes": "scenes_csv",
    "speech": "audio_json",
    "faces": "tracking_json",
    "transcripts": "transcript_json",
    "reframe": "reframe_json",
    "delivery": "finalized_project",
    "reports": "project_report",
}
"""Which asset a group of settings belongs to."""


def check_launch(settings: Settings, stages: Collection[str], run_config: Mapping[str, object]) -> None:
    """See that the stages of a run can work as they are told to.

    Args:
        stages: assets of the run.
        run_config: of Dagster: ``ops``, stage, ``config``.

    Raises:
        BadInput: a setting is not of its stage, or its value is not allowed.
        Unavailable: a chosen engine's library or model is not here.
    """
    names = {row.names[0] for row in table()}
    groups = {stage: group for group, stage in STAGE_OF_GROUP.items()}
    for stage, told in _table(run_config.get("ops")).items():
        config = _table(_table(told).get("config"))
        typed = {name: str(value) for name, value in config.items() if name in names and value is not None}
        changes = {**{name: str(value) for name, value in _table(config.get("settings")).items()}, **typed}
        if changes and stage in groups:
            settings = settings.override(groups[stage], changes)
    for engine in chosen_engines(settings, stages):
        absent = [name for name in getattr(engine, "libraries", ()) if not _is_installed(name)]
        if absent:
            raise Unavailable(
                engine.name,
                f"needs {', '.join(absent)}, which is not installed",
                "See docs/models.md, or choose another",
            )
    require_models(settings, ModelStore(store_folder(settings.models, Layout(settings.folders).home)), stages)


def _is_installed(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:  # of ``a.b`` there is no ``a``
        return False


def _table(value: object) -> Mapping[str, object]:
    """A part of a run configuration; nothing where it is left out."""
    return value if isinstance(value, Mapping) else {}
