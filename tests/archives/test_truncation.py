"""An archive that ends too early is refused, wherever it ends, and so is one that gained or lost bits."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable

import pytest
from backports import zstd

from mediaflow_assets.archives.extract import verify
from mediaflow_assets.core.errors import BadInput
from tests.archives.conftest import LIMITS, Sandbox
from tests.archives.crafted import make_rar5, make_tar, rar5_file, tar_member
from tests.archives.test_honest import python_zip, seven_zip, streamed_zip

FILES = {name: hashlib.shake_128(name.encode()).digest(4000) + bytes(4000) for name in ("a.mp4", "b.mp4", "c.mp4")}
TAR = make_tar(*[tar_member(name, content) for name, content in FILES.items()])

FORMATS: dict[str, Callable[[], bytes]] = {
    "zip": lambda: python_zip(FILES),
    "zip streamed": lambda: streamed_zip(FILES),
    "zip deflate64": lambda: seven_zip(FILES, "zip", "-mm=Deflate64"),
    "tar": lambda: TAR,
    "tar gzip": lambda: gzip.compress(TAR),
    "tar bzip2": lambda: bz2.compress(TAR),
    "tar xz": lambda: lzma.compress(TAR),
    "tar zstd": lambda: zstd.compress(TAR, options={zstd.CompressionParameter.checksum_flag: True}),
    "7z": lambda: seven_zip(FILES, "7z"),
    "rar5": lambda: make_rar5(*[rar5_file(name, content) for name, content in FILES.items()]),
}


@pytest.mark.parametrize("form", FORMATS)
def test_an_archive_cut_at_any_hundredth_is_refused(form: str, sandbox: Sandbox) -> None:
    whole = FORMATS[form]()
    for hundredth in range(100):
        with pytest.raises(BadInput) as refused:
            sandbox.extract(whole[: len(whole) * hundredth // 100])
        assert sandbox.everything() == ["deep", "deep/project", "in", "in/received.bin"], hundredth
        assert str(refused.value).isprintable()
    sandbox.extract(whole)
    assert sandbox.files() == FILES


@pytest.mark.parametrize("form", FORMATS)
def test_a_cut_is_seen_before_anything_is_unpacked(form: str, sandbox: Sandbox) -> None:
    """What a download is checked with; the very last bytes can be padding or a sum that is only read later."""
    whole = FORMATS[form]()
    for hundredth in range(0, 100, 7):
        with pytest.raises(BadInput):
            verify(sandbox.archive(whole[: len(whole) * hundredth // 100]), LIMITS)


@pytest.mark.parametrize("form", FORMATS)
def test_flipped_bits_never_change_what_arrives(form: str, sandbox: Sandbox) -> None:
    """Either the archive is refused or every file is exact; a plain TAR has no sums over its contents."""
    whole = FORMATS[form]()
    for step in range(40):
        damaged = bytearray(whole)
        at = len(whole) * step // 40
        damaged[at] ^= 1 << step % 8
        try:
            sandbox.extract(bytes(damaged))
        except BadInput:
            continue
        if form != "tar":
            assert set(sandbox.files().values()) == set(FILES.values()), at
        sandbox.folder.rename(sandbox.root / f"out {step}")
