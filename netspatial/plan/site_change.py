"""What changes at existing stations when the sites of a plan are built.

Received power says which places a site would serve, the measured traffic of the stations that serve
them what it takes over there, and the generated traffic of its cell what it carries in all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from pyproj import CRS
from scipy.sparse import csr_array

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.plan.explain.site_facts import Spread
from netspatial.plan.share_response import SIMULATED, ShareResponse
from netspatial.plan.site_measures import change_measures
from netspatial.plan.standing_network import StandingNetwork
from netspatial.plan.tables import spread_columns
from netspatial.radio.new_sites import capacity_sites, sampled_shares
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_DAY, local_steps

MIN_SHARE = 0.005
"""Pairs of site and station are left out where the site takes less of the station's demand."""


OF_PAIRS = ("taken_share", "taken")
OF_STATIONS = ("load_before", "load_after")
OF_NETWORK = ("overload_before", "overload_after", "unserved_before", "unserved_after")
OF_SITES = ("carried", "taken", "newly_served")


@dataclass(frozen=True)
class SiteChange:
    """Change at existing stations if all sites of a plan are built, with 80 % ranges.

    Every quantity has the columns `_mean`, `_p10`, `_p50` and `_p90` over the samples.

    Attributes
    ----------
    stations : GeoDataFrame
        One row per pair of site and station that it relieves, most traffic first: `site`,
        `station`, `distance_m`; `taken_share`, part of the station's traffic that the site takes
        over, and `taken`, the same in `unit`; of the station with all sites built, `load_before`
        and `load_after`, busy-hour traffic over capacity, `overload_before` and `overload_after`,
        hours per week above 90 % of the capacity, and `unserved_before` and `unserved_after`, mean
        traffic above capacity. Geometry: the line from site to station.
    sites : DataFrame
        One row per site in the order given: `site`, `stations` (number relieved), and mean traffic
        `carried`, `taken` and `newly_served`, in `unit`.
    totals : mapping from str to Spread
        Over all sites and relieved stations: `taken`, `newly_served`, `unserved_before`,
        `unserved_after`, `overload_before` and `overload_after`; empty without a network.
    notes : tuple of str
        Assumptions and gaps, one sentence each.
    unit : str
        Unit of traffic.
    """

    stations: gpd.GeoDataFrame
    sites: pd.DataFrame
    totals: Mapping[str, Spread]
    notes: tuple[str, ...]
    unit: str


def site_change(
    sites: gpd.GeoDataFrame,
    traffic: xr.DataArray,
    network: StandingNetwork,
    *,
    response: ShareResponse = SIMULATED,
    seed: int = 0,
) -> SiteChange:
    """Change at existing stations if all these sites are built.

    Parameters
    ----------
    sites : GeoDataFrame (k rows)
        `cell_id`, and `x` and `y` in the CRS of the network, m.
    traffic : DataArray (cell, sample, time)
        Generated hourly traffic of a station at each site, in the unit of the network.
    network : StandingNetwork
        The stations that stand, with measured traffic and capacity.
    response : ShareResponse
        How much traffic a station loses with its places.
    seed : int
        Of the powers, weeks and exponents that are drawn.

    Returns
    -------
    SiteChange

    Raises
    ------
    BadInput
        If the traffic is in another unit, or lacks a site.

    Notes
    -----
    In each sample the power received from each site is drawn around its mean, measured weeks
    stand for the coming ones, and an exponent ε is drawn. A station with traffic x, of whose places
    the sites serve the share a, loses x (1 - (1 - a)^ε), divided among the sites as a is. A site
    takes over no more than it carries: its generated traffic, at most the median capacity of
    the capacity tier. The rest of what it carries is newly served: demand that no station serves
    today. Taken over, kept and unserved traffic of a station sum to its traffic before.

    Each site's traffic is generated as if it stood alone; sites closer than about twice their
    service radius would share the newly served part.
    """
    unit = str(traffic.attrs.get("units", "not stated"))
    if unit != network.units:
        raise BadInput(
            f"The generated traffic is in {unit} and that of the stations in {network.units}; "
            "give both in one unit."
        )
    ids = sites["cell_id"].to_numpy().astype(str)
    absent = sorted(set(ids) - set(traffic["cell"].to_numpy().astype(str)))
    if absent:
        raise BadInput(f"The traffic lacks the site '{absent[0]}'; generate it for the same cells.")
    carried = np.minimum(
        traffic.sel(cell=ids).transpose("sample", "cell", "time").to_numpy().astype(np.float64),
        network.site_capacity,
    )
    places = sites[["x", "y"]].to_numpy(dtype=np.float64)
    new = capacity_sites(ids.tolist(), places, network.radio)
    shares = sampled_shares(new, network.service_area, network.radio, seed, len(carried))
    site, station = _relieved(shares, network)
    rows, at = np.unique(station, return_inverse=True)
    times = pd.DatetimeIndex(traffic["time"].to_numpy())
    hour = local_steps(times, str(network.traffic.attrs["timezone"])) % HOURS_PER_DAY
    exponents = response.draw(len(carried), seed)
    drawn = [
        change_measures(
            network.drawn_weeks(rows, times, stream(seed, "weeks of stations", sample)),
            share[:, rows].toarray()[site, at],
            exponents[sample],
            site,
            at,
            carried[sample],
            network.capacity[rows],
            hour,
        )
        for sample, share in enumerate(shares)
    ]
    found = {name: np.stack([one[name] for one in drawn], axis=-1) for name in drawn[0]}
    return _tabled(ids, places, site, station, at, found, network)


