"""A file that somebody uploads as an area: only of a kind and size that an area has.

Its name is never a path; a process of its own reads it.
"""

import tempfile
from pathlib import Path

from netspatial.area import Area
from netspatial.area_files import ENDINGS
from netspatial.errors import BadInput
from netspatial.user_files.content import ending_of
from netspatial.user_files.limits import UPLOAD

MOST_MB = 20


def area_of_upload(name: str, content: bytes) -> Area:
    """Read an area from an uploaded file: its name as the browser gave it, and its bytes."""
    ending = ending_of(name)
    if ending not in ENDINGS:
        raise BadInput(
            f"A file of the kind '{ending or 'without an ending'}' holds no area; give GeoJSON, "
            "GeoParquet, KML or a zipped shapefile."
        )
    if len(content) > MOST_MB * 1_000_000:
        raise BadInput(f"The file holds more than {MOST_MB} MB, too much for an area.")
    with tempfile.TemporaryDirectory(prefix="netspatial-upload-") as folder:
        path = Path(folder) / f"upload.{ending}"
        path.write_bytes(content)
        return Area.from_file(path, limits=UPLOAD)
