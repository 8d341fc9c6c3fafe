"""Writing and reading of frame-by-frame JSON without holding it in memory.

A document is an object whose last key holds the array of frames. It is written with one frame
per line, so that it stays readable by people and by line-based tools. :func:`read_typed_frames` reads that
layout line by line into structs, which takes a tenth of the time of ijson; ijson reads every other layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TypeVar

import ijson
import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.formats.frames import Frame

T = TypeVar("T")
_AGAIN = "Materialize the asset that makes it again"


def write_frames(path: Path, head: Mapping[str, object], key: str, frames: Iterable[object], expected: int) -> None:
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


def read_frames(path: Path, key: str) -> Iterator[Frame]:
    """Yield the items of the top-level array ``key`` one by one, as they are: nothing checks that they are frames.

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
    """Items of the top-level array ``key`` as ``kind``, one by one.

    Raises:
        BadInput: the file is missing, truncated, has no such array, or an item is not a ``kind``.
    """
    try:
        with path.open("rb") as stream:
            if _goes_to_lines(stream, key):
                yield from _lines(path, stream, kind)
                return
        for number, item in enumerate(read_frames(path, key), start=1):
            try:
                yield msgspec.convert(item, kind)
            except msgspec.ValidationError as error:
                raise _not_an_item(path, number, error) from error
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize the asset that makes it first") from None


def _goes_to_lines(stream: IO[bytes], key: str) -> bool:
    """Move to the first item, if the document is laid out as :func:`write_frames` does it."""
    opening = msgspec.json.encode(key) + b": ["
    if stream.readline().strip() != b"{":
        return False
    for line in stream:
        if line.rstrip() == opening:
            start = stream.tell()
            first = stream.readline()
            stream.seek(start)
            return first.startswith((b"{", b"]"))
        if not line.startswith(b'"'):
            return False
    return False


def _lines(path: Path, stream: IO[bytes], kind: type[T]) -> Iterator[T]:
    decode = msgspec.json.Decoder(kind).decode
    number = 0
    for number, line in enumerate(stream, start=1):
        if line.startswith(b"]"):
            return
        try:
            yield decode(line.rstrip().removesuffix(b","))
        except msgspec.ValidationError as error:
            raise _not_an_item(path, number, error) from error
        except msgspec.DecodeError as error:
            raise BadInput(path, f"is not complete JSON ({error})", _AGAIN) from error
    raise BadInput(path, f"ends after {number} frames and is not complete JSON", _AGAIN)


def _not_an_item(path: Path, number: int, error: Exception) -> BadInput:
    return BadInput(path, f"frame {number} is not what it should be ({error})", _AGAIN)


def read_head(path: Path, key: str) -> dict[str, object]:
    """Everything before the array ``key``, that is the document without its frames.

    Keys after the array are not read: our documents have none.
    """
    head: dict[str, object] = {}
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
        raise BadInput(path, f"is not complete JSON ({error})", "Materialize the asset that makes it again") from error
    raise BadInput(path, f"has no array {key!r}", "Materialize the asset that makes it again")
