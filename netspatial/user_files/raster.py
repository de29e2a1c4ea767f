"""Images of users: the one door to rasterio.

Only GeoTIFF is opened, whatever a file holds, and a mosaic (VRT) of such that was read before.
"""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Interleaving
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from netspatial.errors import BadInput, reason
from netspatial.user_files.content import check_content
from netspatial.user_files.limits import Limits
from netspatial.user_files.vrt import mosaic_sources

DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".vrt": "VRT"}
LEADS_ELSEWHERE = {"OVERVIEWS": "OVERVIEW_FILE", "GEOLOCATION": "X_DATASET"}
"""Metadata by which GDAL opens another file in a GeoTIFF's place."""


def open_image(path: Path, limits: Limits) -> DatasetReader:
    """Return an open GeoTIFF, or a mosaic of GeoTIFFs, of which only the header was read."""
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise BadInput(
            f"'{path.name}' is no image that is read here; give a GeoTIFF (.tif), or a VRT of such "
            "on the command line."
        )
    check_content(path, limits)
    if driver == "VRT":
        for source in mosaic_sources(path):
            open_image(source, limits).close()
    try:
        image = rasterio.open(path.absolute(), driver=driver)
    except RasterioError as error:
        raise BadInput(f"'{path.name}' is no image that can be read: {reason(error)}.") from error
    try:
        _check(image, path, limits)
    except BaseException:
        image.close()
        raise
    return image


def _check(image: DatasetReader, path: Path, limits: Limits) -> None:
    for domain, item in LEADS_ELSEWHERE.items():
        if item in image.tags(ns=domain):
            raise BadInput(
                f"'{path.name}' names another file in its metadata ({item}); gdal_translate "
                "without it mends that."
            )
    limits.check("bands", image.count, f"'{path.name}'", "bands", "keep those that are needed")
    if image.count == 0 or any(name.startswith("complex") for name in image.dtypes):
        raise BadInput(f"'{path.name}' has no bands of plain numbers.")
    rows, columns = image.block_shapes[0]
    together = image.count if image.interleaving == Interleaving.pixel else 1
    block = rows * columns * together * np.dtype(image.dtypes[0]).itemsize / 1e6
    limits.check(
        "block_mb", block, f"'{path.name}'", "MB in one tile", "write it in tiles of 256 pixels"
    )
