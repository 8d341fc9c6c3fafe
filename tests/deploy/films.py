"""Projects of one short video."""

from __future__ import annotations

import zipfile
from pathlib import Path

from mediaflow_assets.sample.encode import encode_film
from mediaflow_assets.sample.storyboard import SILENT, Film

BACKWARDS = SILENT._replace(shots=SILENT.shots[::-1])
"""In no other project, so that no result of it is taken from one."""


def packed(film: Film, archive: Path) -> Path:
    """An archive that holds a film and nothing else."""
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("film.mov", encode_film(film))
    return archive
