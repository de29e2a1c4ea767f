"""Imagery of Sentinel-2 through a STAC catalogue: the least cloudy day that covers the area.

`--imagery sentinel2:2024-05-01/2024-09-30`. pystac-client searches, odc-stac reads only the pixels
of the area. Colours are reflectance with a fixed stretch, the same for all cities.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.geometry
import xarray as xr
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.transform import from_origin
from rasterio.windows import Window

from netspatial.area import Area
from netspatial.errors import BadInput, reason
from netspatial.grid import utm_zone
from netspatial.progress import Progress
from netspatial.sources.contract import Estimate, Fetched, SourceSettings
from netspatial.sources.geotiff import BLOCK, write_image
from netspatial.sources.net import CannotFetch, import_web
from netspatial.sources.spec import Spec

CATALOGUE = "https://earth-search.aws.element84.com/v1"
COLLECTION = "sentinel-2-l2a"
PIXEL_M = 10.0
WHITE = 0.3
"""Reflectance from which a pixel is white."""
DN = 10_000.0
"""Digital numbers of a reflectance of 1."""
SHIFT_DN = 1000.0
"""Offset of digital numbers since processing baseline 04.00, unless the catalogue removed it."""
MAX_SCENES = 500
ENOUGH = 0.999
"""Share of the area from which a day counts as covering all of it."""


@dataclass(frozen=True)
class Sentinel2:
    """Scenes between two days.

    days  : first and last day, as 2024-05-01/2024-09-30
    cloud : maximum cloud cover of a scene, per cent
    bands : names of red, green and blue in the catalogue
    """

    days: str
    cloud: float
    catalogue: str
    collection: str
    bands: tuple[str, str, str]
    settings: SourceSettings

    def estimate(self, area: Area) -> Estimate:
        """Number of pixels to read; compressed, about two bytes each."""
        pixels = area.area_km2 * 1e6 / PIXEL_M**2
        what = f"Sentinel-2 of {self.days}, {pixels / 1e6:,.1f} megapixels at {PIXEL_M:g} m"
        return Estimate(what, pixels * 3 * 2 / 1e6, from_net=True)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Search, choose the least cloudy day, and read the area's pixels of it."""
        progress("searching scenes", 0.0)
        day, items = least_cloudy(self._found(area), area)
        shown = _shown(items, area)
        cloud = np.mean([item.properties["eo:cloud_cover"] for item in items])
        progress(f"reading {len(items)} scenes of {day}", 0.2)
        target = work / "imagery.tif"
        shifts = {_shift(item) for item in items}
        if len(shifts) > 1:
            raise CannotFetch(
                f"The scenes of {day} have two processing baselines; use other dates."
            )
        pixels = self._read(items, area)
        step = float(pixels["x"][1] - pixels["x"][0])
        write_image(
            _blocks(pixels, self.bands, shifts.pop()),
            target,
            {
                "width": pixels.sizes["x"],
                "height": pixels.sizes["y"],
                "crs": utm_zone(area).to_wkt(),
                "transform": from_origin(
                    float(pixels["x"][0]) - step / 2, float(pixels["y"][0]) + step / 2, step, step
                ),
                "nodata": 0,
            },
        )
        return Fetched(
            target,
            "Copernicus Sentinel data, free and open",
            (f"Contains modified Copernicus Sentinel data {day[:4]}",),
            (
                f"Scenes of {day}, {cloud:.0f} % cloud: {', '.join(item.id for item in items)}.",
                f"Reflectance 0 to {WHITE:g} was stretched linearly to 1 to 255; 0 marks no data.",
                *[f"The scenes cover {shown:.0%} of the area."] * (shown < ENOUGH),
            ),
        )

    def _found(self, area: Area) -> list[Any]:
        """Return the catalogue's scenes of the area; every redirect is checked."""
        client, api = import_web("pystac_client"), import_web("pystac_client.stac_api_io")
        net = self.settings.net
        net.check(self.catalogue)
        io = api.StacApiIO(timeout=net.timeout_s, max_retries=None)
        for scheme in ("http://", "https://"):
            io.session.mount(scheme, net.adapter())
        try:
            search = client.Client.open(self.catalogue, stac_io=io).search(
                collections=[self.collection],
                bbox=area.bounds,
                datetime=self.days,
                query={"eo:cloud_cover": {"lte": self.cloud}},
                max_items=MAX_SCENES,
            )
            found = list(search.items())
        except (client.exceptions.APIError, OSError, ValueError, KeyError, TypeError) as error:
            raise CannotFetch(f"The STAC catalogue did not answer: {reason(error)}.") from error
        if not found:
            raise CannotFetch(
                f"There is no scene of {self.days} with at most {self.cloud:g} % cloud; use other "
                "days or a higher cloud=."
            )
        return found

    def _read(self, items: list[Any], area: Area) -> xr.Dataset:
        """Return the three bands over the area in its UTM zone, (y, x)."""
        odc = import_web("odc.stac")
        for item in items:
            for band in self.bands:
                if band not in item.assets:
                    raise BadInput(
                        f"Scene {item.id} has no band '{band}'; give three of "
                        f"{', '.join(item.assets)} with bands=."
                    )
                self.settings.net.check(item.assets[band].href)
        odc.configure_rio(cloud_defaults=True, GDAL_HTTP_MAX_RETRY=str(self.settings.net.tries))
        try:
            loaded: xr.Dataset = odc.load(
                items,
                bands=list(self.bands),
                bbox=area.bounds,
                crs=utm_zone(area).to_wkt(),
                resolution=PIXEL_M,
                groupby="solar_day",
                resampling="bilinear",
            )
        except (RasterioError, OSError, ValueError) as error:
            raise CannotFetch(f"The pixels could not be read: {reason(error)}.") from error
        return loaded.isel(time=0)


