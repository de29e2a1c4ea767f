"""Squares of a grid made of a city's stations, as operators publish their traffic.

Either each square gets a share of the traffic of the stations near it, so that neighbours share
stations, or the traffic of the stations that stand in it. Made of simulated cities, they teach the
kriging priors of squares.
"""

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.arrays import AnyFloats, Floats
from netspatial.city.city import City
from netspatial.context.features.places import positions
from netspatial.generate.city_data import load_series
from netspatial.generate.measured import read_counts
from netspatial.kriging.kernels import GROUPS, Places
from netspatial.kriging.series import Moments
from netspatial.kriging.stations import MeasuredStations, about_the_mean, measured_stations
from netspatial.randomness import stream

EXCERPTS = 6
"""Excerpts of a city: half of them spread, half by where a station stands."""
SIDE = 6
"""Rows and columns of an excerpt."""
SQUARE_M = 235.0
"""Side of a square of the Milano grid."""
DENSER = 3.0
"""A simulated city has two stations per km², a town centre some twenty: its map is shrunk."""
CATCHMENT_M = (100.0, 400.0)
"""Least and largest deviation of the area over which a station's traffic is spread."""


def read_squares(city: City, service: str = "total") -> list[MeasuredStations]:
    """Return excerpts of a grid over a city, each with its own catchments, around their means."""
    loaded = load_series(city, service)
    xy = positions(loaded.stations, city.crs)
    hours = np.asarray(loaded.hours, dtype=np.int64)
    random = stream(0, "squares", city.name)
    found = []
    for number in range(EXCERPTS):
        room = np.maximum(np.ptp(xy, axis=0) - DENSER * SQUARE_M * SIDE, 0) / 2
        middle = (xy.min(axis=0) + xy.max(axis=0)) / 2 + random.uniform(-room, room)
        places = square_places(city, middle)
        reach = np.exp(random.uniform(*np.log(CATCHMENT_M)))
        if number % 2:
            x = collected(loaded.x, xy / DENSER, places.xy)
        else:
            x = spread(loaded.x, xy / DENSER, places.xy, float(reach))
        ids = tuple(str(row) for row in range(len(places)))
        found.append(
            about_the_mean(
                measured_stations(ids, places, Moments.unknown(len(ids)), x, hours, loaded.unit)
            )
        )
    return found


def square_places(city: City, middle: Floats) -> Places:
    """Return the squares around a place (2,), on the shrunk map, with counts of their own place."""
    steps = SQUARE_M * (np.arange(SIDE) - (SIDE - 1) / 2)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    features = {name: np.zeros((len(offsets), 0)) for name in GROUPS}
    features["counts"] = read_counts(city, middle + DENSER * offsets)
    unknown = np.full(len(offsets), np.nan)
    covers = np.zeros(len(offsets), dtype=bool)
    xy = middle / DENSER + offsets
    return Places(xy, covers, unknown, unknown, features, square_m=SQUARE_M)


def collected(x: AnyFloats, stations: Floats, squares: Floats) -> Floats:
    """Return the traffic (m, T) of squares: the sum of the stations (n, T) that stand in each."""
    inside = cdist(squares, stations, "chebyshev") <= SQUARE_M / 2
    found: Floats = inside.astype(np.float64) @ x
    return found


def spread(x: AnyFloats, stations: Floats, squares: Floats, reach_m: float) -> Floats:
    """Return the traffic (m, T) of squares: of each station (n, T) a share by distance."""
    weight = np.exp(-cdist(squares, stations, "sqeuclidean") / (2 * reach_m**2))
    found: Floats = weight @ x
    return found
