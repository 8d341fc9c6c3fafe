"""``mediaflow cast`` on the analysed sample: two people in three videos."""

from __future__ import annotations

import json
import re
import shutil
import struct
from pathlib import Path

import pytest

from support.installation import Installation

COLLINS, HOPPER = "Camille Roux", "Basile Énault"
"""What the two people of the sample are called here; nobody else is in it."""
ON = {"CAST": "on"}


@pytest.fixture
def home(processed: Installation, tmp_path: Path) -> Installation:
    """A copy of the analysed sample."""
    copy = Installation(tmp_path / "copy", processed.models)
    shutil.copytree(processed.home, copy.home)
    return copy


def say(home: Installation, *arguments: object, **environment: str) -> str:
    done = home.mediaflow(*arguments, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def name_both(home: Installation) -> None:
    """She is the first who is seen in the interview."""
    say(home, "name", home.project().key, "interview", f"obj_1={COLLINS}", f"obj_2={HOPPER}")


def proposals(home: Installation) -> dict[str, list[str]]:
    """Video to who is proposed there."""
    found: dict[str, list[str]] = {}
    for video, name in re.findall(r"^(\S+)  \S+: (.+)\?", say(home, "cast", "propose", home.project().key, **ON), re.M):
        found.setdefault(video, []).append(name)
    return found


def holding(folder: Path, *wanted: bytes) -> list[Path]:
    """Files that have any of it."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(part in path.read_bytes() for part in wanted)]


def traces(values: list[float]) -> list[bytes]:
    """The beginning of a vector as it may lie in a file."""
    two = values[:2]
    texts = [",".join(map(str, two)), ", ".join(map(str, two))]
    return [*(text.encode() for text in texts), struct.pack("<2f", *two), struct.pack("<2d", *two)]


@pytest.mark.slow
def test_while_it_is_off_nobody_is_remembered(home: Installation) -> None:
    name_both(home)
    for command in ("learn", "propose"):
        done = home.mediaflow("cast", command, home.project().key)
        assert done.returncode == 1
        assert done.stderr.startswith("CAST: is off: nobody is remembered by face or voice.")
    assert say(home, "cast", "list") == "nobody is remembered\n"
    assert not (home.layout.state / "cast").exists()


@pytest.mark.slow
def test_people_are_proposed_refused_and_forgotten(home: Installation, tmp_path: Path) -> None:
    key = home.project().key
    assert "nobody is named there yet" in say(home, "cast", "learn", key, **ON)
    assert not (home.layout.state / "cast").exists()
    name_both(home)
    journals = set(holding(home.home, COLLINS.encode()))
    assert journals
    learned = say(home, "cast", "learn", key, **ON)
    assert f"{COLLINS}: 6 pictures of the face" in learned
    assert proposals(home) == {"sub/silent.mov": [COLLINS], "b-roll.mp4": [HOPPER]}
    assert "nobody corrected anything" in say(home, "corrections", "show", key, "silent")

    exported = tmp_path / "people.json"
    say(home, "cast", "export", exported, "--name", COLLINS)
    assert exported.stat().st_mode & 0o777 == 0o600
    (person,) = json.loads(exported.read_text(encoding="utf-8"))
    values = traces(person["faces"][0]["values"])
    files = list((home.layout.state / "cast").glob("*.json"))
    assert len(files) == 2
    assert set(holding(home.home, *values, person["id"].encode())) == {
        home.layout.state / "cast" / f"{person['id']}.json"
    }

    say(home, "cast", "not-her", key, "silent", "obj_1", COLLINS)
    assert proposals(home) == {"b-roll.mp4": [HOPPER]}

    # The same person under another's name is asked about, and nothing of it is written.
    before = [path.read_bytes() for path in files]
    say(home, "name", key, "b-roll", f"{face_of(home, 'b-roll')}={COLLINS}")
    refused = home.mediaflow("cast", "learn", key, "b-roll", **ON)
    assert refused.returncode == 1
    assert "does not look like who is remembered by that name" in refused.stderr
    assert [path.read_bytes() for path in files] == before
    say(home, "corrections", "undo", key, "b-roll")

    say(home, "cast", "forget", COLLINS)
    assert holding(home.home, *values, person["id"].encode()) == []
    assert {path for path in holding(home.home, COLLINS.encode()) if path not in journals} <= set(
        home.layout.archives.glob("corrections/*/*.jsonl")
    )
    assert COLLINS not in say(home, "cast", "list")
    say(home, "cast", "forget", "--all")
    assert not (home.layout.state / "cast").exists()


@pytest.mark.slow
def test_a_name_that_is_taken_back_is_unlearned_by_learning_again(home: Installation) -> None:
    key = home.project().key
    name_both(home)
    say(home, "cast", "learn", key, **ON)
    say(home, "corrections", "undo", key, "interview")
    say(home, "cast", "learn", key, **ON)
    assert say(home, "cast", "list").count("faces of 0 videos, 0 voices") == 2
    assert proposals(home) == {}


def face_of(home: Installation, video: str) -> str:
    """The id that is proposed in a video."""
    said = say(home, "cast", "propose", home.project().key, video, **ON)
    found = re.search(r"^\S+  (\S+): ", said, re.M)
    assert found, said
    return found[1]
