"""Packs the sample's videos as a studio's upload would arrive, and writes its truth beside it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.formats.manifest import read_document, write_document
from mediaflow_assets.sample.ingredients import INGREDIENTS, locate
from mediaflow_assets.sample.storyboard import FILMS
from mediaflow_assets.sample.truth import Truth, video_truth

VERSION = 2
"""Raised when the pictures or the sound change and the truth does not tell, so that an older
sample is made anew."""

ARCHIVE_NAME = "13_Camille_sample.zip"
TRUTH_NAME = "13_Camille_sample.truth.json"

_ROOT = "13 Camille"
_NOTES = """\
Épisode 13 — Camille
À vérifier : la scène du café, où personne n’apparaît à l’écran.
"""
_OTHERS = {f"{_ROOT}/notes.txt": _NOTES.encode()}
_JUNK = {
    f"{_ROOT}/.DS_Store": b"\x00\x00\x00\x01Bud1" + bytes(24),
    # AppleDouble header: magic number, version, home file system, no entries (RFC 1740, appendix A).
    f"__MACOSX/{_ROOT}/._interview.mp4": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \x00\x00",
}
_MODIFIED = (2025, 11, 21, 10, 30, 0)


class Sample(NamedTuple):
    """A sample project on disk."""

    archive: Path
    truth_file: Path
    truth: Truth


def build_sample(folder: Path, *, force: bool = False) -> Sample:
    """Write the sample archive and its truth into ``folder``, or return those that are there.

    Takes some ten seconds on two cores. The archive appears whole, the truth after it; a sample
    that an interrupted call left without its truth is made anew.

    Raises:
        Unavailable: a package whose pictures or sound it is made of is not installed.
    """
    truth = Truth(
        version=VERSION,
        archive=ARCHIVE_NAME,
        videos=tuple(video_truth(film, f"{_ROOT}/{film.path}") for film in FILMS),
        others=tuple(_OTHERS),
        junk=tuple(_JUNK),
    )
    sample = Sample(folder / ARCHIVE_NAME, folder / TRUTH_NAME, truth)
    if force or not _is_finished(sample):
        _make(sample)
    return sample


def _is_finished(sample: Sample) -> bool:
    """Whether the archive and exactly this truth are on disk."""
    if not (sample.truth_file.is_file() and zipfile.is_zipfile(sample.archive)):
        return False
    try:
        return read_document(sample.truth_file, Truth) == sample.truth
    except BadInput:  # of a version that had other fields
        return False


def _make(sample: Sample) -> None:
    for ingredient in INGREDIENTS:  # before any work is done
        locate(ingredient)
    with atomic_path(sample.archive) as temporary, zipfile.ZipFile(temporary, "w") as stream:
        for name, content in _members():
            stream.writestr(zipfile.ZipInfo(name, _MODIFIED), content)
    write_document(sample.truth_file, sample.truth)


def _members() -> Iterator[tuple[str, bytes]]:
    from mediaflow_assets.sample.encode import encode_film  # brings OpenCV and PyAV

    yield from _JUNK.items()
    yield from _OTHERS.items()
    for film in FILMS:
        yield f"{_ROOT}/{film.path}", encode_film(film)
