"""Service graph: shares sum to 1, own links exist, and far stations change nothing."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.radio.link import MAX_BITS, MIN_SINR_DB, spectral_efficiency
from netspatial.radio.pixels import demand_pixels
from netspatial.radio.service_graph import ServiceGraph, radio_map, service_graph
from netspatial.radio.sites import Radio, sites_of


def test_the_shares_of_each_stations_traffic_sum_to_one(two_tiers):
    found = service_graph(two_tiers)
    assert np.allclose(np.bincount(found.owner, found.share), 1)
    assert (np.bincount(found.owner) == 12).all()


def test_every_pixel_keeps_its_own_station(two_tiers):
    found = service_graph(two_tiers)
    own = found.pixel[found.server == found.owner[found.pixel]]
    assert sorted(own) == list(range(found.pixels))


def test_efficiencies_lie_between_the_weakest_and_the_best_scheme(two_tiers):
    found = service_graph(two_tiers)
    assert found.efficiency.min() >= spectral_efficiency(MIN_SINR_DB)
    assert found.efficiency.max() <= MAX_BITS


def test_the_same_seed_gives_the_same_graph_and_another_seed_another(two_tiers):
    a, b, c = (
        service_graph(two_tiers, seed=4),
        service_graph(two_tiers, seed=4),
        service_graph(two_tiers, seed=5),
    )
    assert np.array_equal(a.efficiency, b.efficiency)
    assert np.array_equal(a.server, b.server)
    assert a.efficiency.shape != c.efficiency.shape or not np.allclose(a.efficiency, c.efficiency)


def test_far_away_stations_change_nothing(two_tiers):
    far = two_tiers.assign(station_id=[f"far{n}" for n in range(20)])
    far = far.set_geometry(far.translate(50_000, 0))
    both = service_graph(
        gpd.GeoDataFrame(
            np.vstack([two_tiers, far]),
            columns=two_tiers.columns,
            geometry="geometry",
            crs=two_tiers.crs,
        )
    )
    alone = service_graph(two_tiers)
    here = both.pixel < alone.pixels
    assert np.array_equal(both.server[here], alone.server)
    assert np.allclose(both.efficiency[here], alone.efficiency)


def test_links_grow_with_stations_and_not_with_their_square(two_tiers):
    links = []
    for copies in (1, 4):
        parts = [
            two_tiers.assign(station_id=[f"{part}-{n}" for n in range(20)]).set_geometry(
                two_tiers.translate(3_000 * part, 0)
            )
            for part in range(copies)
        ]
        table = np.vstack(parts)
        links.append(
            len(
                radio_map(
                    gpd.GeoDataFrame(
                        table, columns=two_tiers.columns, geometry="geometry", crs=two_tiers.crs
                    )
                ).received_power.server
            )
        )
    assert links[1] <= 4.2 * links[0]


def test_demand_is_higher_at_points_of_interest(two_tiers):
    sites = sites_of(two_tiers, Radio())
    plain = demand_pixels(sites, None, 0)
    busy = demand_pixels(sites, np.repeat(plain.places[7][None], 50, axis=0), 0)
    assert busy.share[7] > 3 * plain.share[7]
    assert np.allclose(np.bincount(busy.owner, busy.share), 1)


def test_a_single_station_serves_itself_alone(two_tiers):
    found = service_graph(two_tiers.iloc[:1])
    assert (found.server == 0).all()
    assert len(found.server) == found.pixels == 12


def test_without_tiers_it_is_one_network(two_tiers):
    found = service_graph(two_tiers.drop(columns="tier"))
    assert len(np.unique(found.owner)) == 20


def test_stations_on_another_carrier_do_not_interfere(two_tiers):
    tier = Radio().capacity
    shared = Radio(coverage=replace(Radio().coverage, carrier_ghz=tier.carrier_ghz))
    apart, together = radio_map(two_tiers), radio_map(two_tiers, radio=shared)
    station = two_tiers["tier"].to_numpy() == "capacity"
    of = station[apart.received_power.server]
    quiet = apart.received_power.interference_w(1.0)[of]
    loud = together.received_power.interference_w(1.0)[of]
    assert (loud >= quiet).all()
    assert loud.mean() > quiet.mean()


def test_stations_in_degrees_are_refused(two_tiers):
    with pytest.raises(BadInput, match="metric CRS"):
        service_graph(two_tiers.to_crs("EPSG:4326"))


def test_an_unknown_tier_is_named(two_tiers):
    with pytest.raises(BadInput, match="'femto'"):
        service_graph(two_tiers.assign(tier="femto"))


def test_a_table_without_stations_is_refused():
    empty = gpd.GeoDataFrame({"station_id": []}, geometry=[], crs="EPSG:32632")
    with pytest.raises(BadInput, match="No stations"):
        service_graph(empty)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"share": np.array([0.5, 0.4, 1.0])}, "sum to 0.9"),
        ({"server": np.array([0, 1, 1])}, "Pixel 1 has 0 links"),
        ({"efficiency": np.array([1.0, 0.0, 1.0])}, "above zero"),
        ({"pixel": np.array([0, 1, 3])}, "pixel 3"),
    ],
)
def test_an_inconsistent_service_graph_is_refused(change, message):
    whole = ServiceGraph(
        owner=np.array([0, 0, 1]),
        share=np.array([0.5, 0.5, 1.0]),
        pixel=np.array([0, 1, 2]),
        server=np.array([0, 0, 1]),
        efficiency=np.ones(3),
    )
    with pytest.raises(BadInput, match=message):
        replace(whole, **change)
