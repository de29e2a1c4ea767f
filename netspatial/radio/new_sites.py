"""Part of each station's traffic at the places that new sites would serve.

A place is shared among stations and sites in proportion to received power.
"""

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from netspatial.arrays import Floats, Indices, Mask
from netspatial.radio.link import admissible, noise_dbm, rsrp_dbm, sinr_db, watts
from netspatial.radio.path_loss import SCENARIOS
from netspatial.radio.received_power import mean_power_dbm
from netspatial.radio.service_area import ServiceArea, near_places
from netspatial.radio.sites import Radio, Sites
from netspatial.randomness import stream

SITES_AT_ONCE = 2_000
"""Sites per block: about 600,000 pairs."""


def shares_taken(
    area: ServiceArea, site: Indices, place: Indices, power_w: Floats, sites: int
) -> csr_array:
    """Part of each station's traffic at places that each new site serves, all sites standing.

    Parameters
    ----------
    area : ServiceArea
        G places of n stations.
    site : array (E,) of int
        Site of each pair.
    place : array (E,) of int
        Place of each pair.
    power_w : array (E,)
        Power received from the site at the place, W.
    sites : int
        Number of sites k.

    Returns
    -------
    sparse array (k, n)
        Between 0 and 1; the sum over the sites is below 1.

    Notes
    -----
    a_js = Σ over the places p of s of share_sp · P_jp / (P_p + Σ over i of P_ip), P_p the power
    from all stations that stand.

    Examples
    --------
    >>> area = ServiceArea(np.zeros((2, 2)), np.ones(2), np.zeros(2), csr_array([[0.75, 0.25]]))
    >>> pairs = np.array([0, 0]), np.array([0, 1])
    >>> shares_taken(area, *pairs, np.array([1.0, 3.0]), 1).toarray().tolist()
    [[0.5625]]
    """
    total = area.standing_w + np.bincount(place, power_w, len(area.standing_w))
    return _shares(area, site, place, power_w / total[place], sites)


def sampled_shares(
    sites: Sites, area: ServiceArea, radio: Radio, seed: int, samples: int
) -> list[csr_array]:
    """Shares that new sites take, for several draws of the power that is received from each.

    Parameters
    ----------
    sites : Sites
        k new sites, which all stand.
    area : ServiceArea
        Places of the stations that stand.
    radio : Radio
        Carriers, powers and antennas.
    seed : int
        Of the draws.
    samples : int
        Number of draws.

    Returns
    -------
    list of sparse array (k, n)
        One for each draw, see `shares_taken`.

    Notes
    -----
    Shadowing within a place is part of its division in proportion to power. What is drawn is the
    deviation of a whole site from its mean power: antenna, mast and clutter around it, with the
    standard deviation of shadowing in line of sight (TR 38.901, Table 7.4.1-1).
    """
    site, place = near_places(sites.places, area.places)
    mean = mean_power_dbm(sites, area.places, place, site, radio)
    sd = SCENARIOS[radio.capacity.scenario].los_sd
    names = [str(name) for name in sites.ids]
    noise = np.stack([stream(seed, "site", name).standard_normal(samples) for name in names])
    found = []
    for sample in range(samples):
        dbm = mean + sd * noise[site, sample]
        serves = _serves(area, place, dbm, radio)
        power = watts(dbm[serves])
        found.append(shares_taken(area, site[serves], place[serves], power, len(sites)))
    return found


def mean_shares(sites: Sites, area: ServiceArea, radio: Radio) -> csr_array:
    """Share of each station's traffic that each new site would take if it stood alone.

    Parameters
    ----------
    sites : Sites
        k possible sites.
    area : ServiceArea
        Places of the stations that stand.
    radio : Radio
        Carriers, powers and antennas.

    Returns
    -------
    sparse array (k, n)
        As `shares_taken` with one site at a time, at mean received power.
    """
    blocks = []
    for begin in range(0, len(sites), SITES_AT_ONCE):
        rows = slice(begin, begin + SITES_AT_ONCE)
        some = Sites(
            sites.ids[rows], sites.places[rows], sites.coverage[rows], sites.height_m[rows]
        )
        site, place = near_places(some.places, area.places)
        dbm = mean_power_dbm(some, area.places, place, site, radio)
        serves = _serves(area, place, dbm, radio)
        site, place, power = site[serves], place[serves], watts(dbm[serves])
        won = power / (area.standing_w[place] + power)
        blocks.append(_shares(area, site, place, won, len(some)))
    return csr_array(vstack(blocks))


def capacity_sites(ids: list[str], places: Floats, radio: Radio) -> Sites:
    """New sites of the capacity tier at its usual antenna height.

    Parameters
    ----------
    ids : list of str
        Ids of the sites.
    places : array (k, 2)
        Positions, m.
    radio : Radio
        For the antenna height.

    Returns
    -------
    Sites
    """
    height = np.full(len(ids), radio.capacity.height_m)
    return Sites(np.array(ids, dtype=np.str_), places, np.zeros(len(ids), dtype=bool), height)


def _serves(area: ServiceArea, place: Indices, dbm: Floats, radio: Radio) -> Mask:
    """Whether a site of the capacity tier can serve each pair: SINR and reference power suffice."""
    tier = radio.capacity
    noise = watts(noise_dbm(tier.bandwidth_mhz, radio.noise_figure_db))
    sinr = sinr_db(dbm, area.interference_w[place], noise)
    return admissible(sinr, rsrp_dbm(dbm, tier.bandwidth_mhz))


def _shares(area: ServiceArea, site: Indices, place: Indices, won: Floats, sites: int) -> csr_array:
    """Sum the won parts of places over each station's traffic, (k, n)."""
    parts = coo_array((won, (site, place)), shape=(sites, len(area.places))).tocsr()
    return csr_array(parts @ area.share.T)
