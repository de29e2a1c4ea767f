"""Stations from the cell list of OpenCellID.

`--stations opencellid:262.csv.gz`: the CSV as it is downloaded, with or without its header. Cells
become sites of one operator (mobile country and network code).
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from netspatial.area import Area
from netspatial.errors import BadInput, reason
from netspatial.grid import utm_zone
from netspatial.progress import Progress
from netspatial.sources.contract import Estimate, Fetched, SourceSettings
from netspatial.sources.csv_dialect import sniff
from netspatial.sources.place_table import within
from netspatial.sources.sites import SITE_M, merge_sectors
from netspatial.sources.spec import Spec
from netspatial.user_files.content import check_content
from netspatial.user_files.limits import Limits

COLUMNS = (
    "radio",
    "mcc",
    "net",
    "area",
    "cell",
    "unit",
    "lon",
    "lat",
    "range",
    "samples",
    "changeable",
    "created",
    "updated",
    "averageSignal",
)
_TYPES = {
    "radio": pa.string(),
    "mcc": pa.int32(),
    "net": pa.int32(),
    "area": pa.int64(),
    "cell": pa.int64(),
    "lon": pa.float64(),
    "lat": pa.float64(),
    "samples": pa.int64(),
}


@dataclass(frozen=True)
class OpenCellId:
    """A list of cells on disk, streamed: whole countries are larger than memory.

    merge_m  : cells of one operator within this many metres are one site
    operator : keep only this one, as 'mcc-net'; None keeps all
    """

    path: Path
    merge_m: float
    operator: str | None
    limits: Limits

    def estimate(self, area: Area) -> Estimate:
        """Size of the file."""
        del area  # the whole file is read
        return Estimate(f"cells from {self.path.name}", self.path.stat().st_size / 1e6)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Read the cells in the area and merge them into sites."""
        del work
        progress(f"reading {self.path.name}", 0.0)
        check_content(self.path, self.limits)
        try:
            cells = self._cells(area)
        except (pa.ArrowException, OSError) as error:
            raise BadInput(
                f"'{self.path.name}' is not a cell list of OpenCellID: {reason(error)}."
            ) from error
        if not len(cells):
            raise BadInput(f"'{self.path.name}' has no cell in the area.")
        cells, notes = within(cells, area, "cells")
        sites, merged = merge_sectors(cells, utm_zone(area), self.merge_m)
        return Fetched(
            data=sites,
            licence="CC-BY-SA-4.0",
            attribution=("OpenCelliD Project, CC BY-SA 4.0",),
            notes=(*notes, *merged),
        )

    def _cells(self, area: Area) -> gpd.GeoDataFrame:
        west, south, east, north = area.bounds
        headed = sniff(self.path, self.limits).columns[0] == COLUMNS[0]
        reader = pa.csv.open_csv(
            self.path,
            read_options=pa.csv.ReadOptions(column_names=None if headed else list(COLUMNS)),
            convert_options=pa.csv.ConvertOptions(
                column_types=_TYPES, include_columns=list(_TYPES)
            ),
        )
        found = []
        for batch in reader:
            table = batch.to_pandas()
            found.append(
                table[table["lon"].between(west, east) & table["lat"].between(south, north)]
            )
        if not found:
            raise BadInput(f"'{self.path.name}' lists no cell.")
        cells = pd.concat(found, ignore_index=True)
        cells["operator"] = cells["mcc"].astype(str) + "-" + cells["net"].astype(str)
        if self.operator is not None:
            cells = cells[cells["operator"] == self.operator].reset_index(drop=True)
        cells["station_id"] = (
            cells["operator"] + "-" + cells["area"].astype(str) + "-" + cells["cell"].astype(str)
        )
        points = gpd.points_from_xy(cells["lon"], cells["lat"])
        columns = ["station_id", "operator", "samples"]
        table = cells[columns].assign(technology=cells["radio"])
        return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def build_opencellid(spec: Spec, settings: SourceSettings) -> OpenCellId:
    """Make the source `opencellid:PATH` with the options merge_m and operator."""
    options = spec.take(("merge_m", "operator"))
    return OpenCellId(
        spec.file(),
        spec.number("merge_m", SITE_M, 0.0, 5000.0),
        options.get("operator"),
        settings.limits,
    )
