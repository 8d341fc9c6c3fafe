"""The run that a new project gets."""

import dagster as dg

from mediaflow_assets.formats.manifest import Origin


def project_run(origin: Origin) -> dg.RunRequest:
    """One run for a project; Dagster drops a second request with the same key for ever."""
    return dg.RunRequest(
        run_key=f"{origin.project}:{origin.identity}",
        partition_key=origin.project,
        tags={
            "mediaflow/project": origin.project,
            "mediaflow/origin": origin.kind,
            # New projects before backfills (-10) and before what a person starts by hand (0).
            "dagster/priority": "10",
        },
    )
