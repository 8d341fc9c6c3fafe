"""The run that a project gets."""

import dagster as dg

from mediaflow_assets.formats.manifest import Origin


def project_run(origin: Origin, again: str = "") -> dg.RunRequest:
    """One run for a project; Dagster drops a second request with the same key for ever.

    Args:
        origin: of the project.
        again: makes the key of another run of the same project.
    """
    return dg.RunRequest(
        run_key=f"{origin.project}:{origin.identity}:{again}".rstrip(":"),
        partition_key=origin.project,
        tags={
            "mediaflow/project": origin.project,
            "mediaflow/origin": origin.kind,
            # New projects before backfills (-10) and before what a person starts by hand (0).
            "dagster/priority": "10",
        },
    )
