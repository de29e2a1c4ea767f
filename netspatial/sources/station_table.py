"""Stations from a user's file, or squares of a published grid used as stations.

`--stations sites.csv`, GeoParquet, GeoJSON and others. Polygons become a point inside them.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.grid import utm_zone
from netspatial.progress import Progress
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, SourceSettings
from netspatial.sources.csv_dialect import numbers
from netspatial.sources.place_table import column, read_places, within
from netspatial.sources.sites import merge_sectors
from netspatial.sources.spec import Spec
from netspatial.user_files.limits import Limits

USUAL = {
    "id": ("station_id", "id", "site_id", "site", "station", "cell_id", "cellid", "cell"),
    "capacity": ("capacity",),
    "tier": ("tier",),
    "technology": ("technology", "tech", "radio", "rat"),
    "operator": ("operator", "carrier", "network"),
}


@dataclass(frozen=True)
class StationTable:
    """A table of stations on disk.

    merge_m : sectors of one operator within this many metres are one site; 0 keeps every row
    """

    path: Path
    merge_m: float
    options: dict[str, str]
    limits: Limits

    def estimate(self, area: Area) -> Estimate:
        """Size of the file."""
        del area  # the whole file is read
        return Estimate(f"stations from {self.path.name}", self.path.stat().st_size / 1e6)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Read, cut to the area, and merge sectors where `merge_m` is above 0."""
        del work
        progress(f"reading {self.path.name}", 0.0)
        table = self._named(read_places(self.path, self.options, self.limits))
        table, notes = within(table, area, "stations")
        if self.merge_m:
            table, merged = merge_sectors(table, utm_zone(area), self.merge_m)
            notes += merged
        twice = table["station_id"][table["station_id"].duplicated()]
        if len(twice):
            raise BadInput(
                f"In '{self.path.name}' station '{twice.iloc[0]}' occurs more than once; give the "
                "column of ids with id=, or merge sectors into sites with merge_m=50."
            )
        return Fetched(
            data=table,
            licence=self.options.get("licence", NOT_STATED),
            attribution=tuple(filter(None, [self.options.get("attribution")])),
            notes=tuple(notes),
        )

    def _named(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        found = {
            name: column(table, self.options.get(name), usual) for name, usual in USUAL.items()
        }
        if found["id"] is None:
            raise BadInput(
                f"'{self.path.name}' has no column of station ids; give one of "
                f"{', '.join(map(str, table.columns))} with id=."
            )
        kept: dict[str, pd.Series] = {"station_id": table[found.pop("id")].astype("string")}
        if kept["station_id"].isna().any():
            raise BadInput(f"In '{self.path.name}' some stations have no id.")
        for name, where in found.items():
            if where is not None:
                kept[name] = table[where]
        if "capacity" in kept:
            sign = self.options.get("decimal", ".")
            kept["capacity"] = pd.Series(
                numbers(kept["capacity"], sign, f"'{self.path.name}'"), index=table.index
            )
        points = table.geometry.where(
            table.geometry.geom_type == "Point", table.representative_point()
        )
        frame = pd.DataFrame({name: _plain(values) for name, values in kept.items()})
        return gpd.GeoDataFrame(frame, geometry=points, crs=table.crs)


def build_station_table(spec: Spec, settings: SourceSettings) -> StationTable:
    """Make the source `file:PATH` of stations."""
    columns = (*USUAL, "lon", "lat", "crs", "decimal", "layer")
    options = spec.take((*columns, "merge_m", "licence", "attribution"))
    merge_m = spec.number("merge_m", 0.0, 0.0, 5000.0)
    return StationTable(spec.file(), merge_m, options, settings.limits)


def _plain(values: pd.Series) -> pd.Series:
    return values if pd.api.types.is_numeric_dtype(values.dtype) else values.astype(object)
