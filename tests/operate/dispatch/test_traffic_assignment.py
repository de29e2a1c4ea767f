"""Traffic assignment of the greedy policies: consistent after edits and undone trials."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.operate.dispatch.dispatch import dispatch, energy_kwh
from netspatial.operate.dispatch.traffic_assignment import TrafficAssignment
from netspatial.operate.network import Network
from netspatial.operate.policies.greedy import improve, reassign_for_capacity, swap_sleepers
from netspatial.radio.service_graph import ServiceGraph
from netspatial.randomness import stream
from tests.operate.made_up_network import drawn_network, drawn_traffic

HOURS = 4
cases = st.tuples(st.integers(0, 10_000), st.floats(0.05, 1.0))


def drawn_assignment(case: tuple[int, float]) -> TrafficAssignment:
    """An assignment with some sleeping stations whose pixels others can serve."""
    seed, level = case
    network = drawn_network(seed, stations=9)
    demand = drawn_traffic(network, seed, HOURS, level)
    price = 0.3 * stream(seed, "price").random(demand.shape)
    assignment = TrafficAssignment(network, demand, np.zeros(demand.shape, dtype=bool), price)
    for station in stream(seed, "sleepers").permutation(np.flatnonzero(network.may_sleep))[:3]:
        shift = assignment.asleep_at(int(station))
        assignment.apply(int(station), shift, ~shift.blocked, asleep=True)
    return assignment


def loads(assignment: TrafficAssignment) -> np.ndarray:
    """Loads (N, T) of the links in use, added up one by one."""
    links, load = assignment.network.links, np.zeros(assignment.load.shape)
    for pixel, hour in zip(*np.nonzero(assignment.rank >= 0), strict=True):
        rank = assignment.rank[pixel, hour]
        need = links.load[pixel, rank] * assignment.traffic[pixel, hour]
        load[links.server[pixel, rank], hour] += need
    return load


def state(assignment: TrafficAssignment) -> list[np.ndarray]:
    return [
        one.copy() for one in (assignment.asleep, assignment.rank, assignment.load, assignment.kwh)
    ]


@given(cases)
@settings(max_examples=30)
def test_loads_match_the_links_in_use_and_no_sleeping_station_serves(
    case: tuple[int, float],
) -> None:
    assignment = drawn_assignment(case)
    start = assignment.load.max(initial=assignment.most_load, axis=0)
    reassign_for_capacity(assignment)
    improve(assignment, np.zeros(assignment.network.size, dtype=bool))
    assert np.allclose(assignment.load, loads(assignment))
    assert not assignment.load[assignment.asleep].round(12).any()
    assert (assignment.load.max(axis=0) <= start + 1e-9).all()  # no load grows


@given(cases, st.lists(st.booleans(), min_size=HOURS, max_size=HOURS))
@settings(max_examples=30)
def test_a_trial_is_undone_in_the_hours_in_which_it_is_not_allowed(
    case: tuple[int, float], allowed: list[bool]
) -> None:
    assignment = drawn_assignment(case)
    before = state(assignment)
    with assignment.trial() as may:
        for station in np.flatnonzero(assignment.network.may_sleep):
            shift = assignment.awake_at(int(station))
            assignment.apply(int(station), shift, ~shift.blocked, asleep=False)
        assignment.kwh -= 100.0  # so that every hour seems to save energy
        with assignment.trial():
            reassign_for_capacity(assignment)
        done = state(assignment)
        may[:] = allowed
    for now, was, then in zip(state(assignment), before, done, strict=True):
        assert np.allclose(now[..., may], then[..., may])
        assert np.array_equal(now[..., ~may], was[..., ~may])


@given(cases)
@settings(max_examples=30)
def test_freeing_capacity_never_costs_energy_in_the_assignment(case: tuple[int, float]) -> None:
    assignment = drawn_assignment(case)
    before = assignment.kwh.copy()
    swap_sleepers(assignment)
    assert (assignment.kwh <= before).all()
    for station in np.flatnonzero(assignment.network.may_sleep):
        last = assignment.kwh.copy()
        assignment.sleep_with_reassignment(int(station))
        assert (assignment.kwh <= last).all()


def crossing() -> tuple[Network, np.ndarray]:
    """Station 0 can sleep if 1 moves a pixel to 2: its large pixel at high cost, its small at low.

    1 serves two pixels of its own, of 6 and 2 units, and is the only one that reaches 0's pixel.
    """
    network = drawn_network(0, stations=3, pixels=1)
    service_graph = ServiceGraph(
        owner=np.array([0, 1, 1, 2]),
        share=np.array([1.0, 0.75, 0.25, 1.0]),
        pixel=np.array([0, 0, 1, 1, 2, 2, 3]),
        server=np.array([0, 1, 1, 2, 1, 2, 2]),
        efficiency=np.array([1.0, 1.0, 1.0, 0.2, 1.0, 1.0, 1.0]),
    )
    network = Network(
        station_ids=network.station_ids,
        capacity=np.array([10.0, 10.0, 100.0]),
        coverage=np.array([False, True, True]),
        service_graph=service_graph,
        power=network.power,
    )
    return network, np.array([[2.5], [8.0], [1.0]])


def test_the_pixels_that_are_cheapest_to_move_free_the_capacity() -> None:
    network, demand = crossing()
    all_awake = np.zeros((3, 1), dtype=bool)
    assignment = TrafficAssignment(
        network, demand, all_awake, dispatch(network, demand, all_awake).price
    )
    assert assignment.asleep_at(0).blocked.all()
    assignment.sleep_with_reassignment(0)
    assert assignment.asleep[0, 0]
    large, small = np.flatnonzero(network.links.owner == 1)[
        np.argsort(-network.links.share[network.links.owner == 1])
    ]
    served = network.links.server[[large, small], assignment.rank[[large, small], 0]]
    assert served.tolist() == [1, 2]
    awake, asleep = (
        energy_kwh(network, dispatch(network, demand, mask).load, mask).sum()
        for mask in (all_awake, assignment.asleep)
    )
    assert asleep < awake


@pytest.mark.parametrize("seed", range(5))
def test_a_neighbourhood_holds_all_links_to_a_station_and_all_servers_of_its_pixels(
    seed: int,
) -> None:
    network = drawn_network(seed)
    links = network.links
    for station, near in enumerate(network.around):
        assert set(near.pixels) == set(np.flatnonzero((links.server == station).any(axis=1)))
        assert (links.server[near.pixels, near.rank] == station).all()
        assert near.servers[near.own] == station
        reached = links.server[near.pixels]
        assert set(near.servers) == set(reached[reached >= 0])
        assert (near.servers[near.place][reached >= 0] == reached[reached >= 0]).all()
        assert (np.diff(links.share[near.pixels]) <= 0).all()


@given(cases)
@settings(max_examples=10)
def test_a_trial_that_ends_in_an_error_is_undone(case: tuple[int, float]) -> None:
    assignment = drawn_assignment(case)
    before = state(assignment)

    def fail() -> None:
        with assignment.trial():
            for station in np.flatnonzero(assignment.network.may_sleep):
                shift = assignment.awake_at(int(station))
                assignment.apply(int(station), shift, ~shift.blocked, asleep=False)
            assignment.kwh -= 100.0
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    assert all(np.array_equal(now, was) for now, was in zip(state(assignment), before, strict=True))
    with assignment.trial() as allowed:  # undone with this trial alone
        reassign_for_capacity(assignment)
        allowed[:] = False
    assert all(np.array_equal(now, was) for now, was in zip(state(assignment), before, strict=True))
