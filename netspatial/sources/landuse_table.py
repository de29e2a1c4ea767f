"""Land use from a user's file: polygons, and lines with a width.

`--landuse parks.geojson#use=park`, `--landuse roads.gpkg#use=road&class=highway`, or a file with a
column of uses or of OpenStreetMap tags. For feasibility and checks only: no model reads it.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from netspatial.area import Area
from netspatial.city.checks import LAND_USES
from netspatial.errors import BadInput
from netspatial.grid import utm_zone
from netspatial.progress import Progress
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, SourceSettings
from netspatial.sources.place_table import column, read_places, within
from netspatial.sources.roads import surfaces, widths_m
from netspatial.sources.spec import Spec
from netspatial.sources.vocabulary import LAND_TAGS
from netspatial.user_files.limits import Limits

USUAL = ("use", "landuse", "fclass", "class", "category")
CLASS = ("highway", "fclass", "functional_roadclass", "frc", "class", "type")
SURFACES = ("Polygon", "MultiPolygon")
LINES = ("LineString", "MultiLineString")


@dataclass(frozen=True)
class LanduseTable:
    """A table of polygons or lines on disk.

    use     : one use for all shapes, the name of a column with uses, or None for a usual column
    width_m : width of lines, m; 0 where none is given, and then only roads have a width
    """

    path: Path
    use: str | None
    width_m: float
    options: dict[str, str]
    limits: Limits

    def estimate(self, area: Area) -> Estimate:
        """Size of the file."""
        del area  # the whole file is read
        return Estimate(f"land use from {self.path.name}", self.path.stat().st_size / 1e6)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Read, cut to the area and map the uses; shapes of no known use are left out."""
        del work
        progress(f"reading {self.path.name}", 0.0)
        read = read_places(self.path, self.options, self.limits)
        shapes = gpd.GeoDataFrame(
            {"use": self._uses(read), "class": self._classes(read)},
            geometry=read.geometry,
            crs=read.crs,
        )
        shapes, notes = within(shapes, area, "shapes")
        known = shapes["use"].isin(LAND_USES)
        surface = shapes.geometry.geom_type.isin(SURFACES)
        line = shapes.geometry.geom_type.isin(LINES)
        if not self.width_m:
            line &= shapes["use"] == "road"
        if not (known & (surface | line)).any():
            raise BadInput(
                f"'{self.path.name}' has no polygon of a known use; give a column or one of "
                f"{', '.join(LAND_USES)} with use=, and width= to make polygons of lines."
            )
        tables = [shapes.loc[known & surface, ["use", "geometry"]]]
        if (known & line).any():
            widened, width_notes = self._widened(shapes[known & line], area)
            tables.append(widened)
            notes += width_notes
        if not (surface | line).all():
            notes.append(
                f"{int((~(surface | line)).sum())} shapes are not polygons and were left out."
            )
        strange = sorted(set(shapes["use"][(surface | line) & ~known].astype(str)))
        if strange:
            notes.append(f"Polygons of unknown uses were left out: {', '.join(strange[:5])}.")
        return Fetched(
            data=gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs="EPSG:4326"),
            licence=self.options.get("licence", NOT_STATED),
            attribution=tuple(filter(None, [self.options.get("attribution")])),
            notes=tuple(notes),
        )

    def _widened(self, lines: gpd.GeoDataFrame, area: Area) -> tuple[gpd.GeoDataFrame, list[str]]:
        """Return the polygons of lines within the area's bounds, and notes on their widths."""
        if self.width_m:
            width = np.full(len(lines), self.width_m)
            notes = [f"Lines were taken as {self.width_m:g} m wide."]
        else:
            width, notes = widths_m(list(lines["class"]))
        made = surfaces(lines, width, utm_zone(area))
        return made[made.intersects(shapely.box(*area.bounds))], notes

    def _uses(self, table: gpd.GeoDataFrame) -> list[str]:
        if self.use in LAND_USES:
            return [self.use] * len(table)
        name = column(table, self.use, USUAL)
        if name is None:
            raise BadInput(
                f"'{self.path.name}' has no column of uses; give one of "
                f"{', '.join(map(str, table.columns))} with use=, or one use for all."
            )
        return [land_use(word) for word in _words(table, name)]

    def _classes(self, table: gpd.GeoDataFrame) -> list[str]:
        """Return the road class of each shape; empty without such a column."""
        name = column(table, self.options.get("class"), CLASS)
        return [""] * len(table) if name is None else _words(table, name)


def land_use(word: str) -> str:
    """Return the land use of a word or an OpenStreetMap tag; the word itself where unknown."""
    for tag in (word, f"landuse={word}", f"leisure={word}", f"natural={word}"):
        if tag in LAND_TAGS:
            return LAND_TAGS[tag]
    return word


def build_landuse_table(spec: Spec, settings: SourceSettings) -> LanduseTable:
    """Make the source `file:PATH` of land use."""
    options = spec.take(("use", "class", "width", "crs", "layer", "licence", "attribution"))
    width = spec.number("width", 0.0, 0.1, 500.0)
    return LanduseTable(spec.file(), options.get("use"), width, options, settings.limits)


def _words(table: gpd.GeoDataFrame, name: str) -> list[str]:
    return list(table[name].astype("string").fillna("").str.strip().str.lower())