def least_cloudy(items: list[Any], area: Area) -> tuple[str, list[Any]]:
    """Return the day with the least cloud of those that cover the whole area, and its scenes.

    Where no day covers all of it, the day that covers most.
    """
    days: dict[str, list[Any]] = {}
    for item in sorted(items, key=lambda item: str(item.id)):
        days.setdefault(item.datetime.date().isoformat(), []).append(item)

    def rank(day: str) -> tuple[float, float, str]:
        cloud = np.mean([item.properties["eo:cloud_cover"] for item in days[day]])
        return -min(_shown(days[day], area), ENOUGH), float(cloud), day

    best = min(days, key=rank)
    return best, days[best]


def _shown(items: list[Any], area: Area) -> float:
    """Return the share of the area that lies within the scenes together."""
    shapes = [shapely.geometry.shape(item.geometry) for item in items]
    shown = shapely.union_all(shapes).intersection(area.geometry)
    return float(shown.area / area.geometry.area)


def build_sentinel2(spec: Spec, settings: SourceSettings) -> Sentinel2:
    """Make the source `sentinel2:FROM/TO` with cloud, catalogue, collection and bands."""
    options = spec.take(("cloud", "catalogue", "collection", "bands"))
    if not re.fullmatch(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d", spec.where):
        raise BadInput(
            f"Sentinel-2 needs two days and was given '{spec.where}'; "
            "sentinel2:2024-05-01/2024-09-30 would be right."
        )
    bands = tuple(options.get("bands", "red,green,blue").split(","))
    if len(bands) != 3:
        raise BadInput("The option bands names red, green and blue, such as B04,B03,B02.")
    for package in ("pystac_client", "odc.stac"):
        import_web(package)
    return Sentinel2(
        days=spec.where,
        cloud=spec.number("cloud", 30.0, 0.0, 100.0),
        catalogue=options.get("catalogue", CATALOGUE),
        collection=options.get("collection", COLLECTION),
        bands=bands,
        settings=settings,
    )


def _shift(item: Any) -> float:
    """Return the offset of a scene's digital numbers."""
    if item.properties.get("earthsearch:boa_offset_applied"):
        return 0.0
    return SHIFT_DN if str(item.properties.get("s2:processing_baseline", "")) >= "04.00" else 0.0


def _blocks(
    pixels: xr.Dataset, bands: tuple[str, str, str], shift: float
) -> Iterator[tuple[Window, NDArray[np.uint8]]]:
    rows, columns = pixels.sizes["y"], pixels.sizes["x"]
    for row in range(0, rows, BLOCK):
        part = pixels.isel(y=slice(row, row + BLOCK))
        numbers = np.stack([part[band].to_numpy() for band in bands]).astype(np.float64)
        share = np.clip((numbers - shift) / DN / WHITE, 0, 1)
        seen = np.isfinite(numbers) & (numbers > 0)
        block = np.where(seen, 1 + 254 * share, 0).round().astype(np.uint8)
        yield Window(0, row, columns, block.shape[1]), block
