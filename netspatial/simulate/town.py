"""The ground truth of a simulated city, from which image, POIs, stations and traffic are made.

One `Town` is drawn per seed; both the visible surroundings and the traffic follow from it, so that
they agree.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from rasterio import Affine
from rasterio.features import shapes
from shapely.geometry import shape

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.simulate.addresses import address, road_name
from netspatial.simulate.land import Use, make_centres, make_land, on_dry_land
from netspatial.simulate.parameters import Family, draw
from netspatial.simulate.roads import WIDTH_M, make_roads, rail_stops
from netspatial.simulate.streets import Streets, make_streets
from netspatial.simulate.time_zones import zone_at
from netspatial.simulate.water import make_shore

__all__ = [
    "Town",
    "Use",
    "intensity_at",
    "landuse_polygons",
    "make_town",
    "street_at",
    "use_at",
]


@dataclass(frozen=True)
class Town:
    """Maps and lines of a town, in metres east (x) and north (y) in `crs`.

    use       : (rows, columns) uint8, a `Use` for each square of `step_m`; row 0 is the north edge
    intensity : (rows, columns) float32 in [0, 1], density of buildings and activity
    shore     : (rows, columns) float32, metres to the water's edge, negative in the water
    roads     : lines in `crs` with `kind` (motorway, arterial, rail), `name` and `width_m`
    stops     : (n, 2) float64, railway stops
    centres   : (n, 4) float64, x, y, weight, decay in metres; the first is the main centre
    streets   : the local streets of every district, metres from the south-west corner
    """

    seed: int
    family: Family
    crs: CRS
    timezone: str
    left: float
    bottom: float
    size_m: float
    step_m: float
    use: NDArray[np.uint8]
    intensity: Floats32
    shore: Floats32
    roads: gpd.GeoDataFrame
    stops: Floats
    centres: Floats
    streets: Streets
    parameters: dict[str, float]


def make_town(seed: int, family: Family, size_m: float, step_m: float = 20.0) -> Town:
    """Draw the town of this seed: `size_m` on a side, mapped in squares of `step_m`."""
    land = draw(seed, family, "land")
    crs, left, bottom = _place(land["longitude"], land["latitude"])
    centres = make_centres(seed, size_m, land)
    shore = make_shore(seed, size_m, step_m, centres, land)
    centres = on_dry_land(centres, shore, size_m)
    streets = make_streets(seed, size_m, centres, land)
    roads = make_roads(seed, size_m, centres, land, shore)
    stops = rail_stops(seed, roads, centres, size_m)
    maps = make_land(seed, size_m, step_m, shore, centres, streets, roads, stops, land)
    frame = gpd.GeoDataFrame(
        {
            "kind": [road.kind for road in roads],
            "name": [road_name(seed, road.kind, road.name) for road in roads],
            "width_m": [WIDTH_M[road.kind] for road in roads],
        },
        geometry=[road.line for road in roads],
        crs=crs,
    )
    frame["geometry"] = frame.translate(left, bottom)
    corner = np.array([left, bottom])
    return Town(
        seed=seed,
        family=family,
        crs=crs,
        timezone=zone_at(land["longitude"], land["latitude"]),
        left=left,
        bottom=bottom,
        size_m=size_m,
        step_m=step_m,
        use=maps.use,
        intensity=maps.intensity,
        shore=shore,
        roads=frame,
        stops=stops + corner,
        centres=centres + np.array([left, bottom, 0.0, 0.0]),
        streets=streets,
        parameters=land,
    )


def use_at(town: Town, x: ArrayLike, y: ArrayLike) -> NDArray[np.uint8]:
    """Return the `Use` at points in the town's CRS; outside, that of the nearest square."""
    return np.asarray(town.use[_square(town, x, y)])


def intensity_at(town: Town, x: ArrayLike, y: ArrayLike) -> Floats32:
    """Return the intensity at points in the town's CRS; outside, that of the nearest square."""
    return np.asarray(town.intensity[_square(town, x, y)])


def street_at(town: Town, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.object_], Indices]:
    """Return the nearest street's name and the house number for points in the town's CRS."""
    east = np.asarray(x, dtype=np.float64) - town.left
    north = np.asarray(y, dtype=np.float64) - town.bottom
    return address(town.streets, east, north)


def landuse_polygons(town: Town) -> gpd.GeoDataFrame:
    """Return the land use as polygons in the town's CRS, column `use` in lower case.

    Corners of the squares are cut, so that edges lie within one square of the map.
    """
    top = town.bottom + town.size_m
    corner = Affine(town.step_m, 0.0, town.left, 0.0, -town.step_m, top)
    found = [
        (shape(outline), Use(int(value))) for outline, value in shapes(town.use, transform=corner)
    ]
    polygons = gpd.GeoDataFrame(
        {"use": [use.name.lower() for _, use in found]},
        geometry=[outline for outline, _ in found],
        crs=town.crs,
    )
    polygons["geometry"] = polygons.simplify_coverage(town.step_m)
    return polygons


def _square(town: Town, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, columns = town.use.shape
    column = np.floor((np.asarray(x, dtype=float) - town.left) / town.step_m)
    north = np.floor((np.asarray(y, dtype=float) - town.bottom) / town.step_m)
    return (
        np.clip(rows - 1 - north, 0, rows - 1).astype(np.intp),
        np.clip(column, 0, columns - 1).astype(np.intp),
    )


def _place(longitude: float, latitude: float) -> tuple[CRS, float, float]:
    """Return the UTM zone of a place and a round south-west corner there."""
    zone = int((longitude + 180) // 6) + 1
    crs = CRS.from_epsg(32600 + zone)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(longitude, latitude)
    return crs, round(x, -3), round(y, -3)
