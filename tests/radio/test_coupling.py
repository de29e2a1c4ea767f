"""Load-coupled interference: consistent with loads, and lower than planned in a quiet network."""

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.radio.coupling import coupled_load, own_efficiency
from netspatial.radio.link import ACTIVITY
from netspatial.radio.service_graph import radio_map


@pytest.fixture(scope="module")
def network(two_tiers):
    return radio_map(two_tiers)


def own_traffic(graph, load):
    """Every station serves its own pixels: its capacity of 1 is loaded by `load`."""
    own = graph.server == graph.owner[graph.pixel]
    return np.where(own, load * graph.share[graph.pixel], 0.0)


def test_without_interference_from_others_the_load_is_traffic_over_capacity(two_tiers):
    alone = radio_map(two_tiers.iloc[:1])
    carried = own_traffic(alone.service_graph, 0.4)
    found = coupled_load(alone.service_graph, alone.received_power, carried, np.ones(1))
    assert found.converged
    assert found.load == pytest.approx([0.4])


def test_loads_at_the_assumed_activity_agree_with_the_plan(network):
    # a network whose every load is ACTIVITY is exactly the one that was planned for
    carried = own_traffic(network.service_graph, ACTIVITY)
    found = coupled_load(network.service_graph, network.received_power, carried, np.ones(20))
    assert found.converged
    assert found.load == pytest.approx(np.full(20, ACTIVITY), abs=1e-4)
    assert np.allclose(found.efficiency, network.service_graph.efficiency, rtol=1e-3)


def test_a_quieter_network_needs_less_than_was_planned(network):
    found = coupled_load(
        network.service_graph,
        network.received_power,
        own_traffic(network.service_graph, 0.1),
        np.ones(20),
    )
    assert (found.load <= 0.1 + 1e-6).all()
    assert found.load.mean() < 0.1


def test_more_traffic_never_lowers_a_load(network):
    loads = [
        coupled_load(
            network.service_graph,
            network.received_power,
            own_traffic(network.service_graph, wanted),
            np.ones(20),
        ).load
        for wanted in (0.1, 0.2, 0.4)
    ]
    assert (loads[0] <= loads[1] + 1e-6).all()
    assert (loads[1] <= loads[2] + 1e-6).all()


def test_own_efficiency_carries_exactly_the_own_traffic(network):
    graph = network.service_graph
    own = graph.server == graph.owner[graph.pixel]
    reference = own_efficiency(graph, 20)
    hours = graph.share[graph.pixel] * reference[graph.server] / graph.efficiency
    assert np.bincount(graph.server[own], hours[own]) == pytest.approx(np.ones(20))


def test_traffic_of_another_service_graph_is_refused(network):
    with pytest.raises(BadInput, match="links"):
        coupled_load(network.service_graph, network.received_power, np.ones(3), np.ones(20))
