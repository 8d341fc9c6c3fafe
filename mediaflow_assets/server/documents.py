"""The video that a page is about, with the documents that are there now."""

from __future__ import annotations

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.reporting.reviewed import present_with
from mediaflow_assets.reporting.sources import ProjectSource, VideoSource, find_project, project_source
from mediaflow_assets.review.present import Present
from mediaflow_assets.server.site import Site, is_key


def project_of(site: Site, key: str) -> ProjectSource:
    """A project by its key, or by the name of its folder in the store.

    Raises:
        BadInput: there is none.
    """
    if is_key(key) and site.layout.project(key).origin.exists():
        return project_source(site.layout, site.store, key)
    return find_project(site.layout, site.store, key)


def video_with_content(site: Site, sha256: str, key: str = "") -> tuple[ProjectSource, VideoSource]:
    """A received video by its content.

    Args:
        sha256: of the received file.
        key: the project that is meant, when the content was sent several times; the newest of the store otherwise.

    Raises:
        BadInput: no project has it.
    """
    keys = [key] if key else [found.metadata.project or found.folder.parent.name for found in site.store.find(sha256)]
    for wanted in dict.fromkeys(keys):
        project = project_of(site, wanted)
        for video in project.videos:
            if video.sha256 == sha256:
                return project, video
    raise BadInput(sha256[:12], "is not a video of this installation", "Reload the page")


def present_of(video: VideoSource) -> Present:
    """The documents that corrections are made on.

    Raises:
        BadInput: nothing says how long the 25-fps video is.
    """
    if video.master is None:
        raise BadInput(video.path, video.problem or "has no 25-fps video any more", "Send it again")
    return present_with(video.master, video.documents)
