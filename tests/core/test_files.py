"""Whole files or none, and paths that stay where they belong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.files import atomic_path, contained, exclusive, remove_leftovers, sha256_of, write_atomic


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = write_atomic(tmp_path / "report.html", "old")
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_temporary_name_keeps_the_suffix_and_fits_any_name(tmp_path: Path) -> None:
    target = tmp_path / ("x" * 251 + ".mp4")
    with atomic_path(target) as temporary:
        assert temporary.suffix == ".mp4"
        temporary.write_bytes(b"frames")
    assert target.read_bytes() == b"frames"


def test_a_killed_writer_leaves_only_what_remove_leftovers_removes(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from mediaflow_assets.core.files import atomic_path\n"
        f"with atomic_path(Path({str(tmp_path)!r}) / 'a.json') as part:\n"
        "    part.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert not (tmp_path / "a.json").exists()
    assert len(remove_leftovers(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_has_one_owner_and_a_killed_owner_frees_it(tmp_path: Path) -> None:
    code = (
        "import os, signal, time; from pathlib import Path; from mediaflow_assets.core.files import exclusive\n"
        f"with exclusive(Path({str(tmp_path)!r})):\n    print('mine', flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "mine\n"
    with pytest.raises(Unavailable, match="another run"), exclusive(tmp_path):
        pass
    owner.kill()
    owner.communicate()
    with exclusive(tmp_path):
        pass


def test_who_is_patient_gets_the_folder_after_its_owner(tmp_path: Path) -> None:
    code = (
        "import time; from pathlib import Path; from mediaflow_assets.core.files import exclusive\n"
        f"with exclusive(Path({str(tmp_path)!r})):\n"
        "    print('mine', flush=True); time.sleep(1)\n"
        f"    Path({str(tmp_path / 'done')!r}).touch()"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "mine\n"
    with exclusive(tmp_path, lock_timeout=60):
        assert (tmp_path / "done").exists()
    owner.communicate()


def test_sha256(tmp_path: Path) -> None:
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    assert sha256_of(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("part", ["", ".", "..", "../x", "a/../../x", "/etc/passwd", "a\0b", "a/../..", "./."])
def test_hostile_parts_are_refused(tmp_path: Path, part: str) -> None:
    with pytest.raises(BadInput):
        contained(tmp_path, part)


def test_a_link_that_leaves_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to("/")
    with pytest.raises(BadInput):
        contained(tmp_path / "root", "out", "etc")


@given(st.text(min_size=1, max_size=40))
def test_whatever_is_accepted_stays_inside(part: str) -> None:
    root = Path("/srv/projects")
    try:
        target = contained(root, part)
    except BadInput:
        return
    assert target.is_relative_to(root)
    assert target != root


def test_received_files_are_no_leftovers(tmp_path: Path) -> None:
    received = tmp_path / "extracted" / ".film.part.mov"
    received.parent.mkdir()
    left = tmp_path / ".0a1b2c.part.json"
    for path in (received, left):
        path.write_bytes(b"x")
    assert remove_leftovers(tmp_path, below=False) == [left]
    assert received.exists()
    assert not left.exists()