def unknown_change(reason: str, unit: str, crs: CRS) -> SiteChange:
    """Return a change without rows, where it is not known what happens at existing stations.

    Parameters
    ----------
    reason : str
        Why, as a sentence.
    unit : str
        Unit of traffic.
    crs : CRS
        Of the cells.

    Returns
    -------
    SiteChange
    """
    names = ("distance_m", *_spread_names((*OF_PAIRS, *OF_STATIONS, *OF_NETWORK)))
    text, numbers = pd.Series(dtype=str), pd.Series(dtype=np.float64)
    return SiteChange(
        stations=gpd.GeoDataFrame(
            {"site": text, "station": text, **dict.fromkeys(names, numbers)}, geometry=[], crs=crs
        ),
        sites=pd.DataFrame(
            {"site": text, "stations": numbers, **dict.fromkeys(_spread_names(OF_SITES), numbers)}
        ),
        totals={},
        notes=(f"What changes at existing stations is not known: {reason}",),
        unit=unit,
    )


def _spread_names(quantities: tuple[str, ...]) -> list[str]:
    return [name for one in quantities for name in spread_columns(one, np.zeros((0, 1)))]


def _relieved(shares: list[csr_array], network: StandingNetwork) -> tuple[Indices, Indices]:
    """Pairs of site and measured station of which the site takes a share worth naming."""
    mean = csr_array(sum(shares[1:], shares[0]) / len(shares)).tocoo()
    kept = (mean.data >= MIN_SHARE) & network.measured[mean.col]
    return np.asarray(mean.row[kept], np.int64), np.asarray(mean.col[kept], np.int64)


def _tabled(
    ids: Indices,
    places: Floats,
    site: Indices,
    station: Indices,
    at: Indices,
    found: dict[str, Floats],
    network: StandingNetwork,
) -> SiteChange:
    """Return the tables; found : by name (rows, samples)."""
    geometry = network.stations.geometry
    ends = np.column_stack([geometry.x, geometry.y])[station]
    lines = shapely.linestrings(np.stack([places[site], ends], axis=1))
    columns: dict[str, Floats] = {}
    for name in OF_PAIRS:
        columns |= spread_columns(name, found[name])
    for name in (*OF_STATIONS, *OF_NETWORK):
        columns |= spread_columns(name, found[name][at])
    table = gpd.GeoDataFrame(
        {
            "site": ids[site],
            "station": network.stations["station_id"].astype(str).to_numpy()[station],
            "distance_m": np.round(np.hypot(*(ends - places[site]).T), 1),
            **columns,
        },
        geometry=lines,
        crs=network.stations.crs,
    ).sort_values("taken_mean", ascending=False, kind="stable", ignore_index=True)
    relieved = np.bincount(site, minlength=len(ids))
    by_site = pd.DataFrame({"site": ids, "stations": relieved})
    for name in OF_SITES:
        by_site = by_site.assign(**spread_columns(name, found[f"site_{name}"]))
    totals = {name: found[name].sum(axis=0) for name in OF_NETWORK}
    totals["taken"] = found["site_taken"].sum(axis=0)
    saved = totals["unserved_before"] - totals["unserved_after"]
    totals["newly_served"] = found["site_newly_served"].sum(axis=0) + saved
    return SiteChange(
        stations=table,
        sites=by_site,
        totals={name: _spread(values) for name, values in totals.items()},
        notes=tuple(_notes(ids, relieved, np.unique(station), network)),
        unit=network.units,
    )


def _notes(
    ids: Indices, relieved: Indices, stations: Indices, network: StandingNetwork
) -> list[str]:
    equipment = (
        f"Each site is taken as a station of the capacity tier with {network.site_capacity:.3g} "
        f"{network.units}, the median capacity of that tier."
    )
    notes = [equipment]
    idle = ids[relieved == 0]
    if len(idle):
        others = f", like {len(idle) - 1} other sites" if len(idle) > 1 else ""
        notes.append(
            f"No place served by a measured station would use site '{idle[0]}'{others}; it "
            "relieves no station."
        )
    silent = int((~network.measured).sum())
    if silent:
        notes.append(f"{silent} stations without measured traffic are left out.")
    unknown = int(np.isnan(network.capacity[stations]).sum())
    if unknown:
        notes.append(
            f"The capacity of {unknown} relieved stations is unknown, and so is their load."
        )
    return notes


def _spread(values: Floats) -> Spread:
    p10, p90 = np.quantile(values, (0.1, 0.9))
    return Spread(float(values.mean()), float(p10), float(p90))
