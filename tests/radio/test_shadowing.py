"""Shadowing is Gaussian in dB, spatially correlated, and a function of place."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from netspatial.radio.path_loss import SCENARIOS
from netspatial.radio.pixels import Pixels
from netspatial.radio.received_power import received_power
from netspatial.radio.shadowing import field, link_field
from netspatial.radio.sites import Radio, sites_of

RANGE_M = 50.0
PLACES = np.column_stack([np.linspace(0, 300, 31), np.zeros(31)])


def test_mean_variance_and_correlation_over_many_fields():
    fields = np.array([field(PLACES, seed, "f", correlation_m=RANGE_M) for seed in range(1500)])
    assert np.abs(fields.mean(0)).max() < 0.12
    assert np.abs(fields.var(0) - 1).max() < 0.15
    correlation = (fields * fields[:, :1]).mean(0)
    assert np.abs(correlation - np.exp(-PLACES[:, 0] / RANGE_M)).max() < 0.1


def test_tails_are_gaussian():
    fields = np.array(
        [field(PLACES[::5], seed, "g", correlation_m=RANGE_M) for seed in range(1500)]
    )
    assert abs((np.abs(fields) > 1.96).mean() - 0.05) < 0.01


def test_the_value_of_a_place_does_not_depend_on_other_places():
    every = field(PLACES, 3, "station", correlation_m=RANGE_M)
    some = field(PLACES[[20, 4]], 3, "station", correlation_m=RANGE_M)
    assert np.allclose(some, every[[20, 4]], atol=1e-12)


def test_stations_share_half_of_the_variance():
    pairs = []
    for seed in range(1500):
        common = field(PLACES[:1], seed, "shadowing", correlation_m=RANGE_M)
        pairs.append(
            [
                link_field(PLACES[:1], common, seed, name, correlation_m=RANGE_M)[0]
                for name in ("a", "b")
            ]
        )
    assert abs(np.corrcoef(np.array(pairs).T)[0, 1] - 0.5) < 0.08


def test_seeds_and_names_give_other_fields():
    first = field(PLACES, 1, "a", correlation_m=RANGE_M)
    assert not np.allclose(first, field(PLACES, 2, "a", correlation_m=RANGE_M))
    assert not np.allclose(first, field(PLACES, 1, "b", correlation_m=RANGE_M))


@pytest.mark.parametrize(
    ("scenario", "los_m", "nlos_m", "los_db", "nlos_db"),
    [("uma", 37, 50, 4.0, 6.0), ("umi", 10, 13, 4.0, 7.82)],
)
def test_deviations_and_ranges_are_the_tables(scenario, los_m, nlos_m, los_db, nlos_db):
    # TR 38.901, Tables 7.4.1-1 (deviation) and 7.5-6 (correlation distance)
    row = SCENARIOS[scenario]
    assert (row.los_range_m, row.nlos_range_m) == (los_m, nlos_m)
    assert (row.los_sd, row.nlos_sd) == (los_db, nlos_db)


@pytest.mark.parametrize(("scenario", "apart_m"), [("uma", 50.0), ("umi", 13.0)])
def test_received_power_has_the_scenarios_correlation(scenario, apart_m):
    """Out of sight, at one distance from the station: two users' shadowing correlates as 1/e."""
    row = SCENARIOS[scenario]
    tier = replace(Radio().capacity, scenario=scenario)
    stations = gpd.GeoDataFrame(
        {"station_id": [f"s{number}" for number in range(400)]},
        geometry=gpd.points_from_xy(9_000.0 * np.arange(400), np.zeros(400)),
        crs="EPSG:32632",
    )
    sites = sites_of(stations, Radio())
    # four kilometres away nobody is in sight; the users of a pair are `apart_m` from each other
    near = sites.places + np.array([0.0, 4_000.0])
    pixels = Pixels(
        np.concatenate([near, near + np.array([apart_m, 0.0])]),
        np.tile(np.arange(400), 2),
        np.full(800, 0.5),
    )
    measured = received_power(sites, pixels, Radio(capacity=tier), 1)
    power = measured.received_dbm[measured.server == pixels.owner[measured.pixel]].reshape(2, 400)
    assert power.std() == pytest.approx(row.nlos_sd, rel=0.15)
    assert np.corrcoef(power)[0, 1] == pytest.approx(np.exp(-1), abs=0.15)
