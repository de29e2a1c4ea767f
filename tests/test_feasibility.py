"""A cell is feasible only where every mask has its data and none removes the cell."""

import dataclasses
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.feasibility import MASKS, Mask, Rules, feasibility
from netspatial.grid import h3_grid, make_grid


@pytest.fixture(scope="module")
def small_city(small_city, tmp_path_factory):
    """The made-up city with a motorway as wide as a cell and an airport next to it."""
    folder = tmp_path_factory.mktemp("roads") / "tinytown"
    shutil.copytree(small_city.folder, folder)
    land = small_city.landuse.to_crs(small_city.crs)
    left, bottom, _, _ = land.total_bounds
    built = [shapely.box(500, 0, 600, 1500), shapely.box(700, 500, 900, 900)]
    more = gpd.GeoDataFrame(
        {"use": ["road", "airport"]},
        geometry=shapely.transform(built, lambda xy: np.add(xy, (left, bottom))),
        crs=land.crs,
    )
    whole = gpd.GeoDataFrame(pd.concat([land, more], ignore_index=True), crs=land.crs)
    whole.to_crs("EPSG:4326").to_parquet(folder / "landuse.parquet")
    return City.open(folder)


@pytest.fixture(scope="module")
def cells(small_city):
    """Cells over all of the city except a rim of some 100 m."""
    west, south, east, north = small_city.record.bounds
    rim = 0.0014
    drawn = Area.from_bounds(west + rim, south + rim, east - rim, north - rim)
    return make_grid(drawn, 100, small_city.crs)


@pytest.fixture
def bare_city(own_city):
    (own_city.folder / "landuse.parquet").unlink()
    return own_city


def test_other_parts_of_the_city_change_nothing(cells, small_city):
    some = cells.iloc[20:40]
    alone, together = feasibility(some, small_city), feasibility(cells, small_city).iloc[20:40]
    assert list(alone["reason"]) == list(together["reason"])


def test_each_mask_removes_the_cells_of_its_name(cells, small_city):
    judged = feasibility(cells, small_city)
    stations = small_city.stations.to_crs(small_city.crs)
    near = np.array([stations.distance(p).min() < 200 for p in shapely.points(cells[["x", "y"]])])
    landuse = small_city.landuse.to_crs(small_city.crs).set_index("use").geometry
    expected = {
        "near_station": near,
        "edge": (cells["inside"] < 0.5).to_numpy(),
        "water": (cells.intersection(landuse["water"]).area > 5_000).to_numpy(),
        "protected": (cells.intersection(landuse["park"]).area > 5_000).to_numpy(),
        "road": (cells.intersection(landuse["road"]).area > 5_000).to_numpy(),
        "airport": (cells.intersection(landuse["airport"]).area > 5_000).to_numpy(),
    }
    for name, removed in expected.items():
        named = judged["reason"].str.split(", ").map(lambda names, name=name: name in names)
        assert removed.any(), name
        assert (named.to_numpy() == removed).all(), name
    assert ((judged["feasible"] == "no") == np.logical_or.reduce([*expected.values()])).all()
    assert ((judged["feasible"] == "yes") == (judged["reason"] == "")).all()


@pytest.mark.parametrize("off", list(MASKS))
def test_a_mask_can_be_switched_off(cells, small_city, off):
    every = feasibility(cells, small_city)
    fewer = feasibility(cells, small_city, [name for name in MASKS if name != off])
    assert not fewer["reason"].str.contains(off).any()
    assert (every["feasible"] == "yes").sum() < (fewer["feasible"] == "yes").sum()
    assert (feasibility(cells, small_city, [])["feasible"] == "yes").all()


def test_absent_data_is_never_a_yes(cells, bare_city):
    judged = feasibility(cells, bare_city)
    assert not (judged["feasible"] == "yes").any()
    unknown = judged["feasible"] == "unknown"
    assert unknown.any()
    assert (judged.loc[unknown, "reason"] == "no landuse").all()
    # a cell that another mask removes is infeasible, even with unknown land use
    assert (judged.loc[~unknown, "reason"].str.contains("station|edge")).all()
    known = feasibility(cells, bare_city, ["near_station", "edge"])
    assert not (known["feasible"] == "unknown").any()


def test_cells_beyond_the_city_are_unknown(small_city):
    west, south, east, north = small_city.record.bounds
    beyond = make_grid(
        Area.from_bounds(east, south, east + (east - west), north), 100, small_city.crs
    )
    judged = feasibility(beyond, small_city, ["water", "protected"])
    outside = beyond["lon"] > east
    assert (judged.loc[outside, "feasible"] == "unknown").all()
    assert (judged.loc[outside, "reason"] == "outside the city").all()


def test_rules_change_the_masks(cells, small_city):
    def left(**rules):
        return (feasibility(cells, small_city, rules=Rules(**rules))["feasible"] == "yes").sum()

    assert left(station_distance_m=100) > left() > left(station_distance_m=400)
    assert left(least_inside=0.0) > left(least_inside=0.9)
    assert left(most_covered=1.0) > left(most_covered=0.0)


def test_hexagons_can_be_masked(small_city):
    hexagons = h3_grid(Area.from_bounds(*small_city.record.bounds), 10, small_city.crs)
    assert set(feasibility(hexagons, small_city)["feasible"]) == {"yes", "no"}


def test_a_mask_can_be_added_by_one_line(cells, small_city, monkeypatch):
    def in_the_north(cells, city, rules):  # noqa: ARG001  contract
        return (cells["lat"] > 45.457).to_numpy()

    monkeypatch.setitem(MASKS, "north", Mask(in_the_north))
    judged = feasibility(cells, small_city, ["north"])
    assert set(judged.loc[judged["lat"] > 45.457, "reason"]) == {"north"}
    assert set(judged.loc[judged["lat"] < 45.457, "feasible"]) == {"yes"}


def test_the_given_cells_are_not_changed(cells, small_city):
    before = cells.copy()
    feasibility(cells, small_city)
    assert before.equals(cells)


def test_rules_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Rules().least_inside = 1.0
