"""What changes when sites are built: closed forms, conservation, ranges, and sites without use."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.errors import BadInput
from netspatial.plan.share_response import FIXED_DEMAND, SIMULATED, ShareResponse, traffic_lost
from netspatial.plan.site_change import SiteChange, site_change, unknown_change
from netspatial.plan.site_change_text import change_sentences
from netspatial.plan.site_measures import change_measures, divide_traffic
from netspatial.plan.standing_network import StandingNetwork
from tests.plan.made_up import BOTTOM, LEFT, ensemble, made_up_network

SAMPLES = 4
NETWORK = made_up_network((0, 0), (600, 0), level=(6.0, 9.5))


def sites_at(*metres: tuple[float, float]) -> gpd.GeoDataFrame:
    xy = np.array(metres) + np.array([LEFT, BOTTOM])
    return gpd.GeoDataFrame(
        {"cell_id": [f"c{number}" for number in range(len(xy))], "x": xy[:, 0], "y": xy[:, 1]},
        geometry=gpd.points_from_xy(*xy.T),
        crs="EPSG:32632",
    )


def carried(sites: gpd.GeoDataFrame, level: float = 8.0, weeks: int = 1) -> xr.DataArray:
    return ensemble(np.full((len(sites), SAMPLES, 168 * weeks), level), sites)


def change(
    *metres: tuple[float, float],
    network: StandingNetwork = NETWORK,
    response: ShareResponse = FIXED_DEMAND,
    level: float = 8.0,
) -> SiteChange:
    sites = sites_at(*metres)
    return site_change(sites, carried(sites, level), network, response=response)


MIDDLE = change((300, 0))


def test_a_site_between_two_stations_relieves_both():
    table = MIDDLE.stations
    assert set(table["station"]) == {"BS0", "BS1"}
    assert table["distance_m"].tolist() == [300.0, 300.0]
    assert (table["taken_share_mean"] > 0.05).all()
    assert (table["load_after_mean"] < table["load_before_mean"]).all()
    assert table["taken_mean"].is_monotonic_decreasing
    assert [line.length for line in table.geometry] == [300.0, 300.0]


def test_with_fixed_demand_and_steady_traffic_the_shares_give_all_in_closed_form():
    for row in MIDDLE.stations.to_dict("records"):
        level = {"BS0": 6.0, "BS1": 9.5}[row["station"]]
        assert row["taken_mean"] == pytest.approx(level * row["taken_share_mean"])
        assert row["load_before_p10"] == row["load_before_p90"] == pytest.approx(level / 10)
        assert row["load_after_mean"] == pytest.approx((level - row["taken_mean"]) / 10)
    hours = dict(MIDDLE.stations[["station", "overload_before_mean"]].to_numpy())
    assert hours == {"BS0": 0.0, "BS1": 168.0}


def test_what_a_site_carries_is_taken_over_or_newly_served():
    site = MIDDLE.sites.iloc[0]
    assert site["carried_mean"] == pytest.approx(8.0)
    assert site["taken_mean"] + site["newly_served_mean"] == pytest.approx(8.0)
    assert site["taken_mean"] == pytest.approx(MIDDLE.stations["taken_mean"].sum())
    assert MIDDLE.totals["taken"].mean == pytest.approx(site["taken_mean"])


def test_a_site_takes_over_no_more_than_it_carries():
    little = change((300, 0), level=0.1)
    assert little.sites["taken_mean"].iloc[0] == pytest.approx(0.1)
    assert little.sites["newly_served_mean"].iloc[0] == pytest.approx(0.0, abs=1e-9)
    none = change((300, 0), level=0.0)
    assert (none.stations["load_after_mean"] == none.stations["load_before_mean"]).all()


def test_a_site_carries_at_most_the_median_capacity_of_the_capacity_tier():
    assert change((300, 0), level=1e6).sites["carried_mean"].iloc[0] == pytest.approx(10.0)
    assert any("10 GB/h, the median capacity" in note for note in MIDDLE.notes)


def test_two_sites_take_more_together_than_one_and_less_each():
    both = change((300, 0), (500, 100))
    alone = MIDDLE.stations.set_index("station")["taken_share_mean"]
    of_first = both.stations[both.stations["site"] == "c0"].set_index("station")["taken_share_mean"]
    assert (of_first < alone[of_first.index]).all()
    assert both.totals["taken"].mean > MIDDLE.totals["taken"].mean


def test_the_range_holds_the_mean_and_comes_from_the_samples():
    table = MIDDLE.stations
    for name in ("taken_share", "taken", "load_after"):
        assert (table[f"{name}_p10"] <= table[f"{name}_p50"]).all()
        assert (table[f"{name}_p50"] <= table[f"{name}_p90"]).all()
        assert (table[f"{name}_p10"] < table[f"{name}_p90"]).any()


def test_the_same_seed_gives_the_same_change():
    pd.testing.assert_frame_equal(
        pd.DataFrame(change((300, 0)).stations), pd.DataFrame(MIDDLE.stations)
    )


def test_held_back_demand_leaves_more_traffic_with_the_stations():
    elastic = change((300, 0), response=SIMULATED)
    assert elastic.totals["taken"].mean < MIDDLE.totals["taken"].mean
    assert elastic.totals["newly_served"].mean > MIDDLE.totals["newly_served"].mean


def test_a_site_that_nobody_would_use_is_said_in_one_sentence():
    far = change((300, 0), (30_000, 0))
    assert far.sites["stations"].tolist() == [2, 0]
    (said,) = [note for note in far.notes if "No place served" in note]
    assert "would use site 'c1'; it relieves no station" in said
    alone = change((30_000, 0))
    assert len(alone.stations) == 0
    assert alone.totals["taken"].mean == 0
    assert alone.sites["newly_served_mean"].iloc[0] == pytest.approx(8.0)
    assert any("No place served" in said for said in change_sentences(alone))


def test_stations_without_traffic_or_capacity_are_named():
    silent = NETWORK.traffic.copy(data=NETWORK.traffic.to_numpy() * np.array([[1.0], [np.nan]]))
    found = change((300, 0), network=replace(NETWORK, traffic=silent))
    assert set(found.stations["station"]) == {"BS0"}
    assert "1 stations without measured traffic are left out." in found.notes
    unknown = change((300, 0), network=replace(NETWORK, capacity=np.array([np.nan, 10.0])))
    row = unknown.stations.set_index("station").loc["BS0"]
    assert np.isnan(row["load_before_mean"])
    assert row["taken_mean"] > 0
    assert any("capacity of 1 relieved stations is unknown" in note for note in unknown.notes)


def test_traffic_above_capacity_is_unserved_until_a_site_takes_it():
    over = change((300, 0), network=replace(NETWORK, capacity=np.array([10.0, 8.0])), level=9.0)
    sums = over.totals
    assert sums["unserved_before"].mean == pytest.approx(1.5)
    assert sums["unserved_after"].mean < 1.5
    saved = sums["unserved_before"].mean - sums["unserved_after"].mean
    new = over.sites["newly_served_mean"].sum()
    assert sums["newly_served"].mean == pytest.approx(new + saved)


def test_another_unit_or_a_site_without_traffic_is_refused():
    sites = sites_at((300, 0))
    with pytest.raises(BadInput, match="in MB and that of the stations in GB/h"):
        site_change(sites, carried(sites).assign_attrs(units="MB"), NETWORK)
    with pytest.raises(BadInput, match="lacks the site 'c1'"):
        site_change(sites_at((300, 0), (400, 0)), carried(sites), NETWORK)


def test_the_sentences_name_sums_and_the_most_loaded_station():
    said = " ".join(change_sentences(MIDDLE))
    assert "take over" in said
    assert "from 2 stations" in said
    assert "'BS1', the most loaded of them, changes from 95 % to" in said
    assert "168 before" in said


def test_an_unknown_change_says_why_and_has_the_same_columns():
    nothing = unknown_change("there are no stations.", "GB/h", MIDDLE.stations.crs)
    assert change_sentences(nothing) == [
        "What changes at existing stations is not known: there are no stations."
    ]
    assert list(nothing.stations.columns) == list(MIDDLE.stations.columns)
    assert list(nothing.sites.columns) == list(MIDDLE.sites.columns)
    assert len(nothing.stations) == len(nothing.sites) == 0


amounts = st.floats(0.0, 100.0)


@given(
    arrays(np.float64, (3, 24), elements=amounts),
    arrays(np.float64, (4,), elements=st.floats(0.0, 0.5)),
    arrays(np.float64, (2, 24), elements=amounts),
    st.floats(0.05, 1.0),
)
def test_taken_kept_and_unserved_are_the_traffic_before(demand, share, room, exponent):
    site, station = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])
    capacity = np.array([50.0, 20.0, np.nan])
    found = change_measures(demand, share, exponent, site, station, room, capacity, np.arange(24))
    by_station = np.bincount(station, found["taken"], 3)
    limit = np.where(np.isnan(capacity), np.inf, capacity)
    left = demand.mean(axis=1) - by_station
    assert (left >= -1e-9).all()
    kept = left - found["unserved_after"]
    np.testing.assert_allclose(
        by_station + kept + found["unserved_after"], demand.mean(axis=1), atol=1e-9
    )
    assert (kept <= limit + 1e-9).all()
    assert (found["unserved_after"] <= found["unserved_before"] + 1e-9).all()
    assert (found["overload_after"] <= found["overload_before"] + 1e-9).all()
    np.testing.assert_allclose(
        found["site_taken"] + found["site_newly_served"], found["site_carried"], atol=1e-9
    )
    assert (found["site_newly_served"] >= -1e-9).all()
    most = traffic_lost(np.bincount(station, share, 3), exponent)
    assert (by_station <= most * demand.mean(axis=1) + 1e-9).all()


@given(arrays(np.float64, (2, 5), elements=amounts), arrays(np.float64, (1, 5), elements=amounts))
def test_what_does_not_fit_stays_in_proportion(demand, room):
    pairs = np.array([0, 0]), np.array([0, 1])
    taken = divide_traffic(demand, np.array([0.5, 0.25]), *pairs, room)
    assert (taken.sum(axis=0) <= room[0] + 1e-9).all()
    wanted = np.array([[0.5], [0.25]]) * demand
    np.testing.assert_allclose(taken[0] * wanted[1], taken[1] * wanted[0], atol=1e-6)


@given(st.floats(0.0, 1.0), st.floats(0.01, 1.0))
def test_a_station_never_loses_more_than_its_share(share, exponent):
    lost = float(traffic_lost(np.array([share]), exponent)[0])
    assert 0 <= lost <= share + 1e-12


def test_exponents_have_the_mean_that_is_asked_for_and_are_never_above_one():
    assert ShareResponse(0.2, 0.5).draw(4000, seed=1).mean() == pytest.approx(0.2, rel=0.05)
    assert ShareResponse(0.9, 0.5).draw(1000, seed=1).max() == 1.0
