"""Which station serves whose traffic after the network has changed, by the radio model."""

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, eye_array
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Indices
from netspatial.radio.link import (
    ACTIVITY,
    MIN_SINR_DB,
    admissible,
    rsrp_dbm,
    sinr_db,
    spectral_efficiency,
)
from netspatial.radio.pixels import Pixels, demand_pixels
from netspatial.radio.received_power import received_power
from netspatial.radio.service_graph import where_won
from netspatial.radio.sites import Radio, Sites, sites_of

SEED = 0
"""Of shadowing and of the demand positions, the default of operation."""
SAME_PLACE_M = 1.0


def takeover(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, pois: Floats | None) -> csr_array:
    """Return the part of each station's traffic that each station of the changed network serves.

    Demand does not move: each station's measured traffic stays on its demand pixels. A pixel stays
    with its station unless a new or moved one has the better spectral efficiency there. The pixels
    of a station that is switched off or moved go to the station of the best efficiency among all
    that can serve them; pixels that none can serve are lost.

    Parameters
    ----------
    before, after : geopandas.GeoDataFrame
        Stations of both networks, in a metric CRS.
    pois : ndarray of float64, (k, 2), optional
        Points of interest of the city before the change, m.

    Returns
    -------
    scipy.sparse.csr_array, (m, n)
        Rows are stations after, columns stations before; columns sum to at most 1.
    """
    radio = Radio()
    old, new = sites_of(before, radio), sites_of(after, radio)
    stays = _stays(old, new)
    if (stays >= 0).all() and len(old) == len(new):
        return csr_array(eye_array(len(old)))
    pixels = demand_pixels(old, pois, SEED)
    pixels = where_won(pixels, received_power(old, pixels, radio, SEED))
    server = _servers(new, pixels, stays, radio)
    served = server >= 0
    share = (pixels.share[served], (server[served], pixels.owner[served]))
    return coo_array(share, shape=(len(new), len(old))).tocsr()


def moved_traffic(
    x: NDArray[np.floating], share: csr_array, factor: Floats, own: NDArray[np.intp]
) -> NDArray[np.floating]:
    """Return the traffic of the stations after a takeover, (m, T).

    NaN where a station itself was not measured; a new station has the hours in which at least one
    of those that it relieves was measured.

    Parameters
    ----------
    x : ndarray of float, (n, T)
        Traffic of the stations before, NaN where it was not measured.
    share : scipy.sparse.csr_array, (m, n)
        Result of `takeover`.
    factor : ndarray of float64, (n,)
        Factor of the traffic of each station before.
    own : ndarray of int, (m,)
        Row of `x` that each station after has itself, -1 for a new one.

    Returns
    -------
    ndarray of float, (m, T)
        In the type of `x`.
    """
    seen = np.isfinite(x)
    served = share @ (np.where(seen, x, 0.0) * factor[:, None])
    covered = (share > 0).astype(np.int64) @ seen.astype(np.int64) > 0
    known = np.where((own >= 0)[:, None], seen[own], covered)
    return np.where(known, served, np.nan).astype(x.dtype)


def _stays(old: Sites, new: Sites) -> Indices:
    """Return for each old station its number among the new ones, -1 if it is gone or moved."""
    number = {str(name): at for at, name in enumerate(new.ids)}
    found = np.array([number.get(str(name), -1) for name in old.ids], dtype=np.int64)
    moved = np.hypot(*(new.places[found] - old.places).T) > SAME_PLACE_M
    return np.where(moved, -1, found)


def _servers(new: Sites, pixels: Pixels, stays: Indices, radio: Radio) -> Indices:
    """Return the new station that serves each pixel, (P,), -1 where none can."""
    own = stays[pixels.owner]
    nearest = KDTree(new.places).query(pixels.places)[1]
    links = received_power(
        new, Pixels(pixels.places, np.where(own >= 0, own, nearest), pixels.share), radio, SEED
    )
    sinr = sinr_db(links.received_dbm, links.interference_w(ACTIVITY), links.noise_w)
    is_own = links.server == own[links.pixel]
    is_new = ~np.isin(links.server, stays)
    can = admissible(sinr, rsrp_dbm(links.received_dbm, links.bandwidth_mhz))
    can &= is_new | (own[links.pixel] < 0)
    kept = np.flatnonzero(can | is_own)
    efficiency = spectral_efficiency(np.maximum(sinr[kept], MIN_SINR_DB))
    order = np.lexsort((links.server[kept], ~is_own[kept], -efficiency, links.pixel[kept]))
    pixel, first = np.unique(links.pixel[kept][order], return_index=True)
    server = np.full(len(pixels.owner), -1, dtype=np.int64)
    server[pixel] = links.server[kept][order][first]
    return server
