"""A file that somebody uploads as an area: looked at before anything opens it.

Its name is never a path, its size is bounded, packed and unpacked, and only kinds that hold an
area are read.
"""

import tempfile
import zipfile
from io import BytesIO
from pathlib import Path, PurePosixPath

from netspatial.area import Area
from netspatial.errors import BadInput

KINDS = ("geojson", "json", "parquet", "geoparquet", "kml", "zip")
MOST_MB = 20
MOST_UNPACKED_MB = 200
MOST_MEMBERS = 64
SHAPEFILE_PARTS = (
    ".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".qpj", ".sbn", ".sbx", ".xml", ".txt",
)  # fmt: skip


def area_of_upload(name: str, content: bytes) -> Area:
    """Read an area from an uploaded file: its name as the browser gave it, and its bytes."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix.removeprefix(".") not in KINDS:
        raise BadInput(
            f"A file of the kind '{suffix or 'without an ending'}' holds no area; give GeoJSON, "
            "GeoParquet, KML or a zipped shapefile."
        )
    if len(content) > MOST_MB * 1_000_000:
        raise BadInput(f"The file holds more than {MOST_MB} MB, too much for an area.")
    if suffix == ".zip":
        check_archive(content)
    with tempfile.TemporaryDirectory(prefix="netspatial-upload-") as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(content)
        return Area.from_file(path)


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
