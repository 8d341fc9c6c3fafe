"""The folder from which Whisper is loaded: whole, or refused before a library could look for the rest elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.modelstore import ModelStore

WEIGHTS = "model.bin"
FILES = ("config.json", WEIGHTS, "tokenizer.json", "vocabulary.txt")
STORED = {
    "whisper-base": {
        "whisper-base": WEIGHTS,
        "whisper-base-config": "config.json",
        "whisper-base-tokenizer": "tokenizer.json",
        "whisper-base-vocabulary": "vocabulary.txt",
    }
}
"""Model of the store to its files: names in the model table, and what the library wants them to be called."""


def stored_models(model: str) -> tuple[str, ...]:
    """Names in the model table that a model needs; none for a folder of the user's."""
    return tuple(STORED.get(model, ()))


def model_folder(store: ModelStore, model: str) -> tuple[Path, str]:
    """A folder with all four files, and the sha256 of the weights.

    Args:
        model: a name in :data:`STORED`, or the absolute path of a folder.

    Raises:
        Unavailable: the model is not in the store, or the folder lacks a file.
        BadInput: neither a known name nor an absolute path, or a file of the store is not the pinned one.
    """
    if model in STORED:
        return _from_store(store, model), store.sha256(model)
    folder = Path(model)
    if not folder.is_absolute():
        names = ", ".join(STORED)
        raise BadInput(
            f"SPEECH_TRANSCRIBE_MODEL={model}", "is no model", f"Say {names}, or the absolute path of a folder"
        )
    lacking = [name for name in FILES if not (folder / name).is_file()]
    if lacking == ["vocabulary.txt"] and (folder / "vocabulary.json").is_file():
        lacking = []
    if lacking:
        raise Unavailable(folder, f"lacks {', '.join(lacking)}", "Copy all files of the CTranslate2 model there")
    return folder, sha256_of(folder / WEIGHTS)


def _from_store(store: ModelStore, model: str) -> Path:
    """Links to the verified files under the names that the library expects."""
    folder = store.folder / "derived" / f"{model}-{store.sha256(model)[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stored, name in STORED[model].items():
            target = store.path(stored)
            link = folder / name
            if not (link.exists() and link.samefile(target)):
                link.unlink(missing_ok=True)
                link.symlink_to(os.path.relpath(target, folder))
    except OSError as error:
        raise Unavailable(folder, f"cannot be written ({error.strerror})", "Make it writable once") from error
    return folder
