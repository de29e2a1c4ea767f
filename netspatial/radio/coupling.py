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

    Attributes
    ----------
    load : array (n,)
        Part of each station's capacity in use, at most 1.
    wanted : array (n,)
        The part that its traffic needs; above 1 it does not fit.
    efficiency : array (E,)
        Of each link of the service graph under that interference, bit/s/Hz.
    converged : bool
        Whether the last step changed no load by more than `TOLERANCE`.
    """

    load: Floats
    wanted: Floats
    efficiency: Floats
    converged: bool


def own_efficiency(graph: ServiceGraph, stations: int) -> Floats:
    """Efficiency at which each station serves its own traffic, bit/s/Hz.

    Parameters
    ----------
    graph : ServiceGraph
        Links that can serve each pixel.
    stations : int
        Number of stations n.

    Returns
    -------
    array (n,)
        bit/s/Hz; the harmonic mean over its pixels by traffic, so that a load of D / C carries
        exactly its own D.

    Examples
    --------
    >>> graph = ServiceGraph(
    ...     owner=np.array([0, 0]), share=np.array([0.5, 0.5]), pixel=np.array([0, 1]),
    ...     server=np.array([0, 0]), efficiency=np.array([1.0, 3.0]),
    ... )
    >>> own_efficiency(graph, 1).tolist()
    [1.5]
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

    Parameters
    ----------
    graph : ServiceGraph
        Links that can serve each pixel.
    measured : ReceivedPower
        Received power from which the graph was made.
    carried : array (E,)
        Traffic over each link of the graph in this hour; sleeping stations carry none.
    capacity : array (n,)
        Traffic per hour that a station carries at its own mean efficiency.
    background : float or array (n,)
        Load that is always there, part of the capacity.

    Returns
    -------
    CoupledLoad

    Raises
    ------
    BadInput
        If the traffic or the received powers belong to another service graph.

    Notes
    -----
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
