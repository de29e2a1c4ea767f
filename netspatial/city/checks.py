"""Checks of the parts of a city: pure functions from a table or a series to sentences.

Used by `City.validate`; every function returns one sentence per problem.
"""

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from pyproj import CRS, Proj

from netspatial.area import LonLatBounds
from netspatial.city.traffic import MOST

LAND_USES = (
    "water",
    "park",
    "protected",
    "field",
    "residential",
    "office",
    "commercial",
    "entertainment",
    "industrial",
    "university",
    "transport",
    "road",
    "airport",
)
"""Values of land use; feasibility reads water, park, protected, road and airport."""

MAX_DISTORTED = 0.01
HOUR = np.timedelta64(1, "h")


def crs_problems(crs: CRS, bounds: LonLatBounds) -> list[str]:
    """Check the distortion of areas in the working CRS in the middle of the city."""
    west, south, east, north = bounds
    scale = Proj(crs).get_factors((west + east) / 2, (south + north) / 2).areal_scale
    if abs(scale - 1) <= MAX_DISTORTED:
        return []
    sentence = (
        f"city.json: {crs.to_string()} distorts areas here by a factor of {scale:.2f}; use the "
        "local UTM zone."
    )
    return [sentence]


def image_problems(image_bounds: LonLatBounds, bounds: LonLatBounds, cut_off: float) -> list[str]:
    """Check that the image touches the city's bounds and that its file is complete.

    cut_off : share of the image missing from a truncated file
    """
    if cut_off:
        return [f"imagery.tif is truncated: {cut_off:.0%} of its pixels are missing."]
    if shapely.box(*image_bounds).intersects(shapely.box(*bounds)):
        return []
    return ["imagery.tif shows another place: it does not touch the bounds in city.json."]


def poi_problems(pois: gpd.GeoDataFrame, bounds: LonLatBounds) -> list[str]:
    """Check points of interest: points, with a category, in the city."""
    found = _geometry_problems("pois.parquet", pois, ("Point",), bounds)
    bare = int(pois["category"].isna().sum())
    if bare:
        found.append(f"pois.parquet: {bare} of {len(pois)} points have no category.")
    return found


def station_problems(stations: gpd.GeoDataFrame, bounds: LonLatBounds) -> list[str]:
    """Check stations: points in the city, each id once, capacities that are not negative."""
    found = _geometry_problems("stations.parquet", stations, ("Point",), bounds)
    ids = stations["station_id"]
    if ids.isna().any():
        found.append(f"stations.parquet: {int(ids.isna().sum())} stations have no station_id.")
    twice = ids[ids.duplicated() & ids.notna()].unique()
    if len(twice):
        found.append(f"stations.parquet: station_id {_named(twice)} occurs more than once.")
    if "capacity" in stations.columns:
        capacity = pd.to_numeric(stations["capacity"], errors="coerce")
        wrong = {"a negative": capacity < 0, "an infinite": np.isinf(capacity)}
        found += [
            f"stations.parquet: {int(which.sum())} stations have {what} capacity."
            for what, which in wrong.items()
            if which.any()
        ]
    return found


def landuse_problems(landuse: gpd.GeoDataFrame, bounds: LonLatBounds) -> list[str]:
    """Check land use: polygons that touch the city, with known uses."""
    found = _geometry_problems("landuse.parquet", landuse, ("Polygon", "MultiPolygon"), bounds)
    unknown = [use for use in landuse["use"].dropna().unique() if use not in LAND_USES]
    if unknown:
        found.append(
            f"landuse.parquet: the use {_named(unknown)} is not known; "
            f"the uses are {', '.join(LAND_USES)}."
        )
    return found


