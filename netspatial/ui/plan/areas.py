"""The area to plan: limits, the square, and its form in the page's address.

Pure functions; the page keeps the history.
"""

import math
from collections.abc import Sequence
from typing import Any

import shapely
from pyproj import Geod

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.errors import BadInput, NetSpatialError
from netspatial.imagery import Bounds

WGS84 = Geod(ellps="WGS84")
EXAMPLE_SIDE_M = 3000.0
LONGEST_ADDRESS = 1200
"""Maximum characters of an area in the page's address; a longer one is only stored in its run."""
MIN_MARGIN_M = 5.0


def city_bounds(city: City) -> Bounds:
    """Return the bounds of the imagery, or of the city without imagery, degrees."""
    return city.imagery.lonlat_bounds if city.has("imagery") else city.record.bounds


def fitting_side(bounds: Bounds, side_m: float = EXAMPLE_SIDE_M) -> float:
    """Return the side of the largest square up to `side_m` metres that fits into `bounds`."""
    west, south, east, north = bounds
    middle = (south + north) / 2
    width = WGS84.line_length([west, east], [middle, middle])
    height = WGS84.line_length([west, west], [south, north])
    most = min(width, height) * 0.9
    return min(side_m, math.floor(most / 100) * 100.0 if most >= 100 else most)


def square_within(bounds: Bounds, lon: float, lat: float, side_m: float) -> Area:
    """Return the square around (lon, lat), moved as little as needed to lie within `bounds`."""
    west, south, east, north = bounds
    square = Area.around(lon, lat, side_m + 2 * MIN_MARGIN_M).bounds
    half_lon, half_lat = (square[2] - square[0]) / 2, (square[3] - square[1]) / 2
    inside_lon = min(max(lon, west + half_lon), east - half_lon)
    inside_lat = min(max(lat, south + half_lat), north - half_lat)
    return Area.around(inside_lon, inside_lat, side_m)


def to_address(area: Area) -> str | None:
    """Return an area for the page's address: a box as four numbers, else lon,lat;lon,lat...

    None if it is too long, or has holes or several parts.
    """
    geometry = area.geometry
    if geometry.geom_type != "Polygon" or len(geometry.interiors):
        return None
    if geometry.equals(shapely.box(*geometry.bounds)):
        return ",".join(f"{degree:.6f}" for degree in geometry.bounds)
    ring = geometry.exterior.coords[:-1]
    text = ";".join(f"{x:.6f},{y:.6f}" for x, y in ring)
    return text if len(text) <= LONGEST_ADDRESS else None


def from_address(text: str) -> Area:
    """Return the area in the page's address."""
    if len(text) > 2 * LONGEST_ADDRESS:
        raise BadInput("The area in the address is too long; give the run instead.")
    try:
        numbers = [[float(n) for n in pair.split(",")] for pair in text.split(";")]
    except ValueError as error:
        raise BadInput("The area in the address is not made of numbers.") from error
    if len(numbers) == 1 and len(numbers[0]) == 4:
        west, south, east, north = numbers[0]
        return Area.from_bounds(west, south, east, north)
    if len(numbers) < 3 or any(len(pair) != 2 for pair in numbers):
        raise BadInput(
            "The area in the address is neither west,south,east,north nor lon,lat;lon,lat;lon,lat."
        )
    return Area.from_geojson({"type": "Polygon", "coordinates": [[*numbers, numbers[0]]]})


def drawn(drawings: Sequence[dict[str, Any]] | None) -> Area | None:
    """Return the area of the last drawing; None without drawings."""
    return Area.from_geojson(drawings[-1]) if drawings else None


def check_in_city(area: Area, city: City) -> None:
    """Raise unless the area lies in the city."""
    try:
        area.check_within(city_bounds(city))
    except NetSpatialError as error:
        raise BadInput(
            str(error).replace("the city's imagery", f"the city '{city.name}'")
        ) from error


def size_words(area: Area) -> str:
    """Return the size of an area in words, km²."""
    return f"{area.area_km2:.2f} km²" if area.area_km2 < 10 else f"{area.area_km2:,.1f} km²"
