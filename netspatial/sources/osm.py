"""Places and land use from OpenStreetMap objects; used by `overpass` and `osm_file`."""

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from netspatial.sources.contract import Fetched
from netspatial.sources.net import CannotFetch
from netspatial.sources.vocabulary import LAND_TAGS, tag_from

LICENCE = "ODbL-1.0"
ATTRIBUTION = ("© OpenStreetMap contributors, ODbL 1.0",)

PLACE_TAGS: dict[str, tuple[str, ...]] = {
    "amenity": (),
    "shop": (),
    "office": (),
    "craft": (),
    "tourism": (),
    "leisure": (),
    "healthcare": (),
    "railway": ("station", "halt", "tram_stop", "subway_entrance"),
    "highway": ("bus_stop",),
    "public_transport": ("station",),
    "aeroway": ("terminal",),
    "man_made": ("works",),
}
"""Tags of places: keys, and the accepted values where not all are."""

USE_TAGS: dict[str, tuple[str, ...]] = {
    key: tuple(tag.partition("=")[2] for tag in LAND_TAGS if tag.startswith(f"{key}="))
    for key in dict.fromkeys(tag.partition("=")[0] for tag in LAND_TAGS)
}
"""Tags of land use: keys and accepted values."""

Objects = Iterable[tuple[dict[str, str], BaseGeometry]]
"""Tags and geometry in EPSG:4326 of each object."""


def is_place(tags: dict[str, str]) -> bool:
    """Whether an object with these tags is a place."""
    return _has(tags, PLACE_TAGS)


def has_use(tags: dict[str, str]) -> bool:
    """Whether an object with these tags is land use."""
    return _has(tags, USE_TAGS)


def places(objects: Objects) -> Fetched:
    """Points of interest of objects; a polygon or line is replaced by a point inside it."""
    rows, points = [], []
    for tags, shape in objects:
        if not is_place(tags):
            continue
        wanted = {key: value for key, value in tags.items() if key in PLACE_TAGS}
        category = tag_from(wanted.items())
        if category is None:
            continue
        rows.append(
            {
                "name": tags.get("name", ""),
                "category": category,
                "address": _address(tags),
                "source": "OpenStreetMap",
                "category_original": category,
            }
        )
        points.append(shape if shape.geom_type == "Point" else shape.representative_point())
    if not rows:
        raise CannotFetch("OpenStreetMap has no place in this area.")
    table = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=points, crs="EPSG:4326")
    return Fetched(table, LICENCE, ATTRIBUTION)


def land(objects: Objects) -> Fetched:
    """Land use of objects that are polygons."""
    uses, shapes = [], []
    for tags, shape in objects:
        use = next((LAND_TAGS[tag] for tag in LAND_TAGS if _is(tags, tag)), None)
        if use is not None and shape.geom_type in ("Polygon", "MultiPolygon"):
            uses.append(use)
            shapes.append(shape)
    if not uses:
        raise CannotFetch("OpenStreetMap has no land use in this area.")
    table = gpd.GeoDataFrame({"use": uses}, geometry=shapes, crs="EPSG:4326")
    return Fetched(table, LICENCE, ATTRIBUTION)


def _is(tags: dict[str, str], tag: str) -> bool:
    key, _, value = tag.partition("=")
    return tags.get(key) == value


def _has(tags: dict[str, str], wanted: dict[str, tuple[str, ...]]) -> bool:
    return any(
        key in tags and tags[key] != "no" and (not values or tags[key] in values)
        for key, values in wanted.items()
    )


def _address(tags: dict[str, str]) -> str:
    street = " ".join(filter(None, [tags.get("addr:street"), tags.get("addr:housenumber")]))
    return ", ".join(filter(None, [street, tags.get("addr:city")]))
