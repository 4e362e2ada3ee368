"""A logo is judged by its bytes: PNG or JPEG, small, still, and nothing else in the same file."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.logo import read_logo

JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8yb"
    "qmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAG"
    "AAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAABP/EAB"
    "QRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AJ4Bwz//2Q=="
)
"""8 by 6 pixels, blue."""


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 8, height: int = 6, *, extra: bytes = b"", after: bytes = b"", noise: bytes = b"") -> bytes:
    """A grey picture. `extra` are chunks before its pixels, `noise` fills a chunk that every reader skips."""
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height))) if width * height < 4_000_000 else b"x"
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    more = chunk(b"noIs", noise) if noise else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + after


def comment(text: bytes) -> bytes:
    return JPEG[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + JPEG[2:]


def refusal(raw: bytes) -> str:
    with pytest.raises(ValueError) as told:
        read_logo(raw)
    return str(told.value)


def test_a_png_and_a_jpeg_are_read() -> None:
    """The type is that of the bytes, whatever the file was called."""
    of_png, of_jpeg = read_logo(png()), read_logo(JPEG)
    assert (of_png.media_type, of_png.suffix, of_png.width, of_png.height) == ("image/png", "png", 8, 6)
    assert (of_jpeg.media_type, of_jpeg.suffix, of_jpeg.width, of_jpeg.height) == ("image/jpeg", "jpg", 8, 6)
    assert (of_png.data, of_jpeg.data) == (png(), JPEG), "nothing was left out of these"
    assert read_logo(png(1024, 1024)).width == 1024


def test_what_draws_nothing_is_left_out() -> None:
    """Texts and camera data may hold a place, a name or a page."""
    said = b"Comment\0<script>alert(1)</script>"
    assert read_logo(png(extra=chunk(b"tEXt", said) + chunk(b"eXIf", b"place"))).data == png()
    assert read_logo(comment(b"<script>alert(1)</script>")).data == JPEG


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is empty: choose a PNG or JPEG file"),
        (b"<!doctype html><script>alert(1)</script>", "must be a PNG or JPEG image; this file is HTML or XML"),
        (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "must be a PNG or JPEG image; this file is an SVG drawing"),
        (b"\xef\xbb\xbf  <svg/>", "must be a PNG or JPEG image; this file is an SVG drawing"),
        (b"GIF89a" + bytes(50), "must be a PNG or JPEG image; this file is a GIF image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "must be a PNG or JPEG image; this file is a WebP image"),
        (b"\0\0\0\x20ftypavif", "must be a PNG or JPEG image; this file is an AVIF or HEIC image"),
        (b"\1\2\3", "must be a PNG or JPEG image; this file is another kind, and begins with 01 02 03"),
        (png(noise=bytes(70_000)), "has 70,081 bytes; it may have at most 65,536 (64 KB)"),
        (png(20_000, 1), "is 20,000 × 1 pixels; it may be at most 1,024 × 1,024"),
        (png(1, 1025), "is 1 × 1,025 pixels; it may be at most 1,024 × 1,024"),
        (png(2**31 - 1, 2**31 - 1), "is 2,147,483,647 × 2,147,483,647 pixels; it may be at most 1,024 × 1,024"),
        (png(0, 6), "is damaged: it says that it is 0 × 6 pixels. Save the picture again as PNG"),
        (png(extra=chunk(b"acTL", bytes(8))), "is an animated PNG: choose one that stands still"),
        (png(after=b"<script>alert(1)</script>"), "goes on for 25 bytes after the image ends: it is more than a PNG"),
        (JPEG + b"PK\3\4", "goes on for 4 bytes after the image ends: it is more than a JPEG"),
        (png()[:-12] + chunk(b"IEND", b"<script>"), "is damaged: its end holds something. Save the picture again as PNG"),
        (png()[:-5], "is damaged: it ends before the image does. Save the picture again as PNG"),
        (JPEG[:-2], "is damaged: it ends before the image does. Save the picture again as PNG"),
        (JPEG[:40] + b"\xff\xd9", "is damaged: it ends before the image does. Save the picture again as PNG"),
        (b"\xff\xd8\xff\xd9", "is damaged: it holds no picture. Save the picture again as PNG"),
        (png(extra=chunk(b"ABCD", b"")), "is damaged: its part “ABCD” is unknown. Save the picture again as PNG"),
    ],
)
def test_anything_else_is_refused_and_the_fault_says_what_was_found(raw: bytes, why: str) -> None:
    """HTML under another name, a second file behind the first, and a picture that fills a browser's memory."""
    assert refusal(raw) == why


def test_a_wrong_checksum_is_found() -> None:
    raw = bytearray(png())
    raw[20] ^= 1
    assert refusal(bytes(raw)) == "is damaged: the checksum of its part “IHDR” is wrong. Save the picture again as PNG"


def test_a_large_jpeg_is_refused_by_its_header() -> None:
    """Height and width stand in the frame header, wherever that is."""
    place = JPEG.index(b"\xff\xc0") + 5
    assert refusal(JPEG[:place] + struct.pack(">HH", 1, 20_000) + JPEG[place + 4 :]).startswith("is 20,000 × 1 pixels")


@given(st.sampled_from([png(), JPEG]), st.data())
def test_no_bytes_break_the_reader(raw: bytes, data: st.DataObject) -> None:
    """Changed, cut or repeated: an image or a fault in words, never another error."""
    place = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:place] + data.draw(st.binary(max_size=6)) + raw[place + data.draw(st.integers(0, 3)) :]
    try:
        read_logo(changed)
    except ValueError as error:
        assert str(error).startswith(("is ", "has ", "must ", "goes "))
