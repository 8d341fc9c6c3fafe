"""Every benchmark is listed with what it measures."""

from __future__ import annotations

import subprocess
import sys

from support.installation import REPOSITORY


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_the_list_names_each_with_a_sentence() -> None:
    lines = [line.split(maxsplit=1) for line in bench().stdout.splitlines()]
    assert {"faces.identity", "soak", "speech.diarization", "video.speed", "warm_models"} <= {line[0] for line in lines}
    assert [line for line in lines if len(line) < 2] == []


def test_an_unknown_name_is_wrong_usage() -> None:
    done = bench("faces.nothing")
    assert done.returncode == 2
    assert "faces.identity" in done.stderr


def test_one_says_what_it_needs() -> None:
    done = bench("speech.same_voice", "--help")
    assert done.returncode == 0, done.stderr
    assert "sage" in done.stdout
