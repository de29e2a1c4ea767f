"""Small made-up cells and ensembles for tests of the plan, known in closed form."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from netspatial.plan.standing_network import StandingNetwork
from netspatial.randomness import stream

LEFT, BOTTOM = 514_000.0, 5_033_000.0
CRS = "EPSG:32632"


def made_up_cells(columns: int = 6, rows: int = 6, side_m: float = 100.0) -> gpd.GeoDataFrame:
    """Return square cells that are all feasible; ids sort by row, then column."""
    row, column = np.divmod(np.arange(columns * rows), columns)
    left, bottom = LEFT + side_m * column, BOTTOM + side_m * row
    squares = shapely.box(left, bottom, left + side_m, bottom + side_m)
    cells = gpd.GeoDataFrame(
        {
            "cell_id": [f"c{r:03d}-{c:03d}" for r, c in zip(row, column, strict=True)],
            "x": left + side_m / 2,
            "y": bottom + side_m / 2,
            "feasible": pd.Categorical(["yes"] * len(row), categories=("yes", "no", "unknown")),
            "reason": "",
        },
        geometry=squares,
        crs=CRS,
    )
    centres = gpd.GeoSeries(shapely.points(cells[["x", "y"]]), crs=CRS).to_crs("EPSG:4326")
    return cells.assign(lon=centres.x, lat=centres.y)


def ensemble(
    values: np.ndarray, cells: gpd.GeoDataFrame, start: str = "2026-01-05"
) -> xr.DataArray:
    """Label hourly values (cell, sample, time); the first hour is a Monday 00:00, UTC."""
    return xr.DataArray(
        values,
        dims=("cell", "sample", "time"),
        coords={
            "cell": cells["cell_id"].to_numpy(),
            "time": pd.date_range(start, periods=values.shape[2], freq="h"),
        },
        attrs={"units": "GB/h", "timezone": "UTC", "provenance": "generated"},
    )


def made_up_traffic(
    cells: gpd.GeoDataFrame, samples: int = 4, hours: int = 168, seed: int = 0
) -> xr.DataArray:
    """Return a week in a few samples: random levels, a daily rhythm, noise."""
    random = stream(seed, "plan")
    level = random.lognormal(2.0, 0.8, (len(cells), 1, 1))
    uncertainty = random.lognormal(0.0, 0.3, (len(cells), samples, 1))
    day = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(hours) - 9) / 24)
    noise = random.lognormal(0.0, 0.3, (len(cells), samples, hours))
    return ensemble((level * uncertainty * day * noise).astype(np.float32), cells)


def made_up_stations(*metres: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return stations at these places, metres from the corner of the cells."""
    places = shapely.points(np.array(metres, dtype=float).reshape(-1, 2) + np.array([LEFT, BOTTOM]))
    return gpd.GeoDataFrame(
        {"station_id": [f"BS{number}" for number in range(len(metres))]}, geometry=places, crs=CRS
    )


def made_up_network(
    *metres: tuple[float, float], level: tuple[float, ...] = (), capacity: float = 10.0
) -> StandingNetwork:
    """Return stations with three weeks of traffic at constant levels in GB/h, from a Monday UTC."""
    stations = made_up_stations(*metres).assign(tier="capacity")
    levels = np.array(level or (6.0,) * len(metres))
    traffic = xr.DataArray(
        levels[:, None] * np.ones(3 * 168),
        dims=("station", "time"),
        coords={
            "station": stations["station_id"].to_numpy(),
            "time": pd.date_range("2025-12-01", periods=3 * 168, freq="h"),
        },
        attrs={"units": "GB/h", "timezone": "UTC"},
    )
    return StandingNetwork(stations, traffic, np.full(len(metres), capacity))


def made_up_pois(*metres: tuple[float, float], category: str = "cafe") -> gpd.GeoDataFrame:
    """Return points of interest of one category, metres from the corner of the cells."""
    places = shapely.points(np.array(metres, dtype=float).reshape(-1, 2) + np.array([LEFT, BOTTOM]))
    return gpd.GeoDataFrame(
        {"name": "a place", "category": [category] * len(metres)}, geometry=places, crs=CRS
    )
