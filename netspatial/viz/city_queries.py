"""Queries on a city: small tables and arrays, ready to be drawn.

Each query opens the city and closes it again, so that a cached result stays valid while the city
on disk is replaced.
"""

import base64
import io
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from PIL import Image
from pyproj import CRS
from rasterio.warp import transform_bounds

from netspatial.city.city import City
from netspatial.netcdf import sound
from netspatial.viz.city_map import Backdrop

WEB_MERCATOR = CRS.from_epsg(3857)
PACK_EFFORT = 2
"""WebP method, 0 to 6: a higher one takes twice as long for a file that is 3 % smaller."""


def backdrop(folder: Path, longest_side: int = 2048) -> Backdrop:
    """Return the city's image in web Mercator, at most `longest_side` pixels wide or high.

    In the map's projection a rectangle of pixels is a rectangle of degrees, so the image lies
    exactly under the stations. Pixels outside the image are transparent.
    """
    image = City.open(folder).imagery
    bounds = transform_bounds(image.crs, WEB_MERCATOR, *image.bounds)
    left, bottom, right, top = bounds
    pixels = min(longest_side, max(image.shape))
    shrink = pixels / max(right - left, top - bottom)
    shape = max(1, round((top - bottom) * shrink)), max(1, round((right - left) * shrink))
    view = image.view(bounds, WEB_MERCATOR, shape=shape)
    rgba = np.concatenate([view.rgb, np.where(view.valid, 255, 0)[..., None]], axis=-1)
    packed = io.BytesIO()
    Image.fromarray(rgba.astype(np.uint8)).save(packed, "WEBP", quality=82, method=PACK_EFFORT)
    encoded = base64.b64encode(packed.getvalue()).decode()
    west, south, east, north = transform_bounds(WEB_MERCATOR, "EPSG:4326", *bounds)
    return Backdrop(f"data:image/webp;base64,{encoded}", (west, south, east, north))


def station_table(folder: Path, service: str | None) -> pd.DataFrame:
    """Return one row per station: station_id, lon, lat, tier, capacity and `mean` traffic.

    The mean is over all recorded hours, in the unit of `service`; NaN if the station has no
    traffic or `service` is None. Capacity is in the unit of the total traffic; NaN if `service`
    has another unit.
    """
    city = City.open(folder)
    stations = city.stations
    table = pd.DataFrame(
        {
            "station_id": stations["station_id"].astype(str).to_numpy(),
            "lon": stations.geometry.x.to_numpy(),
            "lat": stations.geometry.y.to_numpy(),
            "tier": _column(stations, "tier", ""),
            "capacity": _column(stations, "capacity", np.nan),
        }
    )
    if service is None:
        return table.assign(mean=np.nan)
    units = city.record.units
    if units.get(service) != units.get("total", units.get(service)):
        table["capacity"] = np.nan
    with city.traffic:
        mean = city.measured(service)[service].mean("time")
    by_station = pd.Series(mean.to_numpy(), index=mean["station"].to_numpy())
    return table.assign(mean=by_station.reindex(table["station_id"]).to_numpy())


def poi_table(folder: Path) -> pd.DataFrame:
    """Return one row per point of interest: lon, lat, name, category."""
    pois = City.open(folder).pois
    return pd.DataFrame(
        {
            "lon": pois.geometry.x.to_numpy().round(6),
            "lat": pois.geometry.y.to_numpy().round(6),
            "name": pois["name"].fillna("").to_numpy(),
            "category": pois["category"].fillna("").to_numpy(),
        }
    )


def station_series(folder: Path, station_id: str, service: str) -> xr.DataArray | None:
    """Return one station's traffic over (time,) with unit and time zone; None if it has none."""
    city = City.open(folder)
    with city.traffic as traffic, sound(city.path("traffic")):
        known = traffic["station"].to_numpy().astype(str)
        rows = np.flatnonzero(known == station_id)
        if rows.size == 0:
            return None
        return _named(city, traffic[service].isel(station=int(rows[0])).load())


def city_series(folder: Path, service: str) -> xr.DataArray:
    """Return the sum of all stations' traffic over (time,); NaN where no station recorded."""
    city = City.open(folder)
    with city.traffic:
        series = city.measured(service)[service]
    return _named(city, series.sum("station", min_count=1))


def _named(city: City, series: xr.DataArray) -> xr.DataArray:
    return series.assign_attrs(
        units=city.record.units.get(str(series.name), ""), timezone=city.record.timezone
    )


def _column(table: pd.DataFrame, name: str, absent: object) -> pd.Series:
    if name in table.columns:
        return table[name].reset_index(drop=True)
    return pd.Series([absent] * len(table))
