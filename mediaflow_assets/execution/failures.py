"""What is remembered of a video that a stage could not make: why, until it is made.

A stage goes on without such a video, and so do the stages after it. The sentence lies beside the
records of the stage, in ``.failures/<video id>.json``; it goes away when the stage makes the video.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import msgspec

from mediaflow_assets.core.errors import MediaflowError, plain
from mediaflow_assets.core.files import write_atomic

AGAIN = "Run it again; if it stays so, ask for the file again or leave it out"


class VideoFailure(msgspec.Struct, frozen=True, kw_only=True):
    """One video that one stage could not make."""

    stage: str
    sentence: str
    """Names the video as its sender named it."""
    at: str
    """ISO 8601, UTC."""


def keep_failure(folder: Path, video_id: str, failure: VideoFailure) -> Path:
    """Remember a failure in a stage's folder."""
    return write_atomic(_path(folder, video_id), msgspec.json.format(msgspec.json.encode(failure), indent=1))


def forget_failure(folder: Path, video_id: str) -> None:
    """The video is made."""
    _path(folder, video_id).unlink(missing_ok=True)


def load_failure(folder: Path, video_id: str) -> VideoFailure | None:
    """Why a stage did not make a video when it last tried; None when it did, or never tried."""
    try:
        return msgspec.json.decode(_path(folder, video_id).read_bytes(), type=VideoFailure)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        return VideoFailure(stage=folder.name, sentence=f"{video_id}: failed. Run it again.", at="")


def _path(folder: Path, video_id: str) -> Path:
    return folder / ".failures" / f"{video_id}.json"


def explain(error: BaseException) -> str:
    """One line: the sentence of our own errors, the type and text of others."""
    if isinstance(error, MediaflowError):
        return error.sentence
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}."
    first = plain(str(error)).strip().splitlines()
    return f"{type(error).__name__}: {first[0] if first else 'no message'}"


def sentence_of(received_as: str, video_id: str, error: BaseException) -> str:
    """The line about one video's error; names the video once, as its sender named it.

    Args:
        received_as: path of the video in the archive.
        video_id: files of the video are named by it.
    """
    if isinstance(error, MediaflowError):
        about, rest = error.subject, f"{error.problem}. {error.remedy or AGAIN}."
    elif isinstance(error, OSError) and error.strerror:
        about, rest = "", f"one of its files cannot be used ({error.strerror}). {AGAIN}."
    else:
        about, rest = "", f"could not be processed ({explain(error).rstrip('.')}). {AGAIN}."
    rest = without_name(received_as, rest)
    if not about or _is_it(about, received_as, video_id):
        return f"{received_as}: {rest}"
    return f"{received_as}: {about}: {rest}"


def without_name(received_as: str, text: str) -> str:
    """``text`` without the name of its file in front, however often it is there."""
    names = {received_as, PurePosixPath(received_as).name, PurePosixPath(received_as).stem}
    while True:
        name, colon, rest = text.partition(": ")
        if not colon or name not in names:
            return text
        text = rest


def _is_it(subject: str, received_as: str, video_id: str) -> bool:
    """Whether a file that an error is about is the video under one of its names, or a part of it in the making."""
    name, received = PurePosixPath(subject).name, PurePosixPath(received_as)
    own = {received_as, received.name, received.stem}
    return subject in own or name in own or name.startswith(video_id) or bool(_PARTIAL.match(name))


_PARTIAL = re.compile(r"\.[0-9a-f]{12}\.part")
