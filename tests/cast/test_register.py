"""The files of the register."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from mediaflow_assets.cast.register import CastRegister, new_person
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path


def test_reading_makes_nothing(tmp_path: Path) -> None:
    register = CastRegister(tmp_path)
    assert register.people() == []
    register.forget_all()
    assert not any(tmp_path.iterdir())


def test_only_the_owner_reads_and_no_file_name_names_anybody(tmp_path: Path) -> None:
    register = CastRegister(tmp_path)
    with register.writing():
        register.save(new_person("Camille Roux", "me"))
    (file,) = register.folder.glob("*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    assert register.folder.stat().st_mode & 0o777 == 0o700
    assert "amille" not in file.name
    assert register.named("camille  ROUX").name == "Camille Roux"


def test_the_last_one_forgotten_takes_the_folder_along(tmp_path: Path) -> None:
    register = CastRegister(tmp_path)
    with register.writing():
        register.save(new_person("Anna", "me"))
        register.save(new_person("Ben", "me"))
    register.forget("Anna")
    assert [person.name for person in register.people()] == ["Ben"]
    register.forget("Ben")
    assert not any(tmp_path.iterdir())
    with pytest.raises(BadInput, match="'Ben': is not in the cast register"):
        register.forget("Ben")


def test_what_a_killed_process_left_is_nobody_and_is_forgotten_too(tmp_path: Path) -> None:
    register = CastRegister(tmp_path)
    with register.writing():
        register.save(new_person("Anna", "me"))
        register.save(new_person("Ben", "me"))
    with atomic_path(register.folder / "anna.json") as temporary:
        temporary.write_text('{"name": "An')
        left = shutil.copyfile(temporary, temporary.with_name(temporary.name.replace(".", ".0", 1)))
    (register.folder / "anna.json").unlink()
    assert [person.name for person in register.people()] == ["Anna", "Ben"]
    register.forget("Anna")
    assert not left.exists()


def test_who_was_not_learned_again_for_so_many_days_is_forgotten(tmp_path: Path) -> None:
    before = (datetime.now(UTC) - timedelta(days=31)).isoformat(timespec="seconds")
    register = CastRegister(tmp_path, days=0)
    with register.writing():
        register.save(msgspec.structs.replace(new_person("Anna", "me"), learned_at=before))
        register.save(new_person("Ben", "me"))
    assert len(register.people()) == 2
    assert [person.name for person in CastRegister(tmp_path, days=30).people()] == ["Ben"]
    assert len(list(register.folder.glob("*.json"))) == 1


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    register = CastRegister(tmp_path)
    register.folder.mkdir()
    (register.folder / "0123456789abcdef.json").write_text("{")
    with pytest.raises(BadInput, match=r"0123456789abcdef\.json: is not a person of the cast register"):
        register.people()
