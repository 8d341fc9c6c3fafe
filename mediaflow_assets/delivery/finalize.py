"""Delivering a project: copied to a hidden sibling, read back, compared, then renamed into place."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.errors import BadInput, Unavailable
from mediaflow_assets.files import contained, sha256_of, write_atomic
from mediaflow_assets.formats.manifest import Extraction, Master
from mediaflow_assets.layout import ProjectFolders

CODE_VERSION = "1"


@dataclass(frozen=True)
class DeliveredFile:
    """One file of the delivery: where it comes from and what it must contain."""

    source: Path
    path: str
    """POSIX path below the delivered project's folder."""
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Delivery:
    """A verified delivery."""

    folder: Path
    files: tuple[DeliveredFile, ...]
    notes: tuple[str, ...]
    unchanged: bool

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def version(self) -> str:
        """SHA-256 of the manifest: equal content, equal version."""
        return hashlib.sha256(_manifest(self.files).encode()).hexdigest()


def plan(
    folders: ProjectFolders,
    extraction: Extraction,
    masters: Sequence[Master],
    analyses: Mapping[str, Mapping[str, Path]],
    settings: DeliverySettings,
) -> list[DeliveredFile]:
    """Every file of the delivery.

    Args:
        analyses: video id to ``{"scenes" | "audio" | "tracking": file}``, for what exists.

    Raises:
        BadInput: a video is not ready by ``FINALIZE_MODE``; names each one and what it lacks.
    """
    _check_ready(folders.key, extraction, masters, analyses, settings)
    names = {"scenes": "{stem}.csv", "audio": "{stem}_audio.json", "tracking": settings.tracking_name}
    files: list[tuple[Path, str]] = []
    for master in masters:
        parent = PurePosixPath("docs") / PurePosixPath(master.source_path).parent
        files.append((folders.video / master.path, str(parent / f"{master.stem}.mp4")))
        for kind, path in analyses.get(master.id, {}).items():
            files.append((path, str(parent / names[kind].format(stem=master.stem))))
    files += [(folders.extracted / other.path, f"docs/{other.path}") for other in extraction.others]
    taken: dict[str, str] = {}
    for _, name in files:
        clash = taken.setdefault(name.casefold(), name)
        if clash is not name:
            raise BadInput(name, f"would be delivered over {clash}", "Rename one of the two in the archive")
    return [DeliveredFile(source, path, sha256_of(source), source.stat().st_size) for source, path in files]


def deliver(project: str, files: Sequence[DeliveredFile], settings: DeliverySettings, local_output: Path) -> Delivery:
    """Copy, verify and swap in; an identical delivery that is already there is left alone.

    Raises:
        Unavailable: no destination can be written, or it is too small.
        BadInput: the copy differs from its source after reading it back.
    """
    root, notes = choose_destination(settings, local_output)
    final = contained(root, project)
    if final.is_dir() and _holds(final, files):
        return Delivery(final, tuple(files), tuple(notes), unchanged=True)
    needed = sum(file.bytes for file in files)
    free = shutil.disk_usage(root).free
    if free < needed * 1.01 + (1 << 20):
        raise Unavailable(root, f"has {free} bytes free, the delivery needs {needed}", "Make room and run it again")
    for leftover in root.glob(f".{project}.*.incoming"):
        shutil.rmtree(leftover)
    incoming = root / f".{project}.{secrets.token_hex(4)}.incoming"
    try:
        for file in files:
            target = contained(incoming, file.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.source, target)
            with target.open("rb") as stream:
                os.fsync(stream.fileno())
            if sha256_of(target) != file.sha256:
                raise BadInput(file.path, f"was not copied right to {root}", "Check the disk and run it again")
        _write_bag(incoming, files, project)
        _swap(incoming, final)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return Delivery(final, tuple(files), tuple(notes), unchanged=False)


def choose_destination(settings: DeliverySettings, local_output: Path) -> tuple[Path, list[str]]:
    """The first destination that can be written, and what to say when it is not the first."""
    notes: list[str] = []
    candidates = [path for path in (settings.output, settings.fallback_output) if path]
    for candidate in [*candidates, local_output]:
        folder = candidate.expanduser().resolve()
        probe = folder / f".probe-{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            notes.append(f"{folder} cannot be written ({error.strerror}); the next destination is used")
            continue
        return folder, notes
    raise Unavailable(local_output, "and every other destination cannot be written", "Set OUTPUT_DIR")


def _check_ready(
    project: str,
    extraction: Extraction,
    masters: Sequence[Master],
    analyses: Mapping[str, Mapping[str, Path]],
    settings: DeliverySettings,
) -> None:
    converted = {master.source_path for master in masters}
    missing = [f"{video.path} (no 25-fps video)" for video in extraction.videos if video.path not in converted]
    for master in masters:
        have = set(analyses.get(master.id, {}))
        if settings.finalize_mode == "strict" and not {"scenes", "tracking"} <= have:
            missing.append(f"{master.source_path} (no {' and no '.join(sorted({'scenes', 'tracking'} - have))})")
        elif settings.finalize_mode == "lenient" and not have:
            missing.append(f"{master.source_path} (no analysis)")
    if missing:
        raise BadInput(
            project, f"is not ready ({settings.finalize_mode}): {', '.join(missing)}", "Materialize what is missing"
        )


def _holds(folder: Path, files: Sequence[DeliveredFile]) -> bool:
    """Whether a delivered folder already holds exactly these files; its manifest is its word."""
    manifest = folder / "manifest-sha256.txt"
    if not manifest.exists() or manifest.read_text(encoding="utf-8") != _manifest(files):
        return False
    return all((folder / file.path).is_file() and sha256_of(folder / file.path) == file.sha256 for file in files)


def _manifest(files: Sequence[DeliveredFile]) -> str:
    def escaped(path: str) -> str:
        return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")

    lines = sorted(f"{file.sha256}  {escaped(file.path)}" for file in files)
    return "".join(f"{line}\n" for line in lines)


def _write_bag(folder: Path, files: Sequence[DeliveredFile], project: str) -> None:
    """Manifest in the form of BagIt (RFC 8493), beside the payload instead of above it."""
    write_atomic(folder / "manifest-sha256.txt", _manifest(files))
    oxum = f"{sum(file.bytes for file in files)}.{len(files)}"
    today = datetime.now(UTC).date().isoformat()
    info = f"Bagging-Date: {today}\nExternal-Identifier: {project}\nPayload-Oxum: {oxum}\n"
    write_atomic(folder / "bag-info.txt", info)
    write_atomic(folder / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")


def _swap(incoming: Path, final: Path) -> None:
    """Put the verified copy in place; the old delivery is moved aside first and then removed."""
    old = final.with_name(f".{final.name}.{secrets.token_hex(4)}.replaced")
    if final.exists():
        final.replace(old)
    try:
        incoming.replace(final)
    except OSError:
        if old.exists():
            old.replace(final)
        raise
    shutil.rmtree(old, ignore_errors=True)
