"""A place beside its city: how its surroundings and its neighbours differ from what is ordinary.

Cities differ in how densely they are built, mapped and served, and a station is busy or idle
by its own city's measure. What is ordinary is read off the stations that stand in the city.
"""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from netspatial.city import City
from netspatial.context.standing_network import WIDTH, standing_network

Embed = Callable[[gpd.GeoDataFrame], NDArray[np.float32]]

STATIONS_ASKED = 200
"""At most so many of a city's stations say what is ordinary in it, evenly taken from its table."""


def relative_to_city(
    city: City, places: gpd.GeoDataFrame, z: NDArray[np.float32], embed: Embed
) -> NDArray[np.float32]:
    """Lay places beside the stations of their city, (n, d + WIDTH); NaN where it names none.

    z minus the mean embedding of stations, then the network around minus its median at
    stations. What is said of one place does not depend on which others are asked about.

    embed : returns the embeddings (m, d) of a table of places
    """
    n, d = z.shape
    if not city.has("stations") or not len(city.stations):
        return np.full((n, d + WIDTH), np.nan, np.float32)
    rows = np.linspace(0, len(city.stations) - 1, min(len(city.stations), STATIONS_ASKED))
    asked = city.stations.iloc[rows.round().astype(int)]
    around = standing_network(city.stations, places, city.crs)
    ordinary = np.median(standing_network(city.stations, asked, city.crs), axis=0)
    ordinary[0] = 0.0  # the tier is a fact of the place, not a matter of degree
    beside = [z - embed(asked).mean(axis=0), around - ordinary]
    return np.concatenate(beside, axis=1).astype(np.float32)
