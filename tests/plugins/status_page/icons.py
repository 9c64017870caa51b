"""Draws the page's icons as PNG, for home screens that take no SVG: ``python -m tests.plugins.status_page.icons``.

A record before the light of a room. The record fits the circle that every platform's mask leaves.
"""

import math
import struct
import zlib
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parents[3] / "moodroom_hub" / "plugins" / "status_page" / "static"
SIZES: Final = (192, 512)

Colour = tuple[float, float, float]
NIGHT: Final[Colour] = (12, 11, 28)
INDIGO: Final[Colour] = (106, 88, 224)
ROSE: Final[Colour] = (192, 57, 127)
VINYL: Final[Colour] = (9, 8, 13)
GROOVE: Final[Colour] = (59, 55, 80)
AMBER: Final[Colour] = (255, 185, 56)


def icon(size: int) -> bytes:
    """The icon, ``size`` × ``size`` pixels, as a PNG file."""
    rows = b"".join(_row(y, size) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def decoded(file: bytes) -> bytes:
    """The rows of a PNG made here: what is in it, whichever zlib wrote it."""
    at = file.index(b"IDAT")
    (length,) = struct.unpack(">I", file[at - 4 : at])
    return zlib.decompress(file[at + 4 : at + 4 + length])


def _row(y: int, size: int) -> bytes:
    """One row as differences to the pixel on the left (PNG's filter 1): gradients pack well so."""
    pixels = bytes(part for x in range(size) for part in _pixel(x, y, size))
    return b"\1" + bytes((part - left) % 256 for part, left in zip(pixels, b"\0\0\0" + pixels, strict=False))


def _pixel(x: int, y: int, size: int) -> tuple[int, int, int]:
    across, down = (x + 0.5) / size, (y + 0.5) / size
    colour = _over(NIGHT, INDIGO, 1 - math.hypot(across - 0.2, down - 0.1) / 0.9)
    colour = _over(colour, ROSE, 1 - math.hypot(across - 1, down - 0.9) / 0.8)
    radius = math.hypot(across - 0.5, down - 0.5)
    for edge, of_disc in ((0.33, VINYL), (0.125, AMBER), (0.032, VINYL)):
        colour = _over(colour, of_disc, (edge - radius) * size + 0.5)
        if edge == 0.33:
            colour = _over(colour, GROOVE, 1 - abs(radius - 0.24) * size / max(1, size / 128))
    return round(colour[0]), round(colour[1]), round(colour[2])


def _over(under: Colour, over: Colour, share: float) -> Colour:
    kept = min(1.0, max(0.0, share))
    return (
        under[0] + (over[0] - under[0]) * kept,
        under[1] + (over[1] - under[1]) * kept,
        under[2] + (over[2] - under[2]) * kept,
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    for each in SIZES:
        (STATIC / f"icon-{each}.png").write_bytes(icon(each))
