"""A file that somebody uploads as an area: looked at before anything opens it.

Its name is never a path, its size is bounded, packed and unpacked, and only kinds that hold an
area are read.
"""

import tempfile
from pathlib import Path

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.ui.upload_content import check_content, ending_of

KINDS = ("geojson", "json", "parquet", "geoparquet", "kml", "zip")
MOST_MB = 20


def area_of_upload(name: str, content: bytes) -> Area:
    """Read an area from an uploaded file: its name as the browser gave it, and its bytes."""
    ending = ending_of(name)
    if ending not in KINDS:
        raise BadInput(
            f"A file of the kind '{ending or 'without an ending'}' holds no area; give GeoJSON, "
            "GeoParquet, KML or a zipped shapefile."
        )
    if len(content) > MOST_MB * 1_000_000:
        raise BadInput(f"The file holds more than {MOST_MB} MB, too much for an area.")
    check_content(ending, content, MOST_MB)
    with tempfile.TemporaryDirectory(prefix="netspatial-upload-") as folder:
        path = Path(folder) / f"upload.{ending}"
        path.write_bytes(content)
        return Area.from_file(path)
