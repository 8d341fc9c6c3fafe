"""Moving in: what there is in the replaced installation, and copying it.

Nothing of the replaced installation is written, moved or linked to; its database is read from a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.legacy_history import LegacyHistory, read_legacy
from mediaflow_assets.migration.analyses import Analyses, copy_analyses, find_analyses
from mediaflow_assets.migration.env_file import Translation, translate

PROJECTS = "projets_extraits"
_SIGNS = (PROJECTS, "archives", "download_history.sqlite3", "download_history.json", ".env", "config", "logs")
"""What lies in an installation of it; any one is enough to be looked at."""


@dataclass
class Migration:
    """One replaced installation, and what of it was or would be taken over."""

    folder: Path
    settings: Translation
    histories: dict[Path, LegacyHistory]
    analyses: Analyses
    archives: Path
    projects: Path
    project_names: tuple[str, ...] = ()
    """Folders in its work folder that hold something."""
    written: list[str] = field(default_factory=list)
    """A sentence for each thing that was written."""

    @property
    def links(self) -> dict[str, str | None]:
        """Every link that was fetched, to the earliest time stamp."""
        found: dict[str, str | None] = {}
        for history in self.histories.values():
            for key, stamp in history.rows.items():
                times = [time for time in (found.get(key), stamp) if time]
                found[key] = min(times, default=None)
        return found


def read_installation(folder: Path, zone: tzinfo | Literal["local"] = "local") -> Migration:
    """Look at the installation in ``folder``; nothing is written.

    Args:
        zone: of the time stamps in its history, which it wrote in local time without saying so.

    Raises:
        BadInput: there is no such installation in it, or a file of it cannot be read.
    """
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise BadInput(folder, "is no folder", "Name the folder of the replaced application")
    if not any((folder / name).exists() for name in _SIGNS):
        signs = ", ".join(_SIGNS)
        raise BadInput(folder, "is no installation of the replaced application", f"One of these is in it: {signs}")
    settings = translate(folder)
    base = _place(folder, settings.base.get("BASE_PATH_SCRIPTS_ENV"), folder)
    archives = _place(base, settings.base.get("ARCHIVES_DIR"), base / "archives")
    projects = _place(base, settings.base.get("PROJECTS_DIR"), base / PROJECTS)
    database = _place(base, settings.base.get("DOWNLOAD_HISTORY_DB_PATH"), base / "download_history.sqlite3")
    documents = dict.fromkeys((database, base / "download_history.sqlite3", base / "download_history.json"))
    histories = {path: read_legacy(path, zone) for path in documents if path.is_file() and path.stat().st_size}
    return Migration(
        folder=folder,
        settings=settings,
        histories=histories,
        analyses=find_analyses(archives, projects),
        archives=archives,
        projects=projects,
        project_names=_project_names(projects),
    )


def refuse_overlap(migration: Migration, layout: Layout, store: Path, history: Path) -> None:
    """Refuse to write into what is to be taken over.

    Raises:
        BadInput: a folder of this installation is, holds or lies in one of the replaced installation.
    """
    for old in (migration.folder, migration.archives, migration.projects):
        for ours in (layout.home, store, layout.work, layout.state, history.parent):
            real = ours.resolve()
            if real == old or real.is_relative_to(old) or old.is_relative_to(real):
                raise BadInput(ours, f"and the replaced installation ({old}) overlap", "Set MEDIAFLOW_HOME elsewhere")


def carry_out(
    migration: Migration,
    layout: Layout,
    history: History,
    env_file: Path,
    progress: Callable[[str], None] = lambda said: None,
) -> None:
    """Write our ``.env``, the history and the analyses; may be run again, and then adds what is new.

    An ``env_file`` that is there with another content stays as it is.

    Raises:
        BadInput: see :func:`refuse_overlap`.
    """
    refuse_overlap(migration, layout, layout.archives, history.path)
    text = migration.settings.text(migration.folder)
    if env_file.exists() and env_file.read_text(encoding="utf-8") != text:
        migration.written.append(f"{env_file} is there and stays; what it would have held is in the report")
    elif not env_file.exists():
        write_atomic(env_file, text)
        env_file.chmod(0o600)  # it may hold keys
        migration.written.append(f"{env_file} with {len(migration.settings.values)} settings")
    links = migration.links
    if links:
        new = history.add(links.items(), "past", "fetched by the replaced application", "migrated")
        migration.written.append(f"{new} links into the history, {len(links) - new} were in it")
    copy_analyses(migration.analyses, layout.archives, progress)
    done = migration.analyses
    migration.written.append(f"{done.copied} files into {layout.archives}, {done.known} were there")


def _place(base: Path, said: str | None, otherwise: Path) -> Path:
    return (base / Path(said).expanduser()).resolve() if said else otherwise


def _project_names(projects: Path) -> tuple[str, ...]:
    if not projects.is_dir():
        return ()
    folders = (path for path in projects.iterdir() if path.is_dir() and not path.name.startswith((".", "_temp_")))
    return tuple(sorted(path.name for path in folders if any(path.rglob("*"))))
