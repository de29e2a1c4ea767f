"""Relief: busy-hour traffic that a site takes over from the loaded stations around it."""

import numpy as np

from netspatial.arrays import Floats
from netspatial.errors import MissingPart
from netspatial.plan.share_response import SIMULATED, traffic_lost
from netspatial.plan.standing_network import StandingNetwork
from netspatial.plan.utilities.contract import Utility, UtilityInputs, same_unit
from netspatial.radio.new_sites import capacity_sites, mean_shares


def busy_hour_relief(network: StandingNetwork, places: Floats) -> tuple[Floats, Floats]:
    """Return the busy-hour traffic that a site alone at each place takes over, and its relief.

    Parameters
    ----------
    network : StandingNetwork
        The stations that stand.
    places : array (k, 2)
        Positions in the CRS of the network, m.

    Returns
    -------
    taken : array (k,)
        Busy-hour traffic taken over from all stations, in the unit of the traffic.
    relief : array (k,)
        The same with each station weighted by its busy-hour load.
    """
    sites = capacity_sites([""] * len(places), places, network.radio)
    shares = mean_shares(sites, network.service_area, network.radio)
    lost = shares.copy()
    lost.data = traffic_lost(shares.data, SIMULATED.exponent)
    busy = np.nan_to_num(network.busy_hour)
    return np.asarray(lost @ busy), np.asarray(lost @ (np.nan_to_num(network.load) * busy))


def _relief(inputs: UtilityInputs) -> Floats:
    if inputs.network is None:
        raise MissingPart(
            "The utility 'relief' needs existing stations with traffic and capacity; none are "
            "given."
        )
    taken, relief = busy_hour_relief(inputs.network(), inputs.catchment.xy)
    room = inputs.of("busy_hour")
    fits = np.divide(room, taken[:, None], out=np.ones_like(room), where=room < taken[:, None])
    return np.asarray(relief[:, None] * fits)


RELIEF = Utility(
    _relief,
    same_unit,
    title="relief",
    meaning="busy-hour traffic taken over from stations around, weighted by their busy-hour load",
    equation="Σ over s of ρ_s · B_s · (1 − (1 − a_js)^ε), B_s the busy hour of s, ρ_s = B_s / C_s",
    needs_network=True,
)
