"""Summaries of the parts of a city in numbers, JSON-able; used by `City.describe`."""

from typing import Any

import geopandas as gpd
import xarray as xr
from pyproj import CRS, Geod
from rasterio.warp import transform_bounds

from netspatial.area import LonLatBounds
from netspatial.imagery import Imagery


def extent_km(bounds: LonLatBounds) -> tuple[float, float]:
    """Return width (in the middle) and height of lon/lat bounds, km."""
    west, south, east, north = bounds
    ellipsoid = Geod(ellps="WGS84")
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
    width = ellipsoid.inv(west, middle_lat, east, middle_lat)[2]
    height = ellipsoid.inv(middle_lon, south, middle_lon, north)[2]
    return round(width / 1e3, 3), round(height / 1e3, 3)


def imagery_summary(imagery: Imagery, crs: CRS) -> dict[str, Any]:
    """Size in pixels, metres per pixel in `crs`, and the image's own CRS."""
    rows, columns = imagery.shape
    left, bottom, right, top = transform_bounds(imagery.crs, crs, *imagery.bounds)
    return {
        "columns": columns,
        "rows": rows,
        "gsd_m": round(((right - left) / columns + (top - bottom) / rows) / 2, 3),
        "crs": imagery.crs.to_string(),
    }


def pois_summary(pois: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count of points, and of each category, the most frequent first."""
    categories = pois["category"].value_counts()
    return {
        "count": len(pois),
        "categories": {str(name): int(count) for name, count in categories.items()},
    }


def stations_summary(stations: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count of stations, and of each tier and technology where known."""
    summary: dict[str, Any] = {"count": len(stations)}
    for column in ("tier", "technology"):
        if column in stations.columns:
            counts = stations[column].value_counts()
            summary[column] = {str(name): int(count) for name, count in counts.items()}
    return summary


def landuse_summary(landuse: gpd.GeoDataFrame, crs: CRS) -> dict[str, Any]:
    """Count of polygons, and the surface of each use, km2."""
    surface = landuse.to_crs(crs).area.groupby(landuse["use"]).sum() / 1e6
    return {
        "count": len(landuse),
        "km2": {
            str(use): round(float(km2), 4)
            for use, km2 in surface.sort_values(ascending=False).items()
        },
    }


def traffic_summary(traffic: xr.Dataset, units: dict[str, str]) -> dict[str, Any]:
    """Stations, hours, first and last hour (UTC), and the mean of each service per hour."""
    services = {
        str(name): {
            "unit": units.get(str(name)) or series.attrs.get("units"),
            "mean": round(float(series.mean()), 6),
        }
        for name, series in traffic.data_vars.items()
    }
    times = traffic["time"].to_numpy()
    return {
        "stations": traffic.sizes["station"],
        "hours": traffic.sizes["time"],
        "start": f"{times[0].astype('datetime64[s]')}Z",
        "end": f"{times[-1].astype('datetime64[s]')}Z",
        "services": services,
    }
