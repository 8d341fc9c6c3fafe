"""A path of its own for every delivered file.

Received names are kept. Where two files would have the same path, the later one gets a name that
says where it comes from, or a number; a video and its documents always move together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from mediaflow_assets.delivery.names import NameRules

ROOT = "docs"


class Places:
    """Hands out paths under ``docs/`` that are free at the destination.

    Args:
        rules: what the destination does with names.
    """

    def __init__(self, rules: NameRules) -> None:
        self._rules = rules
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def take(self, received: str, stem: str, endings: Mapping[str, str]) -> dict[str, str]:
        """Paths for the files that belong to one received file.

        Args:
            received: path of the received file in the archive.
            stem: its name without what ``endings`` replace.
            endings: what each file is, to what its name has after the stem: ``_audio.json``.

        Returns:
            The same keys to POSIX paths below the delivered project's folder.
        """
        for folder, wish in _wishes(PurePosixPath(received), stem, endings.values()):
            parts = [self._rules.fit(part, "") for part in folder.parts]
            paths = {
                key: PurePosixPath(ROOT, *parts, self._rules.fit(wish, ending)).as_posix()
                for key, ending in endings.items()
            }
            if self._claim(paths.values()):
                return paths
        raise AssertionError("the wishes have no end")

    def _claim(self, paths: Collection[str]) -> bool:
        files = {self._rules.key(path) for path in paths}
        folders = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents}
        if len(files) < len(paths) or files & (self._files | self._folders) or folders & self._files:
            return False
        self._files |= files
        self._folders |= folders
        return True


def wanted(received: str, stem: str, ending: str) -> str:
    """The path of a file where every name is allowed and no other file has it."""
    folder, wish = next(_wishes(PurePosixPath(received), stem, ()))
    return PurePosixPath(ROOT, folder, wish + ending).as_posix()


def _wishes(received: PurePosixPath, stem: str, endings: Collection[str]) -> Iterator[tuple[PurePosixPath, str]]:
    """(folder, stem) in the order of preference, without end.

    An archive of a delivered project has a ``docs`` folder of its own: its files go into ours.
    """
    folder = received.parent
    if folder.parts and folder.parts[0].casefold() == ROOT:
        folder = PurePosixPath(*folder.parts[1:])
        yield folder, stem
    yield received.parent, stem
    if received.suffix not in endings:
        yield folder, received.name
    number = 2
    while True:
        yield folder, f"{stem}~{number}"
        if folder.parts:
            # The first one, because any of its sub-folders may be where a file is.
            yield PurePosixPath(f"{folder.parts[0]}~{number}", *folder.parts[1:]), stem
        number += 1
