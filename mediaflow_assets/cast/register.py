"""The files of the cast register, readable by the user who runs the program alone."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from mediaflow_assets.cast.person import CastPerson
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path, exclusive, remove_leftovers
from mediaflow_assets.review.persons import folded

FOLDER = "cast"
_LOCK_SECONDS = 30


class CastRegister:
    """Everybody who is remembered.

    Args:
        state: the installation's ``state`` folder. Nothing is made in it before somebody is learned.
        days: after which a person who was not learned again is forgotten; 0: never.
    """

    def __init__(self, state: Path, days: int = 0) -> None:
        self.folder = state / FOLDER
        self._days = days

    def people(self) -> list[CastPerson]:
        """Everybody, by name; those whose time is over are forgotten first.

        Raises:
            BadInput: a file is damaged.
        """
        found = [self._read(path) for path in self._files()]
        kept = []
        for person in found:
            if self._is_over(person):
                self._path(person).unlink(missing_ok=True)
            else:
                kept.append(person)
        return sorted(kept, key=lambda person: folded(person.name))

    def find(self, name: str) -> CastPerson | None:
        """The person with this name, whatever its case."""
        return next((person for person in self.people() if folded(person.name) == folded(name)), None)

    def named(self, name: str) -> CastPerson:
        """The person with this name.

        Raises:
            BadInput: nobody has it.
        """
        person = self.find(name)
        if person is None:
            raise BadInput(repr(name), "is not in the cast register", "See: mediaflow cast list")
        return person

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Own the register while something is read, changed and saved."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        with exclusive(self.folder, _LOCK_SECONDS):
            # A killed process may have left a vector in one.
            remove_leftovers(self.folder)
            yield

    def save(self, person: CastPerson) -> None:
        """Write a person whole; within :meth:`writing`."""
        write_private(self._path(person), msgspec.json.encode(person))

    def forget(self, name: str) -> None:
        """Delete everything that is kept of a person: vectors, name and what was refused.

        Raises:
            BadInput: nobody has this name.
        """
        person = self.named(name)
        with self.writing():
            self._path(person).unlink(missing_ok=True)
        if not self._files():
            self.forget_all()

    def forget_all(self) -> None:
        """Delete the register."""
        if self.folder.is_dir():
            shutil.rmtree(self.folder)

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.json") if not path.name.startswith("."))

    def _path(self, person: CastPerson) -> Path:
        return self.folder / f"{person.id}.json"

    def _read(self, path: Path) -> CastPerson:
        try:
            return msgspec.json.decode(path.read_bytes(), type=CastPerson)
        except msgspec.DecodeError as error:
            # The decoder's words hold no value of the file.
            remedy = "Put it back from a backup, or remove the file"
            raise BadInput(path, f"is not a person of the cast register ({error})", remedy) from error

    def _is_over(self, person: CastPerson) -> bool:
        age = datetime.now(UTC) - datetime.fromisoformat(person.learned_at)
        return self._days > 0 and age > timedelta(days=self._days)


def new_person(name: str, by: str) -> CastPerson:
    """Somebody of whom nothing is known yet."""
    return CastPerson(id=secrets.token_hex(8), name=name, created_at=now(), learned_at=now(), by=by)


def now() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_private(path: Path, data: bytes) -> None:
    """Write a file whole that only its owner may read, at no moment anybody else."""
    with atomic_path(path) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_bytes(data)
