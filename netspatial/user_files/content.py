"""What a file of a user holds, looked at before a library opens it.

Readers of places go by what a file holds rather than by its ending, and some such files name others
to be read in their place; so each file has to be what its ending says. What is packed is bounded
unpacked.
"""

import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from netspatial.errors import BadInput, reason
from netspatial.user_files.json_text import check_json
from netspatial.user_files.limits import Limits

DOUBLE = (".csv.gz", ".txt.gz", ".tsv.gz", ".osm.pbf")
"""Endings of two parts."""
BEGINS: dict[str, tuple[bytes, ...]] = {
    "tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "parquet": (b"PAR1",),
    "gpkg": (b"SQLite format 3\x00",),
    "gz": (b"\x1f\x8b",),
    "zip": (b"PK\x03\x04",),
    "json": (b"{",),
    "kml": (b"<",),
    "osm": (b"<",),
    "shp": (b"\x00\x00\x27\x0a",),
    "shx": (b"\x00\x00\x27\x0a",),
}
"""The first bytes of a file by the last part of its ending."""
SAME = {"tiff": "tif", "geoparquet": "parquet", "geojson": "json"}
ROOT = {"kml": b"<kml", "osm": b"<osm"}
"""What a text in XML has to be near its beginning."""
FOREIGN = (b"<ogrvrt", b"<!doctype", b"<!entity")
"""What has other files read in the place of a text in XML, or lets it grow without end."""
HEAD = 4096

SHAPEFILE_PARTS = (
    ".shp",
    ".shx",
    ".dbf",
    ".prj",
    ".cpg",
    ".qix",
    ".qpj",
    ".sbn",
    ".sbx",
    ".xml",
    ".txt",
)
LAYERS = (".shp", ".geojson", ".json", ".gpkg", ".kml")
"""What a zip is read for."""
STEP = 1 << 20


def ending_of(name: str) -> str:
    """Return the ending of a name as the browser gave it, without its dot; '' without one."""
    plain = PurePosixPath(name.replace("\\", "/")).name.lower()
    double = next((ending for ending in DOUBLE if plain.endswith(ending)), None)
    return (double or PurePosixPath(plain).suffix).removeprefix(".")


def check_content(path: Path, limits: Limits) -> None:
    """Raise unless a regular file is what its ending says, of a size that is bounded unpacked."""
    if not path.is_file():
        if path.exists():
            raise BadInput(f"'{path}' is not a file; devices, pipes and folders are not read.")
        raise BadInput(f"There is no file '{path}'.")
    last = ending_of(path.name).rpartition(".")[2]
    kind = SAME.get(last, last)
    with path.open("rb") as file:
        head = file.read(HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    begins = BEGINS.get(kind)
    if begins is not None and not head.startswith(begins):
        raise _something_else(path)
    if kind in ROOT:
        _check_xml(path, ROOT[kind], head)
    if kind == "json":
        check_json(path.read_bytes(), limits, f"'{path.name}'")
    if kind == "zip":
        check_archive(path, limits)
    if kind == "gz":
        _check_packed(path, limits)


def check_archive(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the files in a zip of shapefiles or of other layers; raise where it could do harm.

    That is: too much inside, names that leave it, foreign parts.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise BadInput(f"'{path.name}' is not a zip archive that can be read.") from error
    limits.check("members", len(members), f"'{path.name}'", "files", "a shapefile has few")
    unpacked = sum(member.file_size for member in members) / 1e6
    limits.check("unpacked_mb", unpacked, f"'{path.name}'", "MB unpacked", "give a smaller one")
    for member in members:
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in (inside.parts or ("",))[0]:
            raise BadInput(f"'{path.name}' holds a file whose name leads out of it; it is refused.")
        if inside.suffix.lower() not in (*SHAPEFILE_PARTS, *LAYERS):
            raise BadInput(
                f"'{path.name}' holds a file of the kind '{inside.suffix}'; only shapefiles, "
                "GeoJSON, GeoPackages and KML are read in a zip."
            )
    return members


def unpack_layers(path: Path, folder: Path, limits: Limits) -> list[Path]:
    """Write what a zip holds into a folder and return its layers: .shp files and others.

    Each part is looked at; names keep letters and digits only.
    """
    found = []
    for member in check_archive(path, limits):
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.name.startswith(".") or "__MACOSX" in inside.parts:
            continue
        plain = "".join(sign if sign.isalnum() or sign in "_- " else "_" for sign in inside.stem)
        target = folder / f"{plain}{inside.suffix.lower()}"
        if target.exists():
            raise BadInput(f"'{path.name}' holds two files '{target.name}'; rename one of them.")
        try:
            with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
                _copy(packed, target, member.file_size)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise BadInput(f"'{path.name}' cannot be unpacked: {reason(error)}.") from error
        check_content(target, limits)
        if target.suffix in LAYERS:
            found.append(target)
    if not found:
        raise BadInput(f"'{path.name}' holds no shapefile (.shp) or other layer.")
    return sorted(found)


def _copy(packed: IO[bytes], target: Path, size: int) -> None:
    """Unpack a member to at most the size that the archive told of it."""
    with target.open("wb") as file:
        left = size
        while left > 0 and (piece := packed.read(min(STEP, left))):
            file.write(piece)
            left -= len(piece)


def _check_xml(path: Path, root: bytes, head: bytes) -> None:
    """Raise unless a text is XML of this root that names no other file and no entity."""
    if root not in head:
        raise _something_else(path)
    before = b""
    with path.open("rb") as file:
        while piece := file.read(STEP):
            seen = (before + piece).lower()
            if any(word in seen for word in FOREIGN):
                raise _something_else(path)
            before = piece[-16:]


def _check_packed(path: Path, limits: Limits) -> None:
    """Raise where gzip unpacks to too much or to nothing that can be read; nothing is kept."""
    size = 0
    member = zlib.decompressobj(wbits=31)
    try:
        with path.open("rb") as file:
            while left := file.read(STEP):
                while left:
                    if member.eof:
                        member = zlib.decompressobj(wbits=31)
                    size += len(member.decompress(left, STEP))
                    left = member.unconsumed_tail or member.unused_data
                    limits.check(
                        "unpacked_mb",
                        size / 1e6,
                        f"'{path.name}'",
                        "MB unpacked",
                        "give a smaller one",
                    )
    except zlib.error as error:
        raise BadInput(f"'{path.name}' cannot be unpacked; pack it again with gzip.") from error
    if not member.eof:
        raise BadInput(f"'{path.name}' is cut short; pack it again with gzip.")


def _something_else(path: Path) -> BadInput:
    return BadInput(f"'{path.name}' is named '.{ending_of(path.name)}' and holds something else.")
