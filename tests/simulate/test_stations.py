import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree

from netspatial.errors import BadInput
from netspatial.simulate.demand import demand
from netspatial.simulate.parameters import draw
from netspatial.simulate.stations import MAX_PER_KM2, build_network, station_table
from netspatial.simulate.town import Use, make_town, use_at

SIZE_M = 4000.0


@pytest.fixture(scope="module")
def town():
    return make_town(11, "train", SIZE_M)


@pytest.fixture(scope="module")
def drawn():
    return draw(11, "train", "stations")


@pytest.fixture(scope="module")
def blocks(town, drawn):
    return demand(town, drawn["intensity_power"])


@settings(max_examples=20)
@given(count=st.integers(1, 400))
def test_the_given_number_stands_on_dry_land_inside_the_town(town, blocks, drawn, count):
    network = build_network(town, blocks, count, drawn)
    assert len(network.x) == len(set(network.station_ids)) == count
    assert (use_at(town, network.x, network.y) != Use.WATER).all()
    assert ((network.x >= town.left) & (network.x <= town.left + SIZE_M)).all()
    assert 1 <= network.coverage.sum() <= max(1, 0.26 * count)
    far, near = network.reach_m[network.coverage], network.reach_m[~network.coverage]
    assert far.min() > near.max(initial=0)


def test_stations_keep_a_minimum_distance(town, blocks, drawn):
    """Random places have neighbours at half a mean spacing; few are closer than a third."""
    network = build_network(town, blocks, 60, drawn)
    places = np.column_stack([network.x, network.y])
    nearest = KDTree(places).query(places, 2)[0][:, 1]
    scattered = np.random.default_rng(0).permuted(places, axis=0)
    assert np.percentile(nearest, 5) > 2 * np.percentile(
        KDTree(scattered).query(scattered, 2)[0][:, 1], 5
    )


def test_stations_stand_where_demand_is_high(town, blocks, drawn):
    network = build_network(town, blocks, 100, drawn)
    block = KDTree(np.column_stack([blocks.x, blocks.y])).query(
        np.column_stack([network.x, network.y])
    )[1]
    assert blocks.total[block].mean() > 1.3 * blocks.total.mean()


def test_coverage_stations_are_spread_out(town, blocks, drawn):
    network = build_network(town, blocks, 100, drawn)
    places = np.column_stack([network.x, network.y])
    tall = places[network.coverage]
    gaps = KDTree(tall).query(tall, 2)[0][:, 1]
    assert gaps.min() > np.median(KDTree(places).query(places, 2)[0][:, 1])


def test_too_many_stations_are_refused_with_the_maximum(town, blocks, drawn):
    with pytest.raises(BadInput, match=r"stations do not fit into this city of 4 km; at most \d+"):
        build_network(town, blocks, int(MAX_PER_KM2 * 16) + 1, drawn)


def test_the_table_has_units_and_ground_truth(town, blocks, drawn):
    network = build_network(town, blocks, 5, drawn)
    table = station_table(town, network, np.full(5, 30.0), np.full(5, int(Use.OFFICE)))
    assert list(table["dominant_use"]) == ["office"] * 5
    assert set(table["tier"]) == {"coverage", "capacity"}
    assert set(table["capacity_unit"]) == {"GB/h"}
    assert table.crs == town.crs


def test_demand_is_positive_everywhere(blocks):
    assert (blocks.total > 0).all()
    assert blocks.by_use.shape == (blocks.shape[0] * blocks.shape[1], len(Use))
