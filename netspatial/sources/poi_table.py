"""Points of interest from a user's file.

`--pois places.csv`, GeoParquet, GeoJSON and others. Categories are mapped to the tags of
`vocabulary`; the original category is kept.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.progress import Progress
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, SourceSettings
from netspatial.sources.place_table import column, read_places, within
from netspatial.sources.spec import Spec
from netspatial.sources.vocabulary import tag_places
from netspatial.user_files.limits import Limits

COLUMNS = ("name", "category", "address", "source")
"""Columns of a place in a city folder, in addition to `category_original` and its point."""

USUAL = {
    "name": ("name", "title", "label"),
    "category": ("category", "kind", "type", "class", "amenity", "fclass"),
    "address": ("address", "addr", "street"),
    "source": ("source",),
}


@dataclass(frozen=True)
class PoiTable:
    """A table of places on disk; `options` give columns, decimal sign and coordinate system."""

    path: Path
    options: dict[str, str]
    limits: Limits

    def estimate(self, area: Area) -> Estimate:
        """Size of the file."""
        del area  # the whole file is read
        return Estimate(f"places from {self.path.name}", self.path.stat().st_size / 1e6)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Read, cut to the area and map the categories."""
        del work
        progress(f"reading {self.path.name}", 0.0)
        table = read_places(self.path, self.options, self.limits)
        if not len(table):
            raise BadInput(f"'{self.path.name}' holds no places.")
        named = self._named(table)
        table, notes = within(named, area, "places")
        table, strange = tag_places(table)
        return Fetched(
            data=table,
            licence=self.options.get("licence", NOT_STATED),
            attribution=tuple(filter(None, [self.options.get("attribution")])),
            notes=(*notes, *strange),
        )

    def _named(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the columns of a place under our names; polygons become a point inside them."""
        found = {name: column(table, self.options.get(name), USUAL[name]) for name in COLUMNS}
        if found["category"] is None:
            raise BadInput(
                f"'{self.path.name}' has no column of categories; give one of "
                f"{', '.join(map(str, table.columns))} with category=."
            )
        plain = {
            name: "" if where is None else table[where].astype("string").fillna("").astype(object)
            for name, where in found.items()
        }
        if found["source"] is None:
            plain["source"] = self.path.name
        points = table.geometry.where(
            table.geometry.geom_type == "Point", table.representative_point()
        )
        return gpd.GeoDataFrame(plain, geometry=points, crs=table.crs)


def build_poi_table(spec: Spec, settings: SourceSettings) -> PoiTable:
    """Make the source `file:PATH` of points of interest."""
    known = (*COLUMNS, "lon", "lat", "crs", "decimal", "layer", "licence", "attribution")
    return PoiTable(spec.file(), spec.take(known), settings.limits)
