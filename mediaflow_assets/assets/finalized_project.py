"""``finalized_project``: the delivery, complete and verified."""

import shutil

import dagster as dg

from mediaflow_assets.assets import reduced_json as reduced
from mediaflow_assets.assets import scenes_csv as scenes
from mediaflow_assets.assets.analysis import masters_of
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.extracted_archive import extracted_archive
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.delivery.finalize import CODE_VERSION, deliver, plan
from mediaflow_assets.errors import MediaflowError
from mediaflow_assets.formats.manifest import Extraction, read_document
from mediaflow_assets.partitions import projects
from mediaflow_assets.pools import ENCODING
from mediaflow_assets.resources.workspace import Workspace


@dg.asset(
    partitions_def=projects,
    deps=[extracted_archive, video_25fps, scenes.scenes_csv, reduced.reduced_json],
    group_name="delivery",
    kinds={"file"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=ENCODING,
)
@each_project
def finalized_project(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """The project as it is handed over: videos, scenes, reduced documents, all other files.

    Everything is copied to a hidden folder, read back, compared by SHA-256, and only then takes
    the place of an earlier delivery.
    """
    folders = workspace.project(context.partition_key)
    settings = workspace.settings.delivery
    try:
        extraction = read_document(folders.extraction, Extraction)
        masters = masters_of(folders)
        analyses = {}
        for video in masters:
            documents = {
                "scenes": folders.scenes / scenes.FILE.format(id=video.id),
                "audio": folders.reduced / reduced.AUDIO.format(id=video.id),
                "tracking": folders.reduced / reduced.TRACKING.format(id=video.id),
            }
            analyses[video.id] = {kind: path for kind, path in documents.items() if path.exists()}
        files = plan(folders, extraction, masters, analyses, settings)
        delivery = deliver(context.partition_key, files, settings, workspace.layout.home / "output")
    except MediaflowError as error:
        raise failed(error) from error
    for note in delivery.notes:
        context.log.warning(note)
    workspace.history.mark(context.partition_key, "delivered")
    if settings.retention != "keep":
        shutil.rmtree(folders.work)
    return dg.MaterializeResult(
        metadata={
            "folder": dg.MetadataValue.path(str(delivery.folder)),
            "status": "cached" if delivery.unchanged else "made",
            "files": len(delivery.files),
            "bytes": delivery.bytes,
            "notes": "; ".join(delivery.notes) or "none",
            "delivered": dg.MetadataValue.table(
                records=[
                    dg.TableRecord({"path": file.path, "bytes": file.bytes, "sha256": file.sha256})
                    for file in delivery.files[:200]
                ],
                schema=dg.TableSchema(
                    columns=[
                        dg.TableColumn("path", "string"),
                        dg.TableColumn("bytes", "int"),
                        dg.TableColumn("sha256", "string"),
                    ]
                ),
            ),
        },
        data_version=dg.DataVersion(delivery.version),
    )
