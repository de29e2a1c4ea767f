"""Land use from a raster of classes, such as CORINE Land Cover or a user's own map.

`--landuse raster:cover.tif#legend=legend.csv`: the legend maps each value of the raster to a use.
For feasibility and checks only: no model reads it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from netspatial.area import Area
from netspatial.city.checks import LAND_USES
from netspatial.errors import BadInput, reason
from netspatial.progress import Progress
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, SourceSettings
from netspatial.sources.csv_dialect import read_texts
from netspatial.sources.geotiff import area_window, parts_of
from netspatial.sources.landuse_table import land_use
from netspatial.sources.place_table import column
from netspatial.sources.spec import Spec, on_disk
from netspatial.sources.vocabulary import CORINE
from netspatial.user_files.limits import Limits
from netspatial.user_files.raster import open_image

VALUE = ("value", "gridcode", "raster", "id")
MEANING = ("use", "code", "class", "name", "label")

Legend = Mapping[int, str]
"""From a value of the raster to a land use, or to a word that is no known use."""


@dataclass(frozen=True)
class LandCover:
    """A raster of classes on disk and its legend."""

    path: Path
    legend: Legend
    licence: str
    attribution: tuple[str, ...]
    limits: Limits

    def estimate(self, area: Area) -> Estimate:
        """Number and size of the pixels in the area."""
        with self._opened() as raster:
            window = area_window(raster, self.path.name, area, self.limits)
            size = window.width * window.height * np.dtype(raster.dtypes[0]).itemsize / 1e6
        return Estimate(
            f"{self.path.name}: {window.width:.0f} x {window.height:.0f} pixels of land cover", size
        )

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Make polygons of the pixels of each use; pixels of no known use are left out."""
        del work
        known = {value: use for value, use in self.legend.items() if use in LAND_USES}
        met: set[int] = set()
        tables = []
        with self._opened() as raster:
            parts = parts_of(area_window(raster, self.path.name, area, self.limits))
            for done, (_, window) in enumerate(parts):
                try:
                    values = raster.read(1, window=window, masked=True)
                except RasterioError as error:
                    raise BadInput(
                        f"'{self.path.name}' cannot be read: {reason(error)}."
                    ) from error
                met |= set(np.unique(values.compressed()).tolist())
                tables.append(_polygons(values, window, raster, known))
                progress(f"reading {self.path.name}", (done + 1) / len(parts))
        table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs="EPSG:4326")
        # the window's corners lie outside the area where the raster is rotated against it
        table = table[table.intersects(shapely.box(*area.bounds))].reset_index(drop=True)
        if not len(table):
            raise BadInput(
                f"'{self.path.name}' has no class of a known use in the area, only "
                f"{_listed(met, self.legend)}; the uses are {', '.join(LAND_USES)}."
            )
        return Fetched(table, self.licence, self.attribution, tuple(self._notes(met)))

    def _opened(self) -> DatasetReader:
        raster = open_image(self.path, self.limits)
        if not np.issubdtype(raster.dtypes[0], np.integer):
            raster.close()
            raise BadInput(
                f"'{self.path.name}' holds {raster.dtypes[0]}, not classes; give a raster of "
                "integers."
            )
        return raster

    def _notes(self, met: set[int]) -> Iterator[str]:
        """Yield notes on the use of each class in the area, and on classes left out."""
        became: dict[str, list[str]] = {}
        for value in sorted(met):
            became.setdefault(self.legend.get(value, ""), []).append(str(value))
        mapped = [f"{', '.join(became[use])} {use}" for use in LAND_USES if use in became]
        yield f"Classes mapped to land use: {'; '.join(mapped)}."
        strange = {value for value in met if self.legend.get(value) not in LAND_USES}
        if strange:
            yield f"Classes of no known use were left out: {_listed(strange, self.legend)}."


def build_land_cover(spec: Spec, settings: SourceSettings) -> LandCover:
    """Make the source `raster:PATH#legend=PATH` with use=, licence= and attribution=."""
    options = spec.take(("legend", "use", "licence", "attribution"))
    legend = options.get("legend")
    if legend is None:
        raise BadInput(
            "A raster of land cover needs legend=FILE, a table of its values and their land use, "
            "or legend=corine."
        )
    return LandCover(
        path=spec.file(),
        legend=corine_legend()
        if legend == "corine"
        else read_legend(legend, options.get("use"), settings.limits),
        licence=options.get("licence", NOT_STATED),
        attribution=tuple(filter(None, [options.get("attribution")])),
        limits=settings.limits,
    )


def corine_legend() -> dict[int, str]:
    """Return the legend of CORINE's rasters, with values 1 to 44 or the codes 111 to 523."""
    by_value = dict(enumerate(CORINE.values(), start=1))
    return by_value | {int(code): use for code, use in CORINE.items()}


def read_legend(where: str, asked: str | None, limits: Limits) -> dict[int, str]:
    """Return the legend of a table, which may use CORINE codes and OpenStreetMap tags.

    asked : column of the meanings; None for a usual name
    """
    path = on_disk(where)
    if path is None or not path.is_file():
        raise BadInput(f"There is no legend '{where}'; give a table, or legend=corine.")
    table = read_texts(path, limits)
    values, meanings = column(table, None, VALUE), column(table, asked, MEANING)
    if values is None or meanings is None:
        raise BadInput(
            f"The legend '{path.name}' needs a column value and one of {', '.join(MEANING)}; it "
            f"has {', '.join(table.columns)}. Name the column of land use with use=."
        )
    found: dict[int, str] = {}
    for value, meaning in zip(table[values], table[meanings], strict=True):
        if pd.isna(value) or not value.strip().lstrip("-").isdigit():
            raise BadInput(f"In the legend '{path.name}' the value '{value}' is not an integer.")
        word = "" if pd.isna(meaning) else meaning.strip().lower()
        use = CORINE.get(word) or land_use(word)
        if found.setdefault(int(value), use) != use:
            raise BadInput(f"In the legend '{path.name}' the value {value} has two uses.")
    return found


def _polygons(
    values: "np.ma.MaskedArray[tuple[int, ...], np.dtype[np.integer]]",
    window: Window,
    raster: DatasetReader,
    known: Legend,
) -> gpd.GeoDataFrame:
    """Return the pixels (h, w) of a window as polygons of one use each, in EPSG:4326."""
    number: NDArray[np.uint8] = np.zeros(values.shape, dtype=np.uint8)
    for value, use in known.items():
        number[np.ma.getdata(values) == value] = LAND_USES.index(use) + 1
    number[np.ma.getmaskarray(values)] = 0
    found = rasterio.features.shapes(
        number, mask=number > 0, transform=raster.window_transform(window)
    )
    uses, shapes = [], []
    for shape, at in found:
        uses.append(LAND_USES[int(at) - 1])
        shapes.append(shapely.geometry.shape(shape))
    table = gpd.GeoDataFrame({"use": uses}, geometry=shapes, crs=raster.crs)
    return table.to_crs("EPSG:4326")


def _listed(values: set[int], legend: Legend) -> str:
    """List values with their names in the legend."""
    named = [f"{value} ({legend.get(value) or 'not in the legend'})" for value in sorted(values)]
    return ", ".join(named[:5]) + (", ..." if len(named) > 5 else "") or "no data"
