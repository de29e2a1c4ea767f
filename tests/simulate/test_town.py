from datetime import datetime
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.simulate.parameters import RANGES
from netspatial.simulate.town import (
    Town,
    Use,
    intensity_at,
    landuse_polygons,
    make_town,
    street_at,
    use_at,
)

SIZE_M = 4000.0
families = st.sampled_from(["train", "unseen"])


@pytest.fixture(scope="module")
def town():
    return make_town(7, "train", SIZE_M)


@given(seed=st.integers(0, 10_000), family=families)
@settings(max_examples=12)
def test_every_seed_gives_a_valid_town(seed, family):
    town = make_town(seed, family, SIZE_M)
    side = round(SIZE_M / town.step_m)
    assert town.use.shape == town.intensity.shape == town.shore.shape == (side, side)
    assert set(np.unique(town.use)) <= set(Use)
    assert (town.use == Use.RESIDENTIAL).mean() > 0.05
    assert np.isfinite(town.intensity).all()
    assert float(town.intensity.min()) >= 0
    assert float(town.intensity.max()) <= 1
    assert np.array_equal(town.use == Use.WATER, town.shore <= 0)
    assert town.crs.axis_info[0].unit_name == "metre"
    west, south, east, north = town.roads.to_crs("EPSG:4326").total_bounds
    assert -180 <= west < east <= 180
    assert 9 < south < north < 59


@given(seed=st.integers(0, 10_000), family=families)
@settings(max_examples=6)
def test_the_same_seed_gives_the_same_town(seed, family):
    one, other = (make_town(seed, family, 2000.0) for _ in range(2))
    assert np.array_equal(one.use, other.use)
    assert np.array_equal(one.intensity, other.intensity)
    assert one.roads.equals(other.roads)
    assert one.parameters == other.parameters


def test_other_seeds_and_families_give_other_towns(town):
    assert not np.array_equal(town.use, make_town(8, "train", SIZE_M).use)
    assert not np.array_equal(town.use, make_town(7, "unseen", SIZE_M).use)


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("land", "spread_m"),
        ("land", "district_m"),
        ("land", "block_length_m"),
        ("land", "grown_share"),
        ("land", "river_m"),
        ("land", "parcel_m"),
        ("image", "dryness"),
        ("image", "sun_elevation"),
        ("image", "sun_azimuth"),
        ("image", "haze"),
    ],
)
def test_ranges_of_the_families_are_disjoint_in_split_parameters(section, name):
    drawn = RANGES[section][name]
    assert drawn.train[1] < drawn.unseen[0] or drawn.unseen[1] < drawn.train[0]


def test_the_time_zone_is_real_and_near_solar_time(town):
    winter = datetime(2025, 1, 15, tzinfo=ZoneInfo(town.timezone)).utcoffset()
    assert winter is not None
    assert abs(winter.total_seconds() / 3600 - town.parameters["longitude"] / 15) <= 0.5
    assert town.timezone == "Europe/London"


def test_the_map_is_read_with_north_up(town):
    rows, columns = np.divmod(np.arange(0, town.use.size, 37), town.use.shape[1])
    x = town.left + (columns + 0.5) * town.step_m
    y = town.bottom + town.size_m - (rows + 0.5) * town.step_m
    assert np.array_equal(use_at(town, x, y), town.use[rows, columns])
    assert np.array_equal(intensity_at(town, x, y), town.intensity[rows, columns])


def test_the_middle_is_busier_than_the_edge(town):
    x, y = town.centres[0, :2]
    near = town.intensity[_disc(town, x, y, 600.0)]
    far = town.intensity[~_disc(town, x, y, 1700.0)]
    assert near[near > 0.1].mean() > far[far > 0.1].mean()


def test_polygons_cover_the_town_and_agree_with_the_map(town):
    polygons = landuse_polygons(town)
    assert polygons.is_valid.all()
    assert len(polygons) < 5000
    assert set(polygons["use"]) <= {use.name.lower() for use in Use}
    assert polygons.area.sum() == pytest.approx(town.size_m**2, rel=1e-3)
    generator = np.random.default_rng(0)
    x = town.left + generator.uniform(0, SIZE_M, 2000)
    y = town.bottom + generator.uniform(0, SIZE_M, 2000)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=town.crs)
    found = gpd.sjoin(points, polygons).groupby(level=0)["use"].first()
    named = np.array([Use(use).name.lower() for use in use_at(town, x, y)])[found.index]
    assert (found.to_numpy() == named).mean() > 0.9


def test_roads_stay_inside_the_town(town):
    west, south, east, north = town.roads.total_bounds
    assert west >= town.left - 1e-6
    assert south >= town.bottom - 1e-6
    assert east <= town.left + town.size_m + 1e-6
    assert north <= town.bottom + town.size_m + 1e-6
    assert set(town.roads["kind"]) <= {"motorway", "arterial", "rail"}
    assert (town.roads["name"].str.len() > 1).all()


def test_neighbours_on_a_street_share_its_name_and_numbers_grow_along_it(town):
    generator = np.random.default_rng(1)
    x = town.left + generator.uniform(200, SIZE_M - 200, 4000)
    y = town.bottom + generator.uniform(200, SIZE_M - 200, 4000)
    names, numbers = street_at(town, x, y)
    beside, _ = street_at(town, x + 3.0, y)
    assert (names == beside).mean() > 0.85
    assert 20 < len(set(names)) < 1000
    assert int(numbers.min()) >= 1
    assert int(numbers.max()) < 1000


def _disc(town: Town, x: float, y: float, radius: float) -> np.ndarray:
    ticks = (np.arange(len(town.use)) + 0.5) * town.step_m
    east = town.left + ticks - x
    north = town.bottom + town.size_m - ticks - y
    return np.hypot(east[None, :], north[:, None]) < radius
