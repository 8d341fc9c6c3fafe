"""Writing and reading of frame-by-frame JSON without holding it in memory.

A document is an object whose last key holds the array of frames. It is written with one frame
per line, so that it stays readable by people and by line-based tools, and read with ijson, which
accepts any layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import ijson
import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path

T = TypeVar("T")


def write_frames(path: Path, head: Mapping[str, Any], key: str, frames: Iterable[Any], expected: int) -> None:
    """Write ``{**head, key: [frames…]}`` atomically.

    Raises:
        BadInput: ``frames`` is not ``expected`` long; nothing becomes visible then.
    """
    encoder = msgspec.json.Encoder()
    count = 0
    with atomic_path(path) as temporary, temporary.open("wb", buffering=1 << 20) as stream:
        stream.write(b"{\n")
        for name, value in head.items():
            stream.write(encoder.encode(name) + b": " + encoder.encode(value) + b",\n")
        stream.write(encoder.encode(key) + b": [")
        for frame in frames:
            stream.write(b",\n" if count else b"\n")
            stream.write(encoder.encode(frame))
            count += 1
        stream.write(b"\n]}\n")
        if count != expected:
            raise BadInput(path.name, f"would have {count} frames instead of {expected}", "Make its video again")


def read_frames(path: Path, key: str) -> Iterator[Any]:
    """Yield the items of the top-level array ``key`` one by one.

    Raises:
        BadInput: the file is missing, not JSON, truncated, or has no such array.
    """
    found = False
    try:
        with path.open("rb") as stream:
            events = ijson.parse(stream, use_float=True)
            for prefix, event, _ in events:
                if prefix == key and event == "start_array":
                    found = True
                    break
        if found:
            with path.open("rb") as stream:
                yield from ijson.items(stream, f"{key}.item", use_float=True)
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize the asset that makes it first") from None
    except ijson.JSONError as error:
        raise BadInput(path, f"is not complete JSON ({error})", "Materialize the asset that makes it again") from error
    if not found:
        raise BadInput(path, f"has no array {key!r}", "It is not the full document of an analysis")


def read_typed_frames(path: Path, key: str, kind: type[T]) -> Iterator[T]:
    """Yield the items of the array ``key`` as ``kind``, without the keys that it does not have.

    Our own files have one item per line; each line is decoded straight into ``kind``, ten times as fast as
    :func:`read_frames`. Files of any other layout are read item by item.

    Raises:
        BadInput: the file is missing, not JSON, truncated, or its items are of another kind.
    """
    try:
        if _one_item_a_line(path, key):
            yield from _lines(path, key, msgspec.json.Decoder(kind))
        else:
            for item in read_frames(path, key):
                yield msgspec.convert(item, kind)
    except msgspec.DecodeError as error:
        raise BadInput(
            path, f"is not what it should be ({error})", "Materialize the asset that makes it again"
        ) from error


def _lines(path: Path, key: str, decoder: msgspec.json.Decoder[T]) -> Iterator[T]:
    with path.open("rb") as stream:
        for line in stream:
            if line.rstrip() == _opening(key):
                break
        for line in stream:
            text = line.strip()
            if text == b"]}":
                return
            yield decoder.decode(text.removesuffix(b","))
    raise BadInput(path, "is not complete JSON", "Materialize the asset that makes it again")


def _opening(key: str) -> bytes:
    return msgspec.json.encode(key) + b": ["


def _one_item_a_line(path: Path, key: str) -> bool:
    """Whether the file is laid out as :func:`write_frames` does it."""
    try:
        with path.open("rb") as stream:
            if stream.readline().strip() != b"{":
                return False
            for line in stream:
                if line.rstrip() == _opening(key):
                    first = stream.readline().strip()
                    return first == b"]}" or first.endswith((b"},", b"}"))
                if not line.rstrip().endswith(b","):
                    return False
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize the asset that makes it first") from None
    return False


def read_head(path: Path, key: str) -> dict[str, Any]:
    """Everything before the array ``key``, that is the document without its frames.

    Keys after the array are not read: our documents have none.
    """
    head: dict[str, Any] = {}
    try:
        with path.open("rb") as stream:
            builder: ijson.ObjectBuilder | None = None
            current = ""
            for prefix, event, value in ijson.parse(stream, use_float=True):
                if prefix == "" and event == "map_key":
                    if builder is not None:
                        head[current] = builder.value
                    if value == key:
                        return head
                    current, builder = value, ijson.ObjectBuilder()
                elif builder is not None and prefix != "":
                    builder.event(event, value)
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize the asset that makes it first") from None
    except ijson.JSONError as error:
        raise BadInput(path, f"is not complete JSON ({error})") from error
    raise BadInput(path, f"has no array {key!r}")
