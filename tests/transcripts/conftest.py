"""A project with one converted video of twelve seconds in which two people talk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.assets.audio_json import audio_json
from mediaflow_assets.assets.transcript_json import transcript_json
from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.formats.manifest import Master, Masters, Origin, write_document
from mediaflow_assets.resources.compute import Compute
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sample.ingredients import DIALOGUE, locate
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform
from tests.speech.conftest import MediaMaker


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolders:
    folders = Layout(FolderSettings(home=tmp_path / "home")).project("p")
    folders.video.mkdir(parents=True)
    waveform = read_waveform(locate(DIALOGUE))
    assert waveform is not None
    sound = waveform.samples[None, 6 * SAMPLE_RATE : 18 * SAMPLE_RATE]
    made = MediaMaker(tmp_path)("v.mp4", [(0, sound)], codec="aac", picture=(0, 300))
    content = made.rename(folders.video / "v.mp4").read_bytes()
    video = Master(
        id="v",
        source_path="v.mov",
        source_sha256="0" * 64,
        path="v.mp4",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        total_frames=300,
        width=32,
        height=32,
        has_audio=True,
    )
    write_document(folders.video / "manifest.json", Masters(project="p", videos=(video,)))
    origin = Origin(
        project="p", name="P", kind="file", registered_at="2026-11-21T10:00:00+00:00", identity="sha256:0", filename="p"
    )
    write_document(folders.origin, origin)
    return folders


class Graph:
    """Speech and words of the project, made as a run makes them; settings come from the environment."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance

    def materialize(self, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            list(assets or (audio_json, transcript_json)),
            instance=self._instance,
            partition_key="p",
            resources={
                "workspace": Workspace(),
                "compute": Compute(workspace=Workspace()),
                "engines": Engines(),
            },
            raise_on_error=False,
        )

    @staticmethod
    def made_anew(result: dg.ExecuteInProcessResult, asset: str) -> int:
        """How many documents of an asset were neither in the work folder nor in the store."""
        (event,) = result.asset_materializations_for_node(asset)
        made = event.metadata["made"].value
        assert isinstance(made, int)
        return made


@pytest.fixture
def graph(project: ProjectFolders) -> Graph:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("projects", ["p"])
    return Graph(instance)
