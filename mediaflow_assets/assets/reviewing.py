"""The review of a video that this run, or the last one, made: all stages after it read the same one."""

from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.readiness import review_digest
from mediaflow_assets.execution.fanout import load_record
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.review.document import Review, read_review


def made_review(folders: ProjectFolders, video: Master) -> Review | None:
    """The review document of a video; None where nobody corrected anything.

    Raises:
        BadInput: it is damaged.
    """
    record = load_record(folders.review, video.id)
    if record is None or review_digest(folders, video) is None:
        return None
    return read_review(folders.review / record.outputs["review"].path)
