"""``corrections``: what people said about the videos of a project, beside the analyses."""

import hashlib

import dagster as dg

from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.reviewed import journal_of
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.review.state import NOTHING, fold

CODE_VERSION = "1"


@dg.asset(
    partitions_def=projects,
    deps=[video_25fps],
    group_name="review",
    kinds={"json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
)
@each_project
def corrections(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """What people said about each video of the project: names, merged and split people, cuts, words.

    The journals lie beside the analysis store, by the content of the received video; a run only reads them. A video
    that is sent again brings its corrections with it.
    """
    rows, digests = [], []
    try:
        source = project_source(workspace.layout, workspace.analyses, context.partition_key)
    except MediaflowError as error:
        raise failed(error) from error
    for video in source.videos:
        try:
            versions = journal_of(workspace.layout, video.sha256).versions()
        except BadInput as error:
            rows.append((video.path, 0, "", "", 0, error.sentence))
            digests.append(f"{video.sha256}=damaged")
            continue
        state = fold(versions)
        last = versions[-1] if versions else None
        digests.append(f"{video.sha256}={state.digest}")
        at, by = (last.at, last.by) if last else ("", "")
        rows.append((video.path, len(versions), by, at, len(state.said), ""))
    nothing = all(digest.endswith(f"={NOTHING}") for digest in digests)
    version = NOTHING if nothing else hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
    columns = [
        dg.TableColumn(name, kind)
        for name, kind in (
            ("video", "string"),
            ("versions", "int"),
            ("last by", "string"),
            ("at", "string"),
            ("edits", "int"),
            ("problem", "string"),
        )
    ]
    names = [column.name for column in columns]
    records = [dg.TableRecord(dict(zip(names, row, strict=True))) for row in rows]
    return dg.MaterializeResult(
        metadata={
            "videos": dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns=columns)),
            "edits": sum(row[4] for row in rows),
        },
        data_version=dg.DataVersion(version),
    )


@project_check(corrections)
def journal_is_whole(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every version of every journal names the one before it, and none was changed."""
    broken = {}
    for video in project_source(workspace.layout, workspace.analyses, context.partition_key).videos:
        try:
            journal_of(workspace.layout, video.sha256).versions()
        except BadInput as error:
            broken[video.path] = error.sentence
    return dg.AssetCheckResult(
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR,
        description=" | ".join(broken.values()) or None,
        metadata={"broken": dg.MetadataValue.json(broken)},
    )
