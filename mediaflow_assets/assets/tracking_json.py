"""``tracking_json``: every face and object of every frame, who they are, and who speaks."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from mediaflow_assets.assets import document_schemas
from mediaflow_assets.assets.analysis import Analysis, Subject, analysis_asset, made_in
from mediaflow_assets.assets.audio_json import audio_json
from mediaflow_assets.assets.checks import every_video_check, project_check
from mediaflow_assets.assets.scenes_csv import scenes_csv
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.execution.fanout import Progress, Report
from mediaflow_assets.faces.face_sheet import face_sheet
from mediaflow_assets.faces.identity.reidentification import chosen_embedder
from mediaflow_assets.faces.registries import SPEAKING_MODES
from mediaflow_assets.faces.speaking.associated import uses_faces
from mediaflow_assets.faces.track import CODE_VERSION, track_video
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.formats.details import FaceDetails, TrackingDetails
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.formats.tracking_json import read_tracking_metadata
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.speech.voiceprint import MODEL as VOICE_MODEL


@analysis_asset(
    kind="tracking",
    settings="faces",
    needs=("scenes", "audio"),
    deps=[video_25fps, scenes_csv, audio_json],
    kinds={"mediapipe", "json"},
    code_version=CODE_VERSION,
    columns=(
        "frames",
        "coverage",
        "most_faces",
        "ids",
        "frames_with_speaking",
        "speaking_share",
        "speakers",
        "frames_per_second",
        "ms_per_frame",
    ),
    metadata=document_schemas.TRACKING,
)
def tracking_json(subject: Subject) -> Analysis:
    """Faces and objects of each video, frame by frame (full document)."""
    settings, compute, models = subject.settings.faces, subject.settings.compute, subject.models
    engine = subject.engines.faces(settings, models, compute)
    objects = subject.engines.objects(settings, models, compute)
    embedder = chosen_embedder(settings, models)
    other_models = (
        *(objects.models if objects else ()),
        *SPEAKING_MODES.get(settings.speaking_mode).models,
        *([embedder.model] if embedder else ()),
        *([VOICE_MODEL] if settings.speaking_mode != "fused" and uses_faces(settings, models) else ()),
    )
    parameters = settings.recipe() | {"other_models": {name: models.sha256(name) for name in other_models}}

    def make(video: Master, target: Path, progress: Progress) -> Mapping[str, object]:
        return track_video(
            subject.picture(video),
            video.total_frames,
            subject.document("scenes", video),
            subject.document("audio", video),
            target,
            engine,
            objects,
            settings,
            models,
            compute.thread_count(),
            progress.advance,
        )

    def picture(report: Report[Master]) -> bytes | None:
        return face_sheet(
            (subject.picture(one.video), (one.video.width, one.video.height), one.record.details_as(FaceDetails).faces)
            for one in report.made
            if one.record is not None
        )

    return Analysis(engine, parameters, make, picture=picture)


every_video_is_tracked = every_video_check(tracking_json, "tracking")


@project_check(tracking_json, blocking=True)
def frame_counts_agree(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Video, scenes, audio and tracking of each video have the same number of frames."""
    folders = workspace.project(context.partition_key)
    wrong = {}
    for video, _ in made_in(folders, "tracking"):
        counts = {
            "video": video.total_frames,
            "scenes": read_scenes(folders.document("scenes", video.id))[-1].last,
            "audio": read_audio_head(folders.document("audio", video.id)).total_frames,
            "tracking": read_tracking_metadata(folders.document("tracking", video.id)).total_frames,
        }
        if len(set(counts.values())) != 1:
            wrong[video.source_path] = counts
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": dg.MetadataValue.json(wrong)})


@project_check(tracking_json)
def no_face_left_out(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """No frame shows more faces than FACES_MAX."""
    made = made_in(workspace.project(context.partition_key), "tracking")
    counts = {video.source_path: record.details_as(TrackingDetails).frames_over_faces_max for video, record in made}
    crowded = {path: count for path, count in counts.items() if count}
    return dg.AssetCheckResult(
        passed=not crowded,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"frames_with_more_faces": dg.MetadataValue.json(crowded)},
    )


MAX_SOUND_OFFSET = 80
"""Milliseconds; what people begin to notice (ITU-R BT.1359 puts it at 45 early and 125 late)."""


@project_check(tracking_json)
def sound_in_sync(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Where a face speaks for long enough, the sound is at most 80 ms before or after its mouth."""
    made = made_in(workspace.project(context.partition_key), "tracking")
    offsets = {video.source_path: record.details_as(TrackingDetails).sound_offset_ms for video, record in made}
    known = {path: offset for path, offset in offsets.items() if offset is not None}
    wrong = [
        f"{path}: the sound comes {abs(offset)} ms {'after' if offset > 0 else 'before'} the picture."
        for path, offset in known.items()
        if abs(offset) > MAX_SOUND_OFFSET
    ]
    return dg.AssetCheckResult(
        passed=not wrong,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(wrong) or None,
        metadata={"milliseconds_after_the_picture": dg.MetadataValue.json(known)},
    )


@project_check(tracking_json)
def face_found(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every video shows at least one face."""
    made = made_in(workspace.project(context.partition_key), "tracking")
    none = [video.source_path for video, record in made if not record.details_as(TrackingDetails).frames_with_face]
    return dg.AssetCheckResult(
        passed=not none, severity=dg.AssetCheckSeverity.WARN, metadata={"no_face": dg.MetadataValue.json(none)}
    )
