"""Transitions JSON: what joins each scene to the next, and in which frames; beside the scenes CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.manifest import read_document, write_document

TransitionKind = Literal["cut", "dissolve", "fade", "flash", "wipe", "unknown"]


class Transition(msgspec.Struct, frozen=True):
    """How one scene becomes the next; frames are 1-based."""

    cut: int
    """The last frame of the scene that ends, as in the scenes CSV."""
    kind: TransitionKind
    first: int
    last: int
    """``first..last`` are all frames of the transition; of a cut both are ``cut``."""
    probability: float
    """The shot detector's, 0..1, that a scene ends at ``cut``."""


class Transitions(msgspec.Struct, frozen=True):
    """All transitions of a video, in order: one less than scenes."""

    video_filename: str
    total_frames: int
    transitions: tuple[Transition, ...]
    fps: float = float(FPS)


def transitions_path(scenes_csv: Path) -> Path:
    """The file beside a scenes CSV."""
    return scenes_csv.with_name(f"{scenes_csv.stem}_transitions.json")


def write_transitions(path: Path, document: Transitions) -> Path:
    """Write the document whole."""
    return write_document(path, document)


def read_transitions(path: Path) -> Transitions:
    """Read the document.

    Raises:
        BadInput: missing, or not such a document.
    """
    return read_document(path, Transitions)