def traffic_problems(
    traffic: xr.Dataset, station_ids: Sequence[str] | None, units: dict[str, str]
) -> list[str]:
    """Check hourly traffic: its dimensions, its clock, its stations, its values and its units.

    station_ids : ids of stations.parquet, or None where the city has no stations
    units       : unit of each service in city.json
    """
    missing = [name for name in ("station", "time") if name not in traffic.coords]
    if missing:
        return [f"traffic.nc has no coordinate '{missing[0]}'; it needs station and time."]
    empty = [name for name in ("station", "time") if not traffic[name].size]
    if empty:
        return [f"traffic.nc has no {empty[0]}; it needs hours of at least one station."]
    if not traffic.data_vars:
        return ["traffic.nc holds no service; it needs variables over (station, time)."]
    found = [*_clock_problems(traffic), *_station_name_problems(traffic, station_ids)]
    for name, series in traffic.data_vars.items():
        if set(series.dims) != {"station", "time"}:
            dims = ", ".join(map(str, series.dims))
            found.append(f"traffic.nc: '{name}' has dimensions ({dims}), not (station, time).")
            continue
        if str(name) not in units and "units" not in series.attrs:
            found.append(f"traffic.nc and city.json have no unit of '{name}'.")
        found += _value_problems(str(name), series)
    return found


def _clock_problems(traffic: xr.Dataset) -> list[str]:
    times = traffic["time"].to_numpy()
    if not np.issubdtype(times.dtype, np.datetime64):
        return ["traffic.nc: its times are not time stamps; give hours in UTC."]
    steps = np.diff(times)
    if (steps <= np.timedelta64(0)).any():
        return ["traffic.nc: its times do not increase; each hour must occur once, in order."]
    wrong = np.flatnonzero(steps != HOUR)
    if len(wrong) == 0:
        return []
    first = pd.Timestamp(times[wrong[0]])
    return [f"traffic.nc: {len(wrong)} of its {len(steps)} steps are not an hour, after {first}."]


def _station_name_problems(traffic: xr.Dataset, station_ids: Sequence[str] | None) -> list[str]:
    names = pd.Index(traffic["station"].to_numpy().astype(str))
    found = []
    if names.has_duplicates:
        found.append(
            f"traffic.nc: station {_named(names[names.duplicated()].unique())} occurs more than "
            "once."
        )
    if station_ids is not None:
        unknown = names.difference(pd.Index(station_ids).astype(str))
        if len(unknown):
            found.append(f"traffic.nc: station {_named(unknown)} is not in stations.parquet.")
    return found


_WRONG_VALUES: dict[str, Callable[[Any], Any]] = {
    "missing (NaN)": np.isnan,
    f"infinite or beyond {MOST:g}": lambda values: np.abs(values) > MOST,
    "negative": lambda values: values < 0,
}


def _value_problems(name: str, series: xr.DataArray) -> list[str]:
    if not np.issubdtype(series.dtype, np.number):
        return [f"traffic.nc: '{name}' holds {series.dtype} instead of numbers."]
    values = series.to_numpy()
    counts = {what: int(wrong(values).sum()) for what, wrong in _WRONG_VALUES.items()}
    return [
        f"traffic.nc: {count:,} of the {values.size:,} hours of '{name}' are {what}."
        for what, count in counts.items()
        if count
    ]


def _geometry_problems(
    file: str, table: gpd.GeoDataFrame, kinds: tuple[str, ...], bounds: LonLatBounds
) -> list[str]:
    shapes = table.geometry
    empty = shapes.isna() | shapes.is_empty
    found = []
    if empty.any():
        found.append(f"{file}: {int(empty.sum())} of {len(table)} rows have no geometry.")
    there = shapes[~empty]
    strange = there.geom_type[~there.geom_type.isin(kinds)].unique()
    if len(strange):
        found.append(f"{file} holds a {strange[0]}; {' or '.join(kinds)} is needed.")
    outside = ~there.intersects(shapely.box(*bounds))
    if outside.any():
        found.append(
            f"{file}: {int(outside.sum())} of {len(table)} rows lie outside the bounds in "
            "city.json."
        )
    return found


def _named(values: Sequence[Any] | np.ndarray[Any, Any] | pd.Index) -> str:
    shown = ", ".join(f"'{value}'" for value in list(values)[:3])
    return shown if len(values) <= 3 else f"{shown} and {len(values) - 3} more"
