"""Whether the process of a run has another project after it, for which engines are kept loaded."""

from __future__ import annotations

from collections.abc import Mapping

from mediaflow_assets.execution.cluster import ClusterSettings

LAST_TAG = "mediaflow/last"
"""Of the run of the last project that ``mediaflow run`` was given."""
_ORIGIN_TAG = "mediaflow/origin"


def is_last_use(tags: Mapping[str, str], cluster: ClusterSettings) -> bool:
    """Whether a stage of this run, once done, is not asked for again by the same process.

    A run of the daemon is a process of its own. Workers of a cluster go on with other runs, as do ``mediaflow run``
    with further projects and whoever calls Dagster from Python.

    Args:
        tags: of the run.
    """
    if cluster.executor != "in_process":
        return False
    return LAST_TAG in tags or tags.get(_ORIGIN_TAG, "run") != "run"
