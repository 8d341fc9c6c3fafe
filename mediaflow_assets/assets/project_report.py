"""``project_report``: what is in the project, for people."""

from pathlib import Path

import dagster as dg
import msgspec

from mediaflow_assets.assets import audio_json as audio
from mediaflow_assets.assets import scenes_csv as scenes
from mediaflow_assets.assets import tracking_json as tracking
from mediaflow_assets.assets.analysis import masters_of
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.finalized_project import finalized_project
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.errors import MediaflowError
from mediaflow_assets.files import sha256_of, write_atomic
from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.partitions import projects
from mediaflow_assets.reporting.html import write_project_report
from mediaflow_assets.reporting.statistics import compute_statistics
from mediaflow_assets.reporting.timeline import build_timeline
from mediaflow_assets.resources.workspace import Workspace


@dg.asset(
    partitions_def=projects,
    deps=[finalized_project],
    group_name="reporting",
    kinds={"html", "json"},
    owners=OWNERS,
    code_version="1",
)
@each_project
def project_report(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """HTML report of the project, and one timeline document per video."""
    folders = workspace.project(context.partition_key)
    settings = workspace.settings.reports
    videos = []
    try:
        origin = read_document(folders.origin, Origin)
        for video in masters_of(folders):
            documents = {
                "scenes": folders.scenes / scenes.FILE.format(id=video.id),
                "audio": folders.audio / audio.FILE.format(id=video.id),
                "tracking": folders.tracking / tracking.FILE.format(id=video.id),
            }
            timeline = build_timeline(
                origin.name, video, {kind: path for kind, path in documents.items() if path.exists()}
            )
            write_atomic(
                folders.reports / f"{video.id}_timeline.json",
                msgspec.json.format(msgspec.json.encode(timeline), indent=1),
            )
            videos.append(
                {"name": Path(video.source_path).name, "timeline": timeline, "statistics": compute_statistics(timeline)}
            )
        report = write_project_report(
            folders.reports / "report.html", context.partition_key, origin.name, videos, settings.language
        )
    except MediaflowError as error:
        raise failed(error) from error
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.path(str(report)),
            "link": dg.MetadataValue.url(f"http://127.0.0.1:{settings.port}/{context.partition_key}/report.html"),
            "videos": len(videos),
        },
        data_version=dg.DataVersion(sha256_of(report)),
    )
