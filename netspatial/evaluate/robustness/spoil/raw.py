"""Bytes spoilt without knowing what they mean: what disks, networks and wrong names do to files."""

import gzip
import shutil
from pathlib import Path

from netspatial.evaluate.robustness.spoil.contract import Chance, Spoil

OTHER_KINDS = (
    b"",
    b"\x89PNG\r\n\x1a\n" + bytes(64),
    b"PAR1" + bytes(32) + b"PAR1",
    b"\x89HDF\r\n\x1a\n" + bytes(200),
    b"II*\x00" + bytes(200),
    b"PK\x03\x04" + bytes(100),
    b"SQLite format 3\x00" + bytes(200),
    b"\x1f\x8b\x08" + bytes(20),
    b"<html><body>404 Not Found</body></html>\n",
    b"\xff\xfe" + "{}".encode("utf-16-le"),
    b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    gzip.compress(b"x" * 5_000_000),
)
"""Contents of quite other files, some of which only begin like what they are named."""


def _flip(path: Path, chance: Chance) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(int(chance.integers(1, 40))):
        if content:
            content[int(chance.integers(len(content)))] ^= 1 << int(chance.integers(8))
    path.write_bytes(content)


def _flip_head(path: Path, chance: Chance) -> None:
    """Flip bits where most formats keep what their other bytes mean."""
    content = bytearray(path.read_bytes())
    for _ in range(int(chance.integers(1, 12))):
        if content:
            content[int(chance.integers(min(len(content), 512)))] ^= 1 << int(chance.integers(8))
    path.write_bytes(content)


def _flip_tail(path: Path, chance: Chance) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(int(chance.integers(1, 12))):
        if content:
            at = len(content) - 1 - int(chance.integers(min(len(content), 2048)))
            content[at] ^= 1 << int(chance.integers(8))
    path.write_bytes(content)


def _cut(path: Path, chance: Chance) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(chance.integers(max(len(content), 1)))])


def _zero(path: Path, chance: Chance) -> None:
    content = bytearray(path.read_bytes())
    at, many = int(chance.integers(max(len(content), 1))), int(chance.integers(1, 4096))
    content[at : at + many] = bytes(len(content[at : at + many]))
    path.write_bytes(content)


def _insert(path: Path, chance: Chance) -> None:
    content = path.read_bytes()
    at = int(chance.integers(len(content) + 1))
    path.write_bytes(content[:at] + chance.bytes(int(chance.integers(1, 300))) + content[at:])


def _twice(path: Path, chance: Chance) -> None:
    """Repeat a piece of the file where it stands."""
    content = path.read_bytes()
    first, last = sorted(int(chance.integers(len(content) + 1)) for _ in range(2))
    path.write_bytes(content[:last] + content[first:last] + content[last:])


def _another(path: Path, chance: Chance) -> None:
    path.write_bytes(OTHER_KINDS[int(chance.integers(len(OTHER_KINDS)))])


def _folder(path: Path, chance: Chance) -> None:
    del chance
    path.unlink()
    path.mkdir()


def _gone(path: Path, chance: Chance) -> None:
    del chance
    path.unlink()


def _nowhere(path: Path, chance: Chance) -> None:
    """Leave a link to itself, which no system follows."""
    del chance
    path.unlink()
    path.symlink_to(path.name)


def _swapped(path: Path, chance: Chance) -> None:
    """Put a file in the place of another of its folder."""
    others = sorted(other for other in path.parent.iterdir() if other.is_file() and other != path)
    if others:
        shutil.copyfile(others[int(chance.integers(len(others)))], path)
    else:
        path.write_bytes(b"")


RAW = (
    Spoil("bits flipped", _flip),
    Spoil("bits of its head flipped", _flip_head),
    Spoil("bits of its tail flipped", _flip_tail),
    Spoil("cut", _cut),
    Spoil("a stretch of zeros", _zero),
    Spoil("bytes put in", _insert),
    Spoil("a piece twice", _twice),
    Spoil("another kind of file", _another),
    Spoil("a folder in its place", _folder),
    Spoil("gone", _gone),
    Spoil("a link to itself", _nowhere),
    Spoil("another file in its place", _swapped),
)
