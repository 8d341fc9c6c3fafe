"""Pages of videos of any length, from made documents: nothing is decoded."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from PIL import Image

from mediaflow_assets.core.timebase import frame_start, timecode
from mediaflow_assets.formats.timeline_json import Timeline
from mediaflow_assets.reporting.pages import write_video_page
from mediaflow_assets.reporting.sources import ProjectSource, VideoSource
from mediaflow_assets.reporting.statistics import compute_statistics
from mediaflow_assets.reporting.thumbnails import form_for

HOURS_4 = 4 * 3600 * 25


def timeline_of(frames: int, shot: int) -> Timeline:
    """Two speakers in turns, three faces, a shot every so many frames."""
    bounds = [(first, min(first + shot - 1, frames)) for first in range(1, frames + 1, shot)]
    turn = max(1, frames // 200)
    turns = [(first, min(first + turn - 1, frames)) for first in range(1, frames + 1, 2 * turn)]
    speakers = [turns[0::2], turns[1::2]]
    document = {
        "project_name": "13 Camille",
        "video_name": "film.mov",
        "metadata": {
            "duration_seconds": frames / 25,
            "total_frames": frames,
            "fps": 25.0,
            "width": 1920,
            "height": 1080,
            "has_audio": True,
        },
        "scenes": {
            "available": True,
            "count": len(bounds),
            "scenes": [
                {
                    "scene_number": number,
                    "start_frame": first,
                    "end_frame": last,
                    "start_timecode": timecode(first - 1),
                    "end_timecode": timecode(last - 1),
                    "start_time_seconds": frame_start(first),
                    "end_time_seconds": last / 25,
                }
                for number, (first, last) in enumerate(bounds, 1)
            ],
        },
        "audio": {
            "available": True,
            "segments": [],
            "segment_count": len(turns),
            "unique_speakers": ["SPEAKER_00", "SPEAKER_01"],
            "speaker_count": 2,
            "speakers": [
                {"label": f"SPEAKER_0{index}", "seconds": len(runs) * turn / 25, "intervals": runs}
                for index, runs in enumerate(speakers)
                if runs
            ],
        },
        "tracking": {
            "available": True,
            "summary": {
                "frames_with_faces": frames,
                "frames_with_speaking": 0,
                "max_faces_detected": 3,
                "face_coverage_percent": 100.0,
            },
            "tracks": [
                {
                    "id": f"obj_{index}",
                    "label": "face",
                    "frames": frames,
                    "intervals": [(1, frames)],
                    "speaking": speakers[index % 2] if index < 3 else [],
                }
                for index in (1, 2, 3)
            ],
        },
        "archive_probe_source": {
            kind: {"provenance": "project", "created_at": "2026-11-21T10:00:00+00:00"}
            for kind in ("scenes", "audio", "tracking")
        },
    }
    return msgspec.convert(document, Timeline)


def page_of(folder: Path, frames: int, shot: int = 125, pictures: bool = True) -> Path:
    """Write ``video.html`` of a video with so many frames."""
    timeline = timeline_of(frames, shot)
    project = ProjectSource("13_Camille", "13 Camille", "13 Camille", datetime(2026, 11, 21, 10, tzinfo=UTC), ())
    video = VideoSource("v0", "film.mov", "0" * 64)
    count = timeline.scenes.count
    shown = {number: picture(number, count) for number in range(1, count + 1)} if pictures else {}
    return write_video_page(
        folder / "video.html", project, video, timeline, compute_statistics(timeline), shown, {}, "fr"
    )


def picture(number: int, count: int) -> str:
    """A coloured picture in the form that a page with so many scenes has."""
    stream = io.BytesIO()
    form = form_for(count)
    Image.new("RGB", form.size, ((number * 37) % 256, (number * 91) % 256, 128)).save(stream, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
