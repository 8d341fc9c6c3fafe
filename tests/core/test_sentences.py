"""Every sentence that a person reads, by one rule: named once, nothing of the inside, what to do."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted, Unavailable, plain
from mediaflow_assets.execution.failures import sentence_of

PACKAGE = Path(__file__).resolve().parents[2] / "mediaflow_assets"
KINDS = ("BadInput", "Unavailable", "Interrupted")
WITHIN = (
    "assets/video_25fps.py",  # the probe's own sentence, remedy included
    "intake/transfer.py",  # parts of the sentence "could not be downloaded (…)"
    "intake/transport.py",
    "modelstore/sources.py",  # parts of the sentence "could not be fetched (…)"
    "video/",  # a video's row ends with what can always be done
)
INSIDE = re.compile(r"\[Errno|0x[0-9a-f]{6}|\d{7,}|/tmp/|/work/|\.part\b|\.unpack|Traceback")


def errors_of_the_package() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                yield f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}", node


def test_every_error_says_what_to_do() -> None:
    silent = []
    for place, call in errors_of_the_package():
        starred = any(isinstance(argument, ast.Starred) for argument in call.args)
        if starred or place.startswith(WITHIN):
            continue
        remedies = [*call.args[2:3], *(keyword.value for keyword in call.keywords if keyword.arg == "remedy")]
        if not remedies or (isinstance(remedies[0], ast.Constant) and not remedies[0].value):
            silent.append(f"{place}: {ast.unparse(call)}")
    assert silent == []


def test_no_error_has_the_name_of_its_file_in_its_problem_too() -> None:
    doubled = []
    for place, call in errors_of_the_package():
        if len(call.args) >= 2 and isinstance(call.args[1], ast.JoinedStr):
            subject = ast.unparse(call.args[0])
            parts = [ast.unparse(part.value) for part in call.args[1].values if isinstance(part, ast.FormattedValue)]
            if subject in parts:
                doubled.append(f"{place}: {ast.unparse(call)}")
    assert doubled == []


VIDEO, ID = "sub/Été [v2].mp4", "Ete_v2-1a2b3c4d"
LIBRARY = "[Errno 1094995529] Invalid data found when processing input: '/tmp/x/.unpack-1/extracted/sub/Été [v2].mp4'"


@pytest.mark.parametrize(
    "error",
    [
        BadInput("Été [v2].mp4", "is no video", "Send the video itself"),
        BadInput("sub/Été [v2].mp4", f"cannot be read ({LIBRARY})", "Ask for the file again"),
        BadInput("Été [v2].mp4", "Été [v2].mp4: Été [v2].mp4: is no video"),
        BadInput(f"/home/x/work/p/video/{ID}.mp4", "ends at frame 3, the video has 4", "Make it again"),
        BadInput(f"/home/x/work/p/video/.{'a' * 12}.part.mp4", "cannot be decoded"),
        Interrupted("ffmpeg", "ended with code 234 (Conversion failed!)"),
        Unavailable(f"{ID}.mp4", "needs more memory", "Close something"),
        ValueError("need at least one array to concatenate"),
        RuntimeError(LIBRARY),
        ZeroDivisionError(),
        FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"/tmp/x/work/p/video/{ID}.mp4"),
    ],
)
def test_the_row_of_a_bad_video(error: Exception) -> None:
    sentence = sentence_of(VIDEO, ID, error)
    assert sentence.startswith(f"{VIDEO}: ")
    assert sentence.count("Été [v2]") == 1, sentence
    assert not INSIDE.search(sentence), sentence
    assert ID not in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert not sentence.endswith("..")
    assert sentence.count(". ") >= 1, f"says what to do: {sentence}"


def test_plain_keeps_what_people_need() -> None:
    assert plain("[Errno 2] No such file or directory: '/a/b c.txt'") == "No such file or directory"
    assert plain("has 3 frames of 12, see docs/faults.md") == "has 3 frames of 12, see docs/faults.md"
    assert plain("starts with '/', which is no name") == "starts with '/', which is no name"
