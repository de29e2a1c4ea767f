"""Check a schedule with load-coupled interference: neighbours transmit in proportion to their load.

Links are planned with every neighbour on air for a fixed part of the time. Here loads and
interference are solved together, so that a schedule can be checked against them.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.radio.link import MIN_SINR_DB, sinr_db, spectral_efficiency
from netspatial.radio.received_power import ReceivedPower
from netspatial.radio.service_graph import ServiceGraph

TOLERANCE = 1e-6
MAX_STEPS = 200


@dataclass(frozen=True)
class CoupledLoad:
    """Loads of one hour that agree with the interference they cause.

    load       : (n,) part of each station's capacity in use, at most 1
    wanted     : (n,) the part that its traffic needs; above 1 it does not fit
    efficiency : (E,) of each link of the service graph under that interference, bit/s/Hz
    converged    : whether the last step changed no load by more than TOLERANCE
    """

    load: Floats
    wanted: Floats
    efficiency: Floats
    converged: bool


def own_efficiency(graph: ServiceGraph, stations: int) -> Floats:
    """Efficiency at which each station serves its own traffic, bit/s/Hz, (n,).

    The harmonic mean over its pixels by traffic: a load of D / C carries exactly its own D.
    """
    own = graph.server == graph.owner[graph.pixel]
    station, pixel = graph.server[own], graph.pixel[own]
    per_bit = np.bincount(station, graph.share[pixel] / graph.efficiency[own], stations)
    return np.divide(1.0, per_bit, out=np.ones(stations), where=per_bit > 0)


def coupled_load(
    graph: ServiceGraph,
    measured: ReceivedPower,
    carried: Floats,
    capacity: Floats,
    background: Floats | float = 0,
) -> CoupledLoad:
    """Solve ρ = F(ρ) for one hour: loads from efficiencies, efficiencies from loads.

    carried    : (E,) traffic over each link of the graph in this hour; sleeping stations carry none
    capacity   : (n,) traffic per hour that a station carries at its own mean efficiency
    background : (n,) load that is always there

    F grows with ρ, so the iteration from below converges to the least solution.
    """
    if len(carried) != len(graph.server):
        raise BadInput(
            f"{len(carried)} amounts of traffic were given for {len(graph.server)} links."
        )
    n = len(capacity)
    pair = _pair_of_link(graph, measured, n)
    reference = own_efficiency(graph, n)[graph.server]
    always = np.broadcast_to(np.asarray(background, dtype=np.float64), n)
    load: Floats = np.clip(always, 0, 1)
    converged = False
    efficiency: Floats = graph.efficiency
    wanted: Floats = load
    for _ in range(MAX_STEPS):
        interference = measured.interference_w(load[measured.server])[pair]
        sinr = sinr_db(measured.received_dbm[pair], interference, measured.noise_w[pair])
        efficiency = spectral_efficiency(np.maximum(sinr, MIN_SINR_DB))
        hours = carried * reference / (efficiency * capacity[graph.server])
        wanted = np.bincount(graph.server, hours, n) + always
        converged = bool(np.abs(np.minimum(wanted, 1) - load).max() <= TOLERANCE)
        load = np.minimum(wanted, 1)
        if converged:
            break
    return CoupledLoad(load, wanted, efficiency, converged)


def _pair_of_link(graph: ServiceGraph, measured: ReceivedPower, stations: int) -> Indices:
    """Index of each link of the service graph among the pairs, which are sorted."""
    pairs = measured.pixel * stations + measured.server
    links = graph.pixel * stations + graph.server
    place = np.minimum(np.searchsorted(pairs, links), len(pairs) - 1)
    if (pairs[place] != links).any():
        raise BadInput("These received powers belong to another service graph.")
    return place
