"""GeoTIFF: one column of the cells as a raster in the city's CRS, one pixel per cell."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import attribution, origin, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun


def write_geotiff(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write one column as float32; NaN where there is no cell or no value."""
    cells, side = asked.rows(run), run.request.cell_m
    numbers = [name for name in cells.columns if pd.api.types.is_numeric_dtype(cells[name])]
    if asked.column not in numbers:
        raise BadInput(
            f"There is no numeric column '{asked.column}'; there are {', '.join(numbers)}."
        )
    column = np.rint(cells["x"] / side - 0.5).astype(int)
    row = np.rint(cells["y"] / side - 0.5).astype(int)
    left, top = column.min(), row.max()
    image = np.full((top - row.min() + 1, column.max() - left + 1), np.nan, dtype=np.float32)
    image[top - row, column - left] = cells[asked.column].to_numpy(dtype=float, na_value=np.nan)
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "width": image.shape[1],
        "height": image.shape[0],
        "crs": run.places.crs.to_wkt(),
        "transform": from_origin(left * side, (top + 1) * side, side, side),
        "nodata": np.nan,
        "compress": "deflate",
    }
    # in memory first: GDAL reports no error on a full disk and leaves a truncated file
    with MemoryFile() as memory, atomic_file(path) as draft:
        with memory.open(**profile) as raster:
            raster.write(image, 1)
            raster.set_band_description(1, asked.column)
            raster.update_tags(
                TIFFTAG_IMAGEDESCRIPTION=origin_sentence(run),
                TIFFTAG_COPYRIGHT=attribution(run),
                NETSPATIAL=json.dumps(origin(run), sort_keys=True),
            )
        draft.write_bytes(memory.read())
