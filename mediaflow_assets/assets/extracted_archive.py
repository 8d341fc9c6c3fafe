"""``extracted_archive``: the archive's content, safely unpacked and listed."""

import contextlib
import hashlib
import time
from collections import Counter

import dagster as dg

from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.source_archive import source_archive
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.core.errors import BadInput, MediaflowError, Unavailable
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.execution.fanout import Status
from mediaflow_assets.execution.watchdog import Watched
from mediaflow_assets.formats.manifest import Extraction, Origin, SourceVideo, read_document
from mediaflow_assets.intake.contents import CODE_VERSION, unpack
from mediaflow_assets.intake.foreign import refuse_foreign_projects
from mediaflow_assets.intake.receive import content_of
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import ENCODING
from mediaflow_assets.resources.workspace import Workspace

BYTES_PER_SECOND = 10e6
"""An archive takes no longer without a sign of life than reading it at this rate, and STALL_SECONDS."""


@dg.asset(
    partitions_def=projects,
    deps=[source_archive],
    group_name="intake",
    kinds={"zip", "json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=ENCODING,
)
@each_project
def extracted_archive(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """Every file of the archive, and `manifest.json` that tells videos from other files.

    Extraction goes to a private folder that appears whole or not at all. Junk that macOS and
    Windows add is left out, a single root folder is flattened, hostile archives are refused.
    """
    folders = workspace.project(context.partition_key)
    try:
        refuse_foreign_projects(workspace.layout)
        extraction, cached = _unpacked(context, workspace, folders)
    except MediaflowError as error:
        if isinstance(error, BadInput):
            with contextlib.suppress(Unavailable):
                workspace.history.mark(context.partition_key, "failed", reason=error.sentence)
        raise failed(error) from error
    for remark in extraction.remarks:
        context.log.warning(remark)
    return dg.MaterializeResult(
        metadata={
            "videos": dg.MetadataValue.table(
                records=[_row(video) for video in extraction.videos],
                schema=dg.TableSchema(
                    columns=[
                        dg.TableColumn("path", "string"),
                        dg.TableColumn("picture", "string"),
                        dg.TableColumn("fps", "string"),
                        dg.TableColumn("seconds", "float"),
                        dg.TableColumn("sound", "string"),
                        dg.TableColumn("bytes", "int"),
                        dg.TableColumn("notes", "string"),
                    ]
                ),
            ),
            "dagster/row_count": len(extraction.videos),
            "other_files": len(extraction.others),
            "passed_over": "; ".join(extraction.remarks) or "nothing",
            "status": "cached" if cached else "made",
            "findings": dg.MetadataValue.json(dict(Counter(kind for kind, _ in extraction.findings))),
            "folder": dg.MetadataValue.path(str(folders.extracted)),
        },
        data_version=dg.DataVersion(_version(extraction)),
    )


@project_check(extracted_archive)
def no_security_findings(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Nothing in the archive had to be renamed, refused or left out for safety."""
    extraction = read_document(workspace.project(context.partition_key).extraction, Extraction)
    counts = Counter(kind for kind, _ in extraction.findings)
    return dg.AssetCheckResult(
        passed=not extraction.findings,
        severity=dg.AssetCheckSeverity.WARN,
        description=", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "nothing found",
        metadata={
            "counts": dg.MetadataValue.json(dict(counts)),
            "findings": dg.MetadataValue.json([list(finding) for finding in extraction.findings]),
        },
    )


def _unpacked(
    context: dg.AssetExecutionContext, workspace: Workspace, folders: ProjectFolders
) -> tuple[Extraction, bool]:
    """As :func:`unpack`, watched; of a download that cannot be used, the error says how to have it again."""
    origin = read_document(folders.origin, Origin)
    received, content = content_of(folders)
    intake = workspace.settings.intake
    stage, started = "extracted_archive", time.monotonic()
    status: Status = "failed"
    lengths = {content.name: received.bytes / BYTES_PER_SECOND}
    with Watched(project_progress(context, workspace, lengths), lengths, workspace.settings.stall) as progress:
        progress.start(stage, content.name, 1, 1)
        try:
            found = unpack(content, received.sha256, folders, intake.limits, intake.nested, progress.advance)
            status = "cached" if found[1] else "made"
        except BadInput as error:
            if origin.kind != "webhook":
                raise
            again = f"to download it anew: mediaflow history retry --again {folders.key}"
            remedy = f"{error.remedy}; {again}" if error.remedy else again
            raise BadInput(error.subject, error.problem, remedy) from error
        finally:
            progress.finish(stage, content.name, status, time.monotonic() - started)
    return found


def _row(video: SourceVideo) -> dg.TableRecord:
    facts = video.probe
    return dg.TableRecord(
        {
            "path": video.path,
            "picture": f"{facts.width}x{facts.height} {facts.codec}" if facts else "unreadable",
            "fps": facts.fps if facts else "",
            "seconds": round(facts.duration, 2) if facts else 0.0,
            "sound": (facts.audio_codec or "none") if facts else "",
            "bytes": video.bytes,
            "notes": video.problem or ", ".join(facts.notes if facts else ()),
        }
    )


def _version(extraction: Extraction) -> str:
    digest = hashlib.sha256()
    for file in extraction.files:
        digest.update(f"{file.sha256}  {file.path}\n".encode())
    return digest.hexdigest()
