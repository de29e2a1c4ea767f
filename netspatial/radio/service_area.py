"""Where each station's traffic arises: a grid of places, shared among stations by received power.

Unlike demand pixels, places are common to all stations and reach beyond half-way to the neighbours,
where most of the traffic arises that a new station would take over.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Indices, Mask
from netspatial.radio.link import (
    ACTIVITY,
    MIN_SINR_DB,
    admissible,
    noise_dbm,
    rsrp_dbm,
    sinr_db,
    spectral_efficiency,
    watts,
)
from netspatial.radio.received_power import ReceivedPower, mean_power_dbm
from netspatial.radio.sites import Radio, Sites

GRID_M = 100.0
REACH_M = 1_000.0
"""Farther places are not served, m."""
POI_REACH_M = 150.0
"""Points of interest within this distance of a place raise its demand, m."""


@dataclass(frozen=True)
class ServiceArea:
    """Places of demand, and the part of each station's traffic that arises there.

    Attributes
    ----------
    places : array (G, 2)
        Positions, m.
    standing_w : array (G,)
        Power received at each place from the stations that can serve it, W.
    interference_w : array (G,)
        Power of the stations of the capacity tier's carrier, on air for a part of the time, W.
    share : sparse array (n, G)
        Part of each station's traffic at each place; rows sum to 1.
    """

    places: Floats
    standing_w: Floats
    interference_w: Floats
    share: csr_array


def near_places(sites: Floats, places: Floats) -> tuple[Indices, Indices]:
    """Pairs of site and place within `REACH_M`.

    Parameters
    ----------
    sites : array (k, 2)
        Positions, m.
    places : array (G, 2)
        Positions, m.

    Returns
    -------
    site : array (E,) of int
        Rising.
    place : array (E,) of int
        Rising within a site.
    """
    found = KDTree(places).query_ball_point(sites, REACH_M, return_sorted=True)
    counts = np.array([len(one) for one in found], dtype=np.int64)
    place = np.concatenate([np.asarray(one, dtype=np.int64) for one in (*found, [])])
    return np.repeat(np.arange(len(sites)), counts), place


def service_area(
    sites: Sites,
    radio: Radio,
    pois: Floats | None = None,
    known: tuple[Floats, Floats] | None = None,
) -> ServiceArea:
    """Places around stations, and the part of each station's traffic that arises there.

    Parameters
    ----------
    sites : Sites
        n stations.
    radio : Radio
        Carriers, powers and antennas of both tiers, and the users.
    pois : array (k, 2), optional
        Points of interest, m; demand grows with the root of their number nearby.
    known : tuple of array (c, 2) and array (c,), optional
        Centres, m, and demand of square cells, in any unit; replaces the demand by points of
        interest where there are cells.

    Returns
    -------
    ServiceArea

    Notes
    -----
    Part of station s at place p ~ D_p · SE_sp · P_sp / Σ over i of P_ip: demand, spectral
    efficiency, and the station's part of the received power, over the stations that can serve the
    place (see `link.admissible`), all at mean received power.
    """
    places = _grid(sites.places)
    server, place = near_places(sites.places, places)
    used, place = np.unique(place, return_inverse=True)
    places = places[used]
    dbm = mean_power_dbm(sites, places, place, server, radio)
    tall = sites.coverage[server]
    apart = radio.coverage.carrier_ghz != radio.capacity.carrier_ghz
    width = np.where(tall, radio.coverage.bandwidth_mhz, radio.capacity.bandwidth_mhz)
    measured = ReceivedPower(
        pixel=place,
        server=server,
        received_dbm=dbm,
        carrier=(tall & apart).astype(np.int64),
        noise_w=watts(noise_dbm(width, radio.noise_figure_db)),
        bandwidth_mhz=width,
    )
    power = watts(dbm)
    sinr = sinr_db(dbm, measured.interference_w(ACTIVITY), measured.noise_w)
    serves = admissible(sinr, rsrp_dbm(dbm, width)) | _best(server, dbm, len(sites))
    standing = np.bincount(place[serves], power[serves], len(places)).astype(np.float64)
    own = measured.carrier == 0
    busy = (ACTIVITY * np.bincount(place[own], power[own], len(places))).astype(np.float64)
    server, place = server[serves], place[serves]
    weight = spectral_efficiency(np.maximum(sinr[serves], MIN_SINR_DB)) * power[serves]
    weight *= _demand(places, pois, known)[place] / standing[place]
    weight /= np.bincount(server, weight, len(sites))[server]
    share = coo_array((weight, (server, place)), shape=(len(sites), len(places))).tocsr()
    return ServiceArea(places, standing, busy, share)


def _best(server: Indices, dbm: Floats, stations: int) -> Mask:
    """Whether a pair is the one of highest power of its station, which serves at least there."""
    highest = np.full(stations, -np.inf)
    np.maximum.at(highest, server, dbm)
    best: Mask = dbm >= highest[server]
    return best


def _grid(around: Floats) -> Floats:
    """Return the places of a grid within reach of the bounds of these positions, (G, 2)."""
    low = np.floor((around.min(axis=0) - REACH_M) / GRID_M)
    high = np.ceil((around.max(axis=0) + REACH_M) / GRID_M)
    x, y = (GRID_M * (np.arange(a, b) + 0.5) for a, b in zip(low, high, strict=True))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _demand(places: Floats, pois: Floats | None, known: tuple[Floats, Floats] | None) -> Floats:
    """Return the demand of each place, (G,), above 0: known, or by points of interest."""
    demand = np.ones(len(places))
    if pois is not None and len(pois):
        near = KDTree(pois).query_ball_point(places, POI_REACH_M, return_length=True)
        demand = np.sqrt(1.0 + np.asarray(near))
    if known is None or not len(known[0]):
        return demand
    cells = KDTree(known[0])
    apart = np.median(cells.query(known[0], 2)[0][:, 1]) if len(known[0]) > 1 else GRID_M
    offset, cell = cells.query(places, p=np.inf)
    inside = offset <= max(apart, GRID_M) / 2 + 1.0
    if not inside.any() or known[1].max() <= 0:
        return demand
    found = np.maximum(known[1][cell[inside]], 1e-3 * known[1].max())
    scale = demand[inside].mean() / found.mean()
    demand[inside] = scale * found
    return demand
