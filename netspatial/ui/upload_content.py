"""What an uploaded file holds, looked at before anything opens it.

A reader of places goes by what a file holds rather than by its ending, and some such files name
others to be read in their place; so each file has to be what its ending says. What is packed is
bounded unpacked.
"""

import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from netspatial.errors import BadInput

DOUBLE = (".csv.gz", ".txt.gz", ".tsv.gz", ".osm.pbf")
"""Endings of two parts."""
BEGINS: dict[str, tuple[bytes, ...]] = {
    "tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "parquet": (b"PAR1",),
    "gpkg": (b"SQLite format 3\x00",),
    "gz": (b"\x1f\x8b",),
    "json": (b"{",),
    "kml": (b"<",),
    "osm": (b"<",),
}
"""The first bytes of a file by the last part of its ending."""
SAME = {"tiff": "tif", "geoparquet": "parquet", "geojson": "json"}
ROOT = {"kml": b"<kml", "osm": b"<osm"}
"""What a text in XML has to be near its beginning."""
LEADS_ELSEWHERE = b"<ogrvrt"
"""Begins a text that has GDAL read other files in its place."""
HEAD = 4096

MOST_UNPACKED_MB = 200
MOST_MEMBERS = 64
SHAPEFILE_PARTS = (
    ".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".qpj", ".sbn", ".sbx", ".xml", ".txt",
)  # fmt: skip
MOST_TIMES = 10
"""A packed table may be so many times as large as the largest plain one."""
STEP = 1 << 20


def ending_of(name: str) -> str:
    """Return the ending of a name as the browser gave it, without its dot; '' without one."""
    plain = PurePosixPath(name.replace("\\", "/")).name.lower()
    double = next((ending for ending in DOUBLE if plain.endswith(ending)), None)
    return (double or PurePosixPath(plain).suffix).removeprefix(".")


def check_content(ending: str, content: bytes, most_mb: float) -> None:
    """Raise unless a file is what its ending says, and of a size that is bounded unpacked.

    most_mb : the most that a plain file of its purpose may hold
    """
    last = ending.rpartition(".")[2]
    kind = SAME.get(last, last)
    head = content[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    begins = BEGINS.get(kind)
    if begins is not None and not head.startswith(begins):
        raise BadInput(f"The file is named '.{ending}' and holds something else.")
    if kind in ROOT and (ROOT[kind] not in head or LEADS_ELSEWHERE in content.lower()):
        raise BadInput(f"The file is named '.{ending}' and holds something else.")
    if kind == "zip":
        check_archive(content)
    if kind == "gz":
        _check_packed(content, most_mb * MOST_TIMES)


def check_archive(content: bytes) -> None:
    """Raise where a zip could do harm: too much inside, names that leave it, foreign parts."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadInput("The file is not a zip archive that can be read.") from error
    if len(members) > MOST_MEMBERS:
        raise BadInput(
            f"The archive holds {len(members):,} files; a zipped shapefile has at most "
            f"{MOST_MEMBERS}."
        )
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED_MB * 1_000_000:
        raise BadInput(
            f"The archive would unpack to {unpacked / 1e6:,.0f} MB, more than {MOST_UNPACKED_MB}; "
            "it is refused."
        )
    for member in members:
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
            raise BadInput("The archive holds a file whose name leads out of it; it is refused.")
        if not member.is_dir() and inside.suffix.lower() not in SHAPEFILE_PARTS:
            raise BadInput(
                f"The archive holds a file of the kind '{inside.suffix}'; "
                "only the parts of a shapefile are read."
            )


def _check_packed(content: bytes, most_mb: float) -> None:
    """Raise where gzip unpacks to too much or to nothing that can be read; nothing is kept."""
    left, size = content, 0
    try:
        while left:
            member = zlib.decompressobj(wbits=31)
            while left and not member.eof:
                size += len(member.decompress(left, STEP))
                left = member.unconsumed_tail or member.unused_data
                if size > most_mb * 1_000_000:
                    raise BadInput(
                        f"The packed file holds more than {most_mb:,.0f} MB; it is refused."
                    )
    except zlib.error as error:
        raise BadInput("The packed file cannot be unpacked; pack it again with gzip.") from error
