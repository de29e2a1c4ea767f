"""Upload of an area: limited in file type and size, read in a process of its own.

The file name is never used as a path.
"""

import tempfile
from pathlib import Path

from netspatial.area import Area
from netspatial.area_files import ENDINGS
from netspatial.errors import BadInput
from netspatial.user_files.content import ending_of
from netspatial.user_files.limits import UPLOAD

MAX_MB = 20


def area_of_upload(name: str, content: bytes) -> Area:
    """Return the area in an uploaded file, given its name and its bytes."""
    ending = ending_of(name)
    if ending not in ENDINGS:
        which = f"of type '{ending}'" if ending else "without an ending"
        raise BadInput(
            f"A file {which} holds no area; upload GeoJSON, GeoParquet, KML or a zipped shapefile."
        )
    if len(content) > MAX_MB * 1_000_000:
        raise BadInput(f"The file holds more than {MAX_MB} MB, the limit of an area file.")
    with tempfile.TemporaryDirectory(prefix="netspatial-upload-") as folder:
        path = Path(folder) / f"upload.{ending}"
        path.write_bytes(content)
        return Area.from_file(path, limits=UPLOAD)
