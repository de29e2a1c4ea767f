"""Land use from a file of polygons of one's own.

`--landuse parks.geojson#use=park`, or a file with a column of uses or of OpenStreetMap tags. For
feasibility and checks only: no model reads it.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from netspatial.area import Area
from netspatial.city_checks import LAND_USES
from netspatial.errors import BadInput
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, Progress, Settings
from netspatial.sources.place_table import column, read_places, within
from netspatial.sources.spec import Spec
from netspatial.sources.vocabulary import LAND_TAGS

USUAL = ("use", "landuse", "fclass", "class", "category")
SURFACES = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class LanduseTable:
    """A table of polygons on disk.

    use : one use for all polygons, the name of a column with uses, or None for a usual column
    """

    path: Path
    use: str | None
    options: dict[str, str]

    def estimate(self, area: Area) -> Estimate:
        """Say how large the file is."""
        del area  # the whole file is read
        return Estimate(f"land use from {self.path.name}", self.path.stat().st_size / 1e6)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Read, cut to the area and map the uses; polygons of no known use are left out."""
        del work
        progress(f"reading {self.path.name}", 0.0)
        table = read_places(self.path, self.options)
        uses = self._uses(table)
        table, notes = within(
            gpd.GeoDataFrame({"use": uses}, geometry=table.geometry, crs=table.crs),
            area,
            "polygons",
        )
        surface = table.geometry.geom_type.isin(SURFACES)
        known = table["use"].isin(LAND_USES)
        if not (surface & known).any():
            raise BadInput(
                f"'{self.path.name}' has no polygon of a known use; use= names a column or one "
                f"of {', '.join(LAND_USES)}."
            )
        if not surface.all():
            notes.append(f"{int((~surface).sum())} shapes are no surfaces and were left out.")
        strange = sorted(set(table["use"][surface & ~known].astype(str)))
        if strange:
            notes.append(f"Surfaces of other uses were left out: {', '.join(strange[:5])}.")
        return Fetched(
            data=table[surface & known].reset_index(drop=True),
            licence=self.options.get("licence", NOT_STATED),
            attribution=tuple(filter(None, [self.options.get("attribution")])),
            notes=tuple(notes),
        )

    def _uses(self, table: gpd.GeoDataFrame) -> list[str]:
        if self.use in LAND_USES:
            return [self.use] * len(table)
        name = column(table, self.use, USUAL)
        if name is None:
            raise BadInput(
                f"'{self.path.name}' has no column of uses; use= names one of "
                f"{', '.join(map(str, table.columns))}, or one use for all."
            )
        words = table[name].astype("string").fillna("").str.strip().str.lower()
        return [land_use(word) for word in words]


def land_use(word: str) -> str:
    """Return the use that a word or a tag of OpenStreetMap means; the word itself without one."""
    for tag in (word, f"landuse={word}", f"leisure={word}", f"natural={word}"):
        if tag in LAND_TAGS:
            return LAND_TAGS[tag]
    return word


def build_landuse_table(spec: Spec, _settings: Settings) -> LanduseTable:
    """Make the source `file:PATH` of land use."""
    options = spec.take(("use", "crs", "layer", "licence", "attribution"))
    return LanduseTable(spec.file(), options.get("use"), options)
