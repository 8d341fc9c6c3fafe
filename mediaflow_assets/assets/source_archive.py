"""``source_archive``: the received archive, verified, in the project's downloads folder."""

import dagster as dg

from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.intake.receive import receive
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import NETWORK
from mediaflow_assets.resources.downloads import Downloads
from mediaflow_assets.resources.workspace import Workspace


@dg.asset(
    partitions_def=projects,
    group_name="intake",
    kinds={"file"},
    owners=OWNERS,
    code_version="1",
    pool=NETWORK,
)
@each_project
def source_archive(
    context: dg.AssetExecutionContext, workspace: Workspace, downloads: Downloads
) -> dg.MaterializeResult[None]:
    """The archive as it was received, with its SHA-256.

    A link from the webhook is downloaded, a file from the inbox is moved, any other file is linked;
    the folder of a past project stays where it is. What was received is never changed and by default
    never removed: every later asset can be rebuilt from it. A download has its own attempts; when the
    last one failed, the history says why and ``mediaflow history retry`` starts it again.
    """
    folders = workspace.project(context.partition_key)
    try:
        origin = read_document(folders.origin, Origin)
        received, path = receive(folders, lambda origin, folder: downloads.fetch(origin, folder, context.log))
    except MediaflowError as error:
        workspace.history.mark(context.partition_key, "failed", reason=error.sentence)
        raise failed(error) from error
    except Exception as error:
        workspace.history.mark(context.partition_key, "failed", reason=f"{type(error).__name__}: see the run")
        raise
    workspace.history.mark(context.partition_key, "received", sha256=received.sha256, fingerprint=received.fingerprint)
    same = [
        upload.project
        for upload in workspace.history.with_content(received.sha256)
        if upload.project != context.partition_key
    ]
    if same:
        context.log.warning(f"The same archive was received before, as {', '.join(same)}")
    return dg.MaterializeResult(
        metadata={
            "name": origin.name,
            "origin": origin.kind,
            "registered_at": origin.registered_at,
            "file": dg.MetadataValue.path(str(path)),
            "bytes": received.bytes,
            "sha256": received.sha256,
            "same_content_as": ", ".join(same) or "nothing received before",
        },
        data_version=dg.DataVersion(received.sha256),
    )
