"""Face tracks in the form of the MOT Challenge (2D MOT 2015): ``gt/gt.txt`` and ``seqinfo.ini``.

One line per box: frame, id, left, top, width, height, confidence, and three times -1 for the
missing 3D position. Frames, ids and pixels count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mediaflow_assets.core.decimals import decimal_text
from mediaflow_assets.core.files import atomic_path, write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.documents import frames_of, is_reduced
from mediaflow_assets.reporting.exports import ExportSource, named
from mediaflow_assets.review.streams import reviewed_tracking
from mediaflow_assets.scenes.exports import printable


def write(source: ExportSource, stem: Path) -> Path:
    """Write the folder ``<stem>_mot`` and return its list, which is empty when there are no boxes."""
    folder = named(stem, "_mot")
    target = folder / "gt" / "gt.txt"
    with atomic_path(target) as temporary, temporary.open("w", encoding="ascii") as stream:
        stream.writelines(_lines(source))
    info = {
        "name": printable(stem.name),
        "imDir": "img1",
        "frameRate": FPS,
        "seqLength": source.total_frames,
        "imWidth": source.timeline.metadata.width,
        "imHeight": source.timeline.metadata.height,
        "imExt": ".jpg",
    }
    lines = [f"{name}={value}\n" for name, value in info.items()]
    write_atomic(folder / "seqinfo.ini", "[Sequence]\n" + "".join(lines))
    return target


def _lines(source: ExportSource) -> Iterator[str]:
    document = source.video.documents.get("tracking")
    if document is None or is_reduced(document.path):
        return
    ids: dict[str, int] = {}
    for frame in reviewed_tracking(frames_of(document.path), source.video.review):
        for item in frame.get("tracked_objects") or ():
            if item["label"] != "face":
                continue
            number = ids.setdefault(item["id"], len(ids) + 1)
            # 0 would mark a box to be ignored, and some engines give no confidence.
            confidence = item.get("confidence") or 1
            yield (
                f"{frame['frame']},{number},{item['bbox_xmin'] + 1},{item['bbox_ymin'] + 1},"
                f"{item['bbox_width']},{item['bbox_height']},{decimal_text(confidence)},-1,-1,-1\n"
            )
