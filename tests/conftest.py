"""Shared fixtures: a tiny made-up city, written the way every real one is."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from hypothesis import settings
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

from netspatial.city.city import FILES, City, CityDraft, CityRecord, write_city
from netspatial.randomness import stream

# a busy machine must not fail a property: nothing is measured by the clock; and where a change is
# judged it is the change that decides, not the draw of examples, which is another at every desk
settings.register_profile(
    "netspatial", deadline=None, print_blob=True, derandomize="CI" in os.environ
)
settings.load_profile("netspatial")

# one thread: sums in one order, so that runs can be compared bit by bit, and small networks only
# lose time to more; torch reads this when it is first imported
os.environ["OMP_NUM_THREADS"] = "1"

SIDE_M = 1500.0
LEFT, BOTTOM = 514_000.0, 5_033_000.0
CRS = "EPSG:32632"
RECORD = CityRecord(
    name="Tinytown",
    crs=CRS,
    bounds=transform_bounds(CRS, "EPSG:4326", LEFT, BOTTOM, LEFT + SIDE_M, BOTTOM + SIDE_M),
    timezone="Europe/Rome",
    start=pd.Timestamp("2024-01-01T00:00:00Z").to_pydatetime(),
    provenance="simulated",
    units={"total": "MB", "data": "MB"},
    licences=dict.fromkeys(FILES, "CC0-1.0"),
    attribution=["made up for tests"],
    seed=3,
)


@pytest.fixture(scope="session")
def write_small_city() -> Callable[[Path], City]:
    """How to write the made-up city to a folder; the same bytes each time."""
    return _write_city


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A made-up city of 1.5 km: image 150x150 at 10 m, 20 POIs, 6 stations, two weeks, land use."""
    return _write_city(tmp_path_factory.mktemp("cities") / "tinytown")


@pytest.fixture
def own_city(small_city: City, tmp_path: Path) -> City:
    """A copy of the city that the test may change."""
    shutil.copytree(small_city.folder, tmp_path / "tinytown")
    return City.open(tmp_path / "tinytown")


def _write_city(folder: Path) -> City:
    with write_city(folder, RECORD) as draft:
        _write_image(draft)
        draft.write_pois(_pois())
        draft.write_stations(_stations())
        draft.write_landuse(_landuse())
        draft.write_traffic(_traffic())
    return City.open(folder)


def _write_image(draft: CityDraft) -> None:
    rng = stream(3, "image")
    blocks = rng.integers(40, 200, (3, 15, 15), dtype=np.uint8)
    rgb = blocks.repeat(10, axis=1).repeat(10, axis=2)
    profile = {"driver": "GTiff", "width": 150, "height": 150, "count": 3, "dtype": "uint8"}
    transform = from_origin(LEFT, BOTTOM + SIDE_M, 10, 10)
    with rasterio.open(
        draft.imagery_path, "w", crs=CRS, transform=transform, photometric="RGB", **profile
    ) as image:
        image.write(rgb)


def _pois() -> gpd.GeoDataFrame:
    rng = stream(3, "pois")
    categories = np.resize(["cafe", "school", "office", "supermarket", "bus_stop"], 20)
    return gpd.GeoDataFrame(
        {
            "name": [f"{category} {number}" for number, category in enumerate(categories)],
            "category": categories,
            "address": [f"{number} Main Street" for number in range(1, 21)],
            "source": "made up",
        },
        geometry=_points(rng.uniform(50, SIDE_M - 50, (20, 2))),
        crs=CRS,
    )


def _stations() -> gpd.GeoDataFrame:
    metres = np.array(
        [[250, 250], [750, 300], [1250, 250], [300, 1200], [800, 1150], [1200, 1250]], dtype=float
    )
    return gpd.GeoDataFrame(
        {
            "station_id": [f"s{number}" for number in range(6)],
            "capacity": 1000.0,
            "tier": np.resize(["coverage", "capacity"], 6),
            "technology": "LTE",
        },
        geometry=_points(metres),
        crs=CRS,
    )


def _landuse() -> gpd.GeoDataFrame:
    """A river in the west, a park in the north-east, homes everywhere else."""
    river = _box(0, 0, 200, SIDE_M)
    park = _box(1000, 1000, SIDE_M, SIDE_M)
    homes = shapely.difference(_box(200, 0, SIDE_M, SIDE_M), park)
    return gpd.GeoDataFrame(
        {"use": ["water", "park", "residential"]}, geometry=[river, park, homes], crs=CRS
    )


def _traffic() -> xr.Dataset:
    rng = stream(3, "traffic")
    hours = np.arange(14 * 24)
    daily = 1 + 0.6 * np.sin(2 * np.pi * (hours - 9) / 24)
    weekend = np.where((hours // 24) % 7 >= 5, 0.7, 1.0)
    scale = np.array([50, 120, 80, 200, 150, 90], dtype=float)[:, None]
    total = scale * daily * weekend * rng.lognormal(0, 0.1, (6, hours.size))
    times = pd.date_range("2024-01-01", periods=hours.size, freq="h")
    dims, attrs = ("station", "time"), {"units": "MB"}
    return xr.Dataset(
        {"total": (dims, total, attrs), "data": (dims, 0.9 * total, attrs)},
        coords={"station": [f"s{number}" for number in range(6)], "time": times},
        attrs={"timezone": "Europe/Rome", "provenance": "simulated"},
    )


def _points(metres: np.ndarray) -> np.ndarray:
    return shapely.points(metres + np.array([LEFT, BOTTOM]))


def _box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    return shapely.box(LEFT + left, BOTTOM + bottom, LEFT + right, BOTTOM + top)
