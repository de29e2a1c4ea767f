"""Hashes of file contents, the keys of everything derived from files, never time or size."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal; the file is read in pieces, so it may be large."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path) -> str | None:
    """Return a hash of the content of a file or a folder; None where there is neither.

    Of a folder: the names and contents of all files below it, except hidden ones. Of a shapefile:
    also its sidecar files, which hold its attributes and its CRS.
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
