"""Where the stages of a run say how far they are: log or terminal, ``progress.json`` and ``status.json``."""

import contextlib
from collections.abc import Mapping

import dagster as dg

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.execution.fanout import Progress
from mediaflow_assets.execution.progress import ProgressFile, StageProgress, progress_for
from mediaflow_assets.orchestration.project_states import show_running
from mediaflow_assets.resources.workspace import Workspace


def project_progress(
    context: dg.AssetExecutionContext, workspace: Workspace, lengths: Mapping[str, float] | None = None
) -> Progress:
    """The progress of a stage on the project that ``context`` is about.

    Args:
        lengths: video stem to its length in seconds.
    """
    folders = workspace.project(context.partition_key)

    def show(progress: StageProgress) -> None:
        with contextlib.suppress(MediaflowError, OSError):
            show_running(folders, progress)

    return progress_for(context.log, ProgressFile(folders.downloads, context.run_id, lengths, show))
