"""What changes in one sample: traffic that sites take over from stations, hour by hour."""

import numpy as np
from scipy.sparse import csr_array

from netspatial.arrays import Floats, Indices
from netspatial.plan.share_response import traffic_lost
from netspatial.timeline import HOURS_PER_WEEK

OVERLOAD = 0.9
"""A station is overloaded in hours with more traffic than this part of its capacity."""


def change_measures(
    demand: Floats,
    share: Floats,
    exponent: float,
    site: Indices,
    station: Indices,
    carried: Floats,
    capacity: Floats,
    hour: Indices,
) -> dict[str, Floats]:
    """What changes in one sample, by pair, by station with all sites built, and by site.

    Parameters
    ----------
    demand : array (n, H)
        Traffic of each station.
    share : array (m,)
        Part of the station's traffic at places that the site serves, for each pair.
    exponent : float
        Of the response, see `share_response`.
    site : array (m,) of int
        Site of each pair.
    station : array (m,) of int
        Station of each pair.
    carried : array (k, H)
        Traffic that each site carries.
    capacity : array (n,)
        Traffic per hour, NaN where unknown.
    hour : array (H,) of int
        Local hour of the day.

    Returns
    -------
    dict from str to array
        By pair (m,), by station (n,) and, with the prefix "site_", by site (k,); the names are
        those of `SiteChange`.
    """
    whole: Floats = np.bincount(station, share, len(demand)).astype(np.float64)
    part = np.divide(share, whole[station], out=np.zeros_like(share), where=whole[station] > 0)
    lost = traffic_lost(whole, exponent)[station] * part
    taken = divide_traffic(demand, lost, site, station, carried)
    left = demand - _summed(taken, station, len(demand))
    over = taken.sum(axis=1)
    before = demand.sum(axis=1)[station]
    site_taken = _summed(taken, site, len(carried)).mean(axis=1)
    per_week = HOURS_PER_WEEK / demand.shape[1]
    limit = capacity[:, None]
    known = np.where(np.isnan(limit), np.inf, limit)
    return {
        "taken_share": np.divide(over, before, out=np.zeros_like(over), where=before > 0),
        "taken": taken.mean(axis=1),
        "load_before": _busy_hour(demand, hour) / capacity,
        "load_after": _busy_hour(left, hour) / capacity,
        "overload_before": per_week * (demand > OVERLOAD * known).sum(axis=1),
        "overload_after": per_week * (left > OVERLOAD * known).sum(axis=1),
        "unserved_before": np.maximum(demand - known, 0.0).mean(axis=1),
        "unserved_after": np.maximum(left - known, 0.0).mean(axis=1),
        "site_carried": carried.mean(axis=1),
        "site_taken": site_taken,
        "site_newly_served": carried.mean(axis=1) - site_taken,
    }


def divide_traffic(
    demand: Floats, lost: Floats, site: Indices, station: Indices, room: Floats
) -> Floats:
    """Traffic that each site takes over from each station, hour by hour.

    Parameters
    ----------
    demand : array (n, H)
        Traffic of each station.
    lost : array (m,)
        Part of the station's traffic that the site would take over, for each pair.
    site : array (m,) of int
        Site of each pair.
    station : array (m,) of int
        Station of each pair.
    room : array (k, H)
        Traffic that each site carries at most.

    Returns
    -------
    array (m, H)
        At most `lost` of the demand; the sum over a site's pairs is at most its room. What does
        not fit stays with its station, for all stations in proportion.

    Examples
    --------
    >>> pairs = np.array([0, 0]), np.array([0, 1])
    >>> demand = np.array([[10.0], [30.0]])
    >>> divide_traffic(demand, np.array([0.5, 0.5]), *pairs, np.array([[10.0]])).tolist()
    [[2.5], [7.5]]
    """
    wanted = lost[:, None] * demand[station]
    total = _summed(wanted, site, len(room))
    fits = np.divide(room, total, out=np.ones_like(room), where=total > room)
    return np.asarray(wanted * fits[site])


def _summed(values: Floats, group: Indices, count: int) -> Floats:
    """Sum rows (m, H) by group, (count, H)."""
    rows = np.arange(len(group))
    shape = (count, len(group))
    return np.asarray(csr_array((np.ones(len(group)), (group, rows)), shape=shape) @ values)


def _busy_hour(x: Floats, hour: Indices) -> Floats:
    """Mean of the busiest local hour of the day, (n,); x : (n, H), hour : (H,)."""
    means = [x[:, hour == one].mean(axis=1) for one in np.unique(hour)]
    return np.asarray(np.max(means, axis=0))
