"""Reads the image of an employer's logo: PNG or JPEG, judged by its bytes, never by its name.

Only what draws the picture is kept: texts, comments and camera data, which may hold a place or a page, are left out. A file
that goes on after its image ends is refused, because it may be a second file for a browser that guesses.
Sources: PNG, third edition (W3C), 5 and 11; JPEG, ITU-T T.81, annex B.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

BYTES_MOST = 64 * 1024
SIDE_MOST = 1024
"""Pixels of the width, and of the height."""
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"IDAT", b"IEND"}
_PNG_ANIMATED = {b"acTL", b"fcTL", b"fdAT"}
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bits a sample, by colour type."""
_JPEG_FRAMES = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive, by Huffman coding: what browsers show."""
_JPEG_OTHER_FRAMES = {0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
_JPEG_LEFT_OUT = {*range(0xE1, 0xEE), 0xEF, 0xFE}
"""APP1 to APP13, APP15 and comments. APP0 and APP14 say how the colours are meant."""
_BROKEN = "is damaged: {} Save the picture again as PNG"
_OTHERS = (
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"%PDF", "a PDF"),
    (b"\x00\x00\x01\x00", "an icon file"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"PK\x03\x04", "a ZIP or Office file"),
)


@dataclass(frozen=True, slots=True)
class Logo:
    """An image that was checked. `data` holds only what draws it; `suffix` is "png" or "jpg"."""

    data: bytes
    media_type: str
    suffix: str
    width: int
    height: int


def read_logo(raw: bytes) -> Logo:
    """Returns the image. Raises ValueError, which says what was found."""
    if not raw:
        raise ValueError("is empty: choose a PNG or JPEG file")
    if len(raw) > BYTES_MOST:
        raise ValueError(f"has {len(raw):,} bytes; it may have at most {BYTES_MOST:,} (64 KB)")
    if raw.startswith(_PNG):
        return _png(raw)
    if raw.startswith(b"\xff\xd8\xff"):
        return _jpeg(raw)
    raise ValueError(f"must be a PNG or JPEG image; this file is {_kind(raw)}")


def _kind(raw: bytes) -> str:
    """Says in words what a file is that is no PNG or JPEG."""
    start = raw[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return "an SVG drawing"
    if start.startswith(b"<"):
        return "HTML or XML"
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return "a WebP image"
    if raw[4:12] in (b"ftypavif", b"ftypheic", b"ftypmif1"):
        return "an AVIF or HEIC image"
    return next((name for begin, name in _OTHERS if raw.startswith(begin)), f"another kind, and begins with {raw[:8].hex(' ')}")


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise ValueError(_BROKEN.format(f"it says that it is {width} × {height} pixels."))
    if width > SIDE_MOST or height > SIDE_MOST:
        raise ValueError(f"is {width:,} × {height:,} pixels; it may be at most {SIDE_MOST:,} × {SIDE_MOST:,}")


def _png(raw: bytes) -> Logo:
    place, kept, seen = len(_PNG), [_PNG], list[bytes]()
    width = height = 0
    while place < len(raw):
        if seen and seen[-1] == b"IEND":
            raise ValueError(f"goes on for {len(raw) - place:,} bytes after the image ends: it is more than a PNG")
        name, body, after = _png_chunk(raw, place)
        if not seen:
            width, height = _png_size(name, body)
        elif name == b"IHDR":
            raise ValueError(_BROKEN.format("it has two headers."))
        elif name == b"IEND" and body:
            raise ValueError(_BROKEN.format("its end holds something."))
        if name in _PNG_ANIMATED:
            raise ValueError("is an animated PNG: choose one that stands still")
        if name in _PNG_KEPT:
            kept.append(raw[place:after])
        elif name[:1].isupper():
            raise ValueError(_BROKEN.format(f"its part “{name.decode()}” is unknown."))
        seen.append(name)
        place = after
    if not seen or seen[-1] != b"IEND" or b"IDAT" not in seen:
        raise ValueError(_BROKEN.format("it ends before the image does."))
    return Logo(b"".join(kept), "image/png", "png", width, height)


def _png_chunk(raw: bytes, place: int) -> tuple[bytes, bytes, int]:
    """Returns (name, content, where the next one begins)."""
    name = raw[place + 4 : place + 8]
    after = place + 12 + int.from_bytes(raw[place : place + 4])
    if after > len(raw) or not (len(name) == 4 and name.isalpha()):
        raise ValueError(_BROKEN.format("it ends before the image does."))
    if zlib.crc32(raw[place + 4 : after - 4]) != int.from_bytes(raw[after - 4 : after]):
        raise ValueError(_BROKEN.format(f"the checksum of its part “{name.decode()}” is wrong."))
    return name, raw[place + 8 : after - 4], after


def _png_size(name: bytes, header: bytes) -> tuple[int, int]:
    if name != b"IHDR" or len(header) != 13:
        raise ValueError(_BROKEN.format("it does not begin with a header."))
    width, height, depth, colours, packed, filtered, interlaced = struct.unpack(">IIBBBBB", header)
    _check_size(width, height)
    if depth not in _PNG_DEPTHS.get(colours, ()) or packed or filtered or interlaced > 1:
        raise ValueError(_BROKEN.format("its header names colours that no PNG has."))
    return width, height


def _jpeg(raw: bytes) -> Logo:
    size: tuple[int, int] | None = None
    place, kept, scans = 2, [raw[:2]], 0
    while True:
        marker, begin = _jpeg_marker(raw, place)
        if marker == 0xD9:
            kept.append(b"\xff\xd9")
            break
        after = begin + int.from_bytes(raw[begin : begin + 2])
        if after > len(raw) or after < begin + 2 or marker < 0xC0 or 0xD0 <= marker <= 0xD8:
            raise ValueError(_BROKEN.format("it ends before the image does."))
        if marker in _JPEG_OTHER_FRAMES:
            raise ValueError("is a JPEG of a kind that browsers do not show: save it again as PNG")
        if marker in _JPEG_FRAMES:
            if size:
                raise ValueError(_BROKEN.format("it has two headers."))
            size = _jpeg_size(raw[begin:after])
        if marker == 0xDA:
            scans, after = scans + 1, _jpeg_scan_end(raw, after)
        if marker not in _JPEG_LEFT_OUT:
            kept.append(bytes((0xFF, marker)) + raw[begin:after])
        place = after
    if begin < len(raw):
        raise ValueError(f"goes on for {len(raw) - begin:,} bytes after the image ends: it is more than a JPEG")
    if not size or not scans:
        raise ValueError(_BROKEN.format("it holds no picture."))
    return Logo(b"".join(kept), "image/jpeg", "jpg", *size)


def _jpeg_marker(raw: bytes, place: int) -> tuple[int, int]:
    """Returns the marker that stands here, and where what follows it begins. Any number of FF may stand before one."""
    if raw[place : place + 1] != b"\xff":
        raise ValueError(_BROKEN.format("it ends before the image does."))
    while raw[place : place + 1] == b"\xff":
        place += 1
    if place >= len(raw):
        raise ValueError(_BROKEN.format("it ends before the image does."))
    return raw[place], place + 1


def _jpeg_size(segment: bytes) -> tuple[int, int]:
    if len(segment) < 8 or segment[2] != 8 or segment[7] not in (1, 3, 4):
        raise ValueError("is a JPEG of a kind that browsers do not show: save it again as PNG")
    height, width = struct.unpack(">HH", segment[3:7])
    _check_size(width, height)
    return width, height


def _jpeg_scan_end(raw: bytes, place: int) -> int:
    """Returns where the coded picture ends: at the first marker that is no restart. FF 00 stands for the byte FF."""
    while (place := raw.find(b"\xff", place)) >= 0:
        if place + 1 < len(raw) and not (raw[place + 1] == 0 or 0xD0 <= raw[place + 1] <= 0xD7):
            return place
        place += 2
    raise ValueError(_BROKEN.format("it ends before the image does."))
