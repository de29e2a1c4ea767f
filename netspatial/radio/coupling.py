"""Check what was decided with load-coupled interference: neighbours send as much as they carry.

Links were planned with every neighbour on air for a fixed part of the time. Afterwards loads and
interference are solved together, so that a schedule's promise can be held against the physics.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.radio.link import LEAST_SINR_DB, sinr_db, spectral_efficiency
from netspatial.radio.received_power import ReceivedPower
from netspatial.radio.service_graph import ServiceGraph

TOLERANCE = 1e-6
MOST_STEPS = 200


@dataclass(frozen=True)
class CoupledLoad:
    """Loads of one hour that agree with the interference they cause.

    load       : (n,) part of each station's capacity in use, at most 1
    wanted     : (n,) the part that its traffic asks for; above 1 it does not fit
    efficiency : (E,) of each link of the reach under that interference, bit/s/Hz
    settled    : whether the last step changed no load by more than TOLERANCE
    """

    load: Floats
    wanted: Floats
    efficiency: Floats
    settled: bool


def own_efficiency(reach: ServiceGraph, stations: int) -> Floats:
    """Efficiency at which each station serves its own traffic, bit/s/Hz, (n,).

    The harmonic mean over its pixels by traffic: a load of D / C carries exactly its own D.
    """
    own = reach.server == reach.owner[reach.pixel]
    station, pixel = reach.server[own], reach.pixel[own]
    per_bit = np.bincount(station, reach.share[pixel] / reach.efficiency[own], stations)
    return np.divide(1.0, per_bit, out=np.ones(stations), where=per_bit > 0)


def coupled_load(
    reach: ServiceGraph,
    measured: ReceivedPower,
    carried: Floats,
    capacity: Floats,
    background: Floats | float = 0,
) -> CoupledLoad:
    """Solve ρ = F(ρ) for one hour: loads from efficiencies, efficiencies from loads.

    carried    : (E,) traffic over each link of the reach in this hour; sleeping stations carry none
    capacity   : (n,) traffic per hour that a station carries at its own mean efficiency
    background : (n,) load that is always there

    F grows with ρ, so steps from the bottom climb to the least solution.
    """
    if len(carried) != len(reach.server):
        raise BadInput(
            f"{len(carried)} amounts of traffic were given for {len(reach.server)} links."
        )
    n = len(capacity)
    pair = _pair_of_link(reach, measured, n)
    reference = own_efficiency(reach, n)[reach.server]
    always = np.broadcast_to(np.asarray(background, dtype=np.float64), n)
    load: Floats = np.clip(always, 0, 1)
    settled = False
    efficiency: Floats = reach.efficiency
    wanted: Floats = load
    for _ in range(MOST_STEPS):
        interference = measured.interference_w(load[measured.server])[pair]
        sinr = sinr_db(measured.received_dbm[pair], interference, measured.noise_w[pair])
        efficiency = spectral_efficiency(np.maximum(sinr, LEAST_SINR_DB))
        hours = carried * reference / (efficiency * capacity[reach.server])
        wanted = np.bincount(reach.server, hours, n) + always
        settled = bool(np.abs(np.minimum(wanted, 1) - load).max() <= TOLERANCE)
        load = np.minimum(wanted, 1)
        if settled:
            break
    return CoupledLoad(load, wanted, efficiency, settled)


def _pair_of_link(reach: ServiceGraph, measured: ReceivedPower, stations: int) -> Indices:
    """Where each link of the reach stands among the pairs, which are sorted."""
    pairs = measured.pixel * stations + measured.server
    links = reach.pixel * stations + reach.server
    place = np.minimum(np.searchsorted(pairs, links), len(pairs) - 1)
    if (pairs[place] != links).any():
        raise BadInput("These received powers belong to another reach.")
    return place
