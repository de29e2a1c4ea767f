"""What there is to say about a chosen site, as plain facts before any prose.

Between the choice and its rationale: whoever explains, rules or a language model, is given these
and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.context.features.categories import KIND_NAMES, KINDS
from netspatial.context.features.neighbourhood import read_pois, tally_kinds

POI_RADIUS_M = 300.0
STATION_RADIUS_M = 1000.0
KINDS_NAMED = 3


@dataclass(frozen=True)
class Spread:
    """A quantity over the futures: mean, and the 10th and 90th percentile."""

    mean: float
    p10: float
    p90: float


@dataclass(frozen=True)
class Rhythm:
    """When the traffic comes, on the local clock.

    peak_hour : busiest hour of the mean day, 0 to 23
    weekend   : mean of Saturdays and Sundays over that of weekdays; NaN where either is absent
    """

    peak_hour: int
    weekend: float


@dataclass(frozen=True)
class Stations:
    """Existing stations around a site.

    nearest   : id of the nearest one, empty where there is none
    nearest_m : distance to it, metres
    load      : mean traffic that it is known to carry; NaN where unknown
    load_from : whether that was measured or simulated
    within    : how many stand within 1 km
    """

    nearest: str = ""
    nearest_m: float = np.inf
    load: float = np.nan
    load_from: str = "measured"
    within: int = 0


@dataclass(frozen=True)
class Facts:
    """All that is known about one chosen site.

    provenance  : whether the traffic was measured, simulated or generated
    beats       : share of the feasible cells with less demand, 0 to 1
    pois        : (how it is said, how many) of the commonest kinds within 300 m; None if unknown
    chosen_in   : futures in which it is chosen, of `futures`
    challenger  : id of the cell that would replace it, empty where none could
    margin      : by which share of its own worth it leads the challenger, NaN without one
    required    : the planner insisted on it
    """

    cell_id: str
    rank: int
    of: int
    provenance: str
    utility: str
    utility_unit: str
    value: Spread
    demand: Spread
    demand_unit: str
    beats: float
    rhythm: Rhythm
    stations: Stations | None
    pois: tuple[tuple[str, int], ...] | None
    poi_count: int
    chosen_in: int
    futures: int
    challenger: str
    margin: float
    measured_by: str
    floor: float
    required: bool


def rhythm(profile: Floats32) -> Rhythm:
    """Read the rhythm off a mean local week, (168,) from Monday 00:00; NaN where unknown."""
    week = np.ma.masked_invalid(profile.astype(np.float64).reshape(7, 24))
    day = week.mean(axis=0).filled(-np.inf)
    weekday, weekend = week[:5].mean(), week[5:].mean()
    known = weekday is not np.ma.masked and weekend is not np.ma.masked and weekday > 0
    return Rhythm(int(day.argmax()), float(weekend / weekday) if known else float("nan"))


def stations_around(
    xy: Floats,
    stations: gpd.GeoDataFrame,
    load: "pd.Series[float] | None",
    load_from: str,
) -> list[Stations]:
    """Return what stands around each of these sites.

    xy   : (k, 2) metres in the CRS of `stations`
    load : mean traffic by station id, in the unit of the ensemble; load_from says its provenance
    """
    if stations.empty:
        return [Stations() for _ in xy]
    points = np.column_stack([stations.geometry.x, stations.geometry.y])
    names = stations["station_id"].astype(str).to_numpy()
    tree = KDTree(points)
    metres, nearest = tree.query(xy)
    within = tree.query_ball_point(xy, STATION_RADIUS_M, return_length=True)
    known = {} if load is None else {str(name): float(value) for name, value in load.items()}
    return [
        Stations(names[i], float(d), known.get(names[i], np.nan), load_from, int(n))
        for i, d, n in zip(nearest, metres, within, strict=True)
    ]


def pois_around(
    xy: Floats, pois: gpd.GeoDataFrame, crs: CRS
) -> list[tuple[tuple[tuple[str, int], ...], int]]:
    """Return the commonest kinds of places within 300 m of each site, and how many in all."""
    counts = tally_kinds(xy, read_pois(pois, crs), (POI_RADIUS_M,))[:, 0]
    return [(_commonest(row), int(row.sum())) for row in counts]


def _commonest(counts: Indices) -> tuple[tuple[str, int], ...]:
    named: Sequence[int] = [
        int(kind)
        for kind in np.argsort(-counts, kind="stable")
        if counts[kind] > 0 and KIND_NAMES[kind] != "other"
    ]
    return tuple(
        (KINDS[KIND_NAMES[kind]].one if counts[kind] == 1 else KINDS[KIND_NAMES[kind]].many,
         int(counts[kind]))
        for kind in named[:KINDS_NAMED]
    )  # fmt: skip
