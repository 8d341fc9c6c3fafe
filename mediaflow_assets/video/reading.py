"""Opening a received file, and a sentence for each reason why it cannot be read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.isobmff import index_is_missing, lies_elsewhere, picture_codes
from mediaflow_assets.video.sniff import TRANSPORT_PACKETS, head_of, is_transport_stream

if TYPE_CHECKING:
    from av.container import InputContainer

_CAMERA_RAW = {
    "Blackmagic RAW": ("braw", "brxq", "brhq", "brst", "brvn", "brs2", "bra1", "brv1"),
    "Canon RAW": ("craw",),
    "REDCODE RAW": ("r3d1",),
    "Apple ProRes RAW": ("aprn", "aprh"),
}
_ENCRYPTED = frozenset(("encv", "drmi"))
"""Codes of encrypted picture tracks (ISO/IEC 14496-12, 8.12; FairPlay)."""
_ASF_ENCRYPTION = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
"""GUID of the object that describes the encryption of an ASF file."""
_AGAIN = "Ask for the file again"
_UNPROTECTED = "Ask for a copy without protection"
_SCRAMBLING_CONTROL = 0xC0
_TRANSPORT_HEAD = 2 * 2**20


@contextlib.contextmanager
def opened(path: Path, name: str = "") -> Iterator[InputContainer]:
    """An open container; what goes wrong with it is said of the file.

    Args:
        path: where the file lies.
        name: as its sender named it, when ``path`` has another name.

    Raises:
        BadInput: the file cannot be opened, or the body failed to read it.
    """
    import av

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            yield container
    # PyAV turns the nonsense of damaged headers into each of these.
    except (av.FFmpegError, ValueError, LookupError, ArithmeticError, TypeError) as error:
        raise unreadable(path, name) from error


def unreadable(path: Path, name: str = "") -> BadInput:
    """Why a file that looks like a video cannot be opened."""
    name = name or path.name
    if not path.is_file() or not path.stat().st_size:
        return BadInput(name, "is empty", _AGAIN)
    if index_is_missing(path):
        problem = "was not closed by its recorder: its index (moov) is missing"
        return BadInput(name, problem, "Ask for the finished file, or have it repaired with the recorder's own tool")
    return refusal(path, name) or BadInput(name, "cannot be read as a video", _AGAIN)


def refusal(path: Path, name: str = "") -> BadInput | None:
    """Why a picture cannot be decoded when that is no damage: it is protected, of an unknown code, or elsewhere."""
    name, head, codes = name or path.name, head_of(path), picture_codes(path)
    if _ENCRYPTED.intersection(codes) or _ASF_ENCRYPTION in head:
        return encrypted(name)
    if is_transport_stream(head) and _is_scrambled(path):
        return BadInput(name, "is a scrambled transport stream, which cannot be read without its keys", _UNPROTECTED)
    for product, known in _CAMERA_RAW.items():
        if any(code.lower() in known for code in codes):
            return unknown_code(name, codes, f" ({product})")
    if lies_elsewhere(path):
        return BadInput(name, "is a reference movie: its picture lies in another file", "Ask for a self-contained one")
    return None


def unknown_code(name: str, codes: list[str], product: str = "") -> BadInput:
    """The refusal of a picture for which there is no decoder."""
    coded = f"is coded as '{codes[0]}'{product}" if codes else "is coded in a way that is unknown here"
    return BadInput(name, f"has a picture that {coded} and cannot be decoded", "Ask for H.264 or ProRes 422")


def encrypted(name: str) -> BadInput:
    """The refusal of a protected file."""
    return BadInput(name, "is encrypted (DRM)", _UNPROTECTED)


def _is_scrambled(path: Path) -> bool:
    """Whether most packets with content say that it is scrambled (ISO/IEC 13818-1, 2.4.3.3)."""
    with path.open("rb") as stream:
        data = stream.read(_TRANSPORT_HEAD)
    start = data.find(0x47)
    size = next((size for size in TRANSPORT_PACKETS if data[start::size][:5].count(0x47) == 5), TRANSPORT_PACKETS[0])
    controls = data[start + 3 :: size]
    scrambled = sum(1 for control in controls if control & _SCRAMBLING_CONTROL > 0x40)
    return scrambled * 2 > len(controls)
