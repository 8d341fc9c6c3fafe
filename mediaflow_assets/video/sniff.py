"""What a file is by its first bytes, before any library opens it."""

from __future__ import annotations

from pathlib import Path

VIDEO_SUFFIXES = frozenset(
    ".mp4 .mov .avi .mkv .webm .flv .f4v .wmv .m4v .mts .m2ts .m2t .ts .mpg .mpeg .m2v .3gp .3g2 .ogv .mxf .gxf .vob"
    " .dv .rm .nut .h264 .h265 .y4m .wtv .braw .r3d .crm".split()
)
"""Names that promise a video."""
_ALSO_TEXTS = frozenset(".ts .mts .nut .rm .dv .y4m .crm".split())
"""Names that programs also give to source code and other texts: TypeScript, Squirrel."""
_STILL_BRANDS = frozenset(
    b"avif avis heic heix heim heis hevc hevx hevm hevs mif1 mif2 msf1 miaf avci avcs j2ki j2is jpeg jpgs jxl".split()
) | {b"jxl ", b"jp2 ", b"jpx ", b"crx "}
"""Major brands of still pictures and bursts of them (ISO/IEC 23008-12, AVIF, JPEG 2000, Canon CR3), which
libavformat opens like any MP4."""
_JPEG2000_BRAND = slice(20, 24)
"""Of a file of the JPEG 2000 family: ``mjp2`` is Motion JPEG 2000 (ISO/IEC 15444-3), all others are pictures."""
_HEAD = 4096
TRANSPORT_PACKETS = (188, 192, 204)
"""Bytes: plain, with a time code in front (M2TS), with error correction behind."""
_MAGIC = (
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"FLV\x01",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG-1 and MPEG-2 video
    b"\x00\x00\x00\x01\x67", b"\x00\x00\x00\x01\x27", b"\x00\x00\x00\x01\x09",  # H.264
    b"\x00\x00\x01\x67", b"\x00\x00\x01\x27", b"\x00\x00\x01\x09",
    b"\x00\x00\x00\x01\x40\x01", b"\x00\x00\x00\x01\x46\x01",  # H.265
    b"\x00\x00\x01\x40\x01", b"\x00\x00\x01\x46\x01",
    b"OggS",
    b"\x06\x0e\x2b\x34",  # MXF
    b"\x1f\x07\x00\x3f", b"\x1f\x07\x00\xbf",  # DV, NTSC and PAL
    b".RMF",
    b"nut/multimedia container",
    b"YUV4MPEG2 ",
    b"\x00\x00\x00\x00\x01\xbc",  # GXF
    b"\xb7\xd8\x00\x20\x37\x49\xda\x11\xa6\x4e\x00\x07\xe9\x5e\xad\x8d",  # WTV
    b"DKIF",  # IVF
    b"NSVf", b"NSVs",  # Nullsoft Streaming Video, with and without a header
    b"SMK2", b"SMK4",  # Smacker
    b"BIK", b"KB2",  # Bink
)  # fmt: skip
_BOXES = frozenset((b"ftyp", b"styp", b"jP  ", b"moov", b"mdat", b"wide", b"skip", b"free", b"RED1", b"RED2"))


def head_of(path: Path) -> bytes:
    """The bytes that the other functions judge."""
    with path.open("rb") as stream:
        return stream.read(_HEAD)


def is_still_picture(head: bytes, suffix: str) -> bool:
    """Whether this is a photo in a container of videos.

    Args:
        head: as of :func:`head_of`.
        suffix: of the name; Canon writes photos (.cr3) and videos (.crm) under one brand.
    """
    if head[4:8] == b"jP  ":
        return head[_JPEG2000_BRAND] != b"mjp2"
    return head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS and suffix.lower() != ".crm"


def is_text_named_like_a_video(head: bytes, suffix: str) -> bool:
    """Whether this is source code, or empty, under a name that also videos have."""
    if suffix.lower() not in _ALSO_TEXTS or looks_like_container(head):
        return False
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or all(byte >= 32 or byte in b"\t\n\v\f\r\x1b" for byte in head)


def looks_like_container(head: bytes) -> bool:
    """Whether a library may find a video in this, so that only candidates are opened."""
    return (
        head[4:8] in _BOXES
        or head.startswith(_MAGIC)
        or (head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"CDXA"))
        or is_transport_stream(head)
    )


def is_transport_stream(head: bytes) -> bool:
    """Whether packets of an MPEG transport stream follow one another (ISO/IEC 13818-1, 2.4.3.2).

    The first one may have been cut.
    """
    return any(_synchronous(head, size, offset) for size in TRANSPORT_PACKETS for offset in range(size))


def _synchronous(head: bytes, size: int, offset: int) -> bool:
    marks = head[offset::size]
    return len(marks) >= 3 and marks.count(0x47) == len(marks)
