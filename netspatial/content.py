"""Hashes of files: what was made from a file is kept under its content, never its time or size.

On the ground; cities, models and the stages of runs are all told apart by these hashes.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal; the file is read in pieces, so it may be large."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path) -> str | None:
    """Return a hash of what a file or a folder holds; None where there is neither.

    Of a folder: the names and content of all files below it, hidden ones aside. Of a shapefile:
    also the files beside it that belong to it, since its attributes and its CRS lie there.
    """
    if path.is_dir():
        return hash_of_files(path, (file for file in path.rglob("*") if _counts(file, path)))
    if path.suffix.lower() == ".shp":
        return hash_of_files(path.parent, path.parent.glob(f"{path.stem}.*"))
    return file_sha256(path) if path.is_file() else None


def hash_of_files(folder: Path, files: Iterable[Path]) -> str:
    """Return a hash of the names below `folder` and the content of these files, in any order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(folder).as_posix()} {file_sha256(path)};".encode())
    return digest.hexdigest()


def _counts(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return file.is_file() and not hidden
