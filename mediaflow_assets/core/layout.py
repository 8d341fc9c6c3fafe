"""Where everything lies: the folders under ``MEDIAFLOW_HOME`` and those of one project."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mediaflow_assets.core.files import contained
from mediaflow_assets.core.options import OptionGroup, env


class FolderSettings(OptionGroup):
    """Folders. Each one can be moved away from ``MEDIAFLOW_HOME`` on its own."""

    home: Path = env("MEDIAFLOW_HOME", default=Path("mediaflow_home"), doc="Root of all folders below.")
    inbox: Path | None = env("INBOX_DIR", default=None, doc="Archives dropped here become projects.")
    downloads: Path | None = env("DOWNLOADS_DIR", default=None, doc="Received archives, one folder per project.")
    work: Path | None = env("WORK_DIR", default=None, doc="Working files, one folder per project.")
    archives: Path | None = env("ARCHIVES_DIR", default=None, doc="Analysis store, by content hash.")
    reports: Path | None = env("REPORTS_DIR", default=None, doc="HTML reports.")
    state: Path | None = env("STATE_DIR", default=None, doc="Upload history (SQLite).")
    dagster: Path | None = env(
        "MEDIAFLOW_DAGSTER_HOME", default=None, doc="Dagster's own folder (runs, events, schedules)."
    )
    umask: str = env(
        "MEDIAFLOW_UMASK",
        default="027",
        pattern="^0?[0-7]{3}$",
        operational=True,
        doc="Permissions taken from new files (octal).",
    )
    dagster_yaml: Path | None = env(
        "MEDIAFLOW_DAGSTER_YAML", default=None, doc="Settings of the Dagster instance, instead of the project's own."
    )


DOCUMENTS = {"scenes": "{id}.csv", "audio": "{id}_audio.json", "tracking": "{id}_tracking.json"} | {
    "transcripts": "{id}_transcript.json"
}
"""Kind of analysis to the name of a video's full document in the folder of that kind."""


@dataclass(frozen=True)
class ProjectFolders:
    """The folders of one project. Nothing is created here; whoever writes creates."""

    key: str
    downloads: Path
    work: Path
    reports: Path

    @property
    def origin(self) -> Path:
        return self.downloads / "origin.json"

    @property
    def received(self) -> Path:
        """What was received, written when all of it is there."""
        return self.downloads / "received.json"

    @property
    def extracted(self) -> Path:
        return self.work / "extracted"

    @property
    def extraction(self) -> Path:
        """The manifest beside the extracted files, not among them: an archive may hold any name."""
        return self.work / "manifest.json"

    @property
    def video(self) -> Path:
        return self.work / "video"

    @property
    def scenes(self) -> Path:
        return self.work / "scenes"

    @property
    def audio(self) -> Path:
        return self.work / "audio"

    @property
    def tracking(self) -> Path:
        return self.work / "tracking"

    @property
    def reduced(self) -> Path:
        return self.work / "reduced"

    @property
    def review(self) -> Path:
        """What people's corrections mean for the documents of each video."""
        return self.work / "review"

    @property
    def reframe(self) -> Path:
        return self.work / "reframe"

    def analysis(self, kind: str) -> Path:
        """Folder of one kind of analysis: ``scenes``, ``audio``, ``tracking``, ``transcripts``."""
        return self.work / kind

    def document(self, kind: str, video_id: str) -> Path:
        """Full document of one video, whether or not it is there."""
        return self.analysis(kind) / DOCUMENTS[kind].format(id=video_id)


class Layout:
    """All folders as absolute paths."""

    def __init__(self, settings: FolderSettings) -> None:
        self.home = settings.home.expanduser().resolve()
        self._settings = settings

    def _folder(self, name: str) -> Path:
        moved: Path | None = getattr(self._settings, name)
        return moved.expanduser().resolve() if moved else self.home / name

    @cached_property
    def inbox(self) -> Path:
        return self._folder("inbox")

    @cached_property
    def downloads(self) -> Path:
        return self._folder("downloads")

    @cached_property
    def work(self) -> Path:
        return self._folder("work")

    @cached_property
    def archives(self) -> Path:
        return self._folder("archives")

    @cached_property
    def reports(self) -> Path:
        return self._folder("reports")

    @cached_property
    def state(self) -> Path:
        return self._folder("state")

    @cached_property
    def dagster(self) -> Path:
        return self._folder("dagster")

    def project(self, key: str) -> ProjectFolders:
        """Folders of the project with partition key ``key``; raises BadInput for a hostile key."""
        return ProjectFolders(
            key=key,
            downloads=contained(self.downloads, key),
            work=contained(self.work, key),
            reports=contained(self.reports, key),
        )
