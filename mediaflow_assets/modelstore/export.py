"""Taking model files to a machine without network."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.modelstore.store import ModelStore


def export_models(store: ModelStore, names: Sequence[str], target: Path) -> list[str]:
    """Write the verified files of the named models into one ZIP archive, for ``mediaflow models fetch --from``.

    Returns:
        The names of the models that are in it: those of ``names`` that the store has.

    Raises:
        BadInput: no such model, a file that is not the one in the table, or nothing to export.
    """
    usable = [status for status in store.verify(names) if status.state != "missing"]
    if not usable:
        raise BadInput(store.folder, "has none of these models", "Run: mediaflow models fetch --default")
    paths = [status.require() for status in usable]
    # Weights hardly get smaller: they are stored.
    with atomic_path(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for path in paths:
            archive.write(path, path.name)
    return [status.model.name for status in usable]
