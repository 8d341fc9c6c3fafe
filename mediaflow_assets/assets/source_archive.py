"""``source_archive``: the received archive, verified, in the project's downloads folder."""

import contextlib

import dagster as dg

from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.core.errors import BadInput, MediaflowError, Unavailable
from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.receive import receive
from mediaflow_assets.intake.uploads import Upload, same_archive
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

    A link from the webhook is downloaded, a file from the inbox is moved, any other file is copied;
    the folder of a past project stays where it is. What was received is never changed and by default
    never removed: every later asset can be rebuilt from it. A download has its own attempts; when the
    last one failed, the history says why and `mediaflow history retry` starts it again.
    """
    folders = workspace.project(context.partition_key)
    key, history = context.partition_key, workspace.history
    progress = project_progress(context, workspace)
    try:
        origin = read_document(folders.origin, Origin)
        received, path = receive(folders, lambda origin, folder: downloads.fetch(origin, folder, progress))
        same = [upload for upload in history.with_content(received.sha256) if upload.project not in ("", key)]
        _refuse_twin(history, origin, path.name, same)
        history.mark(key, "received", sha256=received.sha256, fingerprint=received.fingerprint)
    except MediaflowError as error:
        with contextlib.suppress(Unavailable):  # the history itself may be what is locked
            history.mark(key, "failed", reason=error.sentence)
        raise failed(error) from error
    except Exception as error:
        with contextlib.suppress(Unavailable):
            history.mark(key, "failed", reason=f"{type(error).__name__}: see the run")
        raise
    same_projects = ", ".join(upload.project for upload in same)
    if same:
        context.log.warning(f"The same archive was received before, as {same_projects}")
    return dg.MaterializeResult(
        metadata={
            "name": origin.name,
            "origin": origin.kind,
            "registered_at": origin.registered_at,
            "file": dg.MetadataValue.path(str(path)),
            "bytes": received.bytes,
            "sha256": received.sha256,
            "same_content_as": same_projects or "nothing received before",
        },
        data_version=dg.DataVersion(received.sha256),
    )


def _refuse_twin(history: History, origin: Origin, name: str, same: list[Upload]) -> None:
    """A link that brings what another project has already is no project of its own, unless a person says so.

    Raises:
        BadInput: the archive is here already.
    """
    is_first_run = any(upload.state in ("registered", "approved") for upload in history.of_project(origin.project))
    there = [upload for upload in same if upload.state in ("received", "delivered")]
    if origin.kind == "webhook" and is_first_run and there:
        error = same_archive(name, there[0])
        own = f"as a project of its own: mediaflow history retry {origin.project}"
        raise BadInput(error.subject, error.problem, f"{error.remedy}; {own}")
