"""A made-up network of two tiers for the tests of coverage."""

import geopandas as gpd
import numpy as np
import pytest

from netspatial.randomness import stream


@pytest.fixture(scope="session")
def two_tiers() -> gpd.GeoDataFrame:
    """Twenty stations on 2 km: every fifth of the coverage tier."""
    places = stream(1, "two tiers").uniform(0, 2_000, (20, 2))
    return gpd.GeoDataFrame(
        {
            "station_id": [f"s{number:02d}" for number in range(20)],
            "tier": np.where(np.arange(20) % 5 == 0, "coverage", "capacity"),
        },
        geometry=gpd.points_from_xy(*places.T),
        crs="EPSG:32632",
    )
