"""A place beside its city: how its surroundings and its neighbours differ from what is ordinary.

Cities differ in how densely they are built, mapped and served, and a station is busy or idle
by its own city's measure. What is ordinary is read off the stations that stand in the city.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import geopandas as gpd
import numpy as np

from netspatial.arrays import Floats, Floats32
from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.context.features.existing_site_features import WIDTH, existing_site_features

Embed = Callable[[gpd.GeoDataFrame], Floats32]

STATIONS_ASKED = 200
"""At most so many of a city's stations say what is ordinary in it, evenly taken from its table."""
CITIES_KEPT = 16


@dataclass(frozen=True)
class CityReference:
    """What is ordinary at the stations of a city.

    z      : (d,) mean embedding
    around : (WIDTH,) median of the network around, without whether the place covers: the tier is a
             fact of a place, not a matter of degree
    """

    z: Floats32
    around: Floats


@dataclass(frozen=True)
class CityReferences:
    """What one model found ordinary in the cities of late, while their files stay as they are.

    Threads may share it; two that ask for a new city at once both look, and find the same.
    """

    _kept: "OrderedDict[tuple[str, str], Ordinary]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, city: City, embed: Embed) -> CityReference | None:
        """Return what is ordinary in a city; None where it names no stations."""
        key = str(city.folder.resolve()), city_fingerprint(city)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = city_reference(city, embed)
        if found is not None:
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > CITIES_KEPT:
                    self._kept.popitem(last=False)
        return found


def city_reference(city: City, embed: Embed) -> CityReference | None:
    """Ask the stations of a city what is ordinary; None where it names none.

    embed : returns the embeddings (m, d) of a table of places
    """
    if not city.has("stations") or not len(city.stations):
        return None
    rows = np.linspace(0, len(city.stations) - 1, min(len(city.stations), STATIONS_ASKED))
    asked = city.stations.iloc[rows.round().astype(int)]
    around = np.median(existing_site_features(city.stations, asked, city.crs), axis=0)
    around[0] = 0.0
    return CityReference(embed(asked).mean(axis=0), around)


def relative_to_city(
    city: City, places: gpd.GeoDataFrame, z: Floats32, ordinary: CityReference | None
) -> Floats32:
    """Lay places beside what is ordinary in their city, (n, d + WIDTH); NaN where nothing is.

    z minus the mean embedding of stations, then the network around minus its median at
    stations. What is said of one place does not depend on which others are asked about.
    """
    n, d = z.shape
    if ordinary is None:
        return np.full((n, d + WIDTH), np.nan, np.float32)
    around = existing_site_features(city.stations, places, city.crs)
    beside = [z - ordinary.z, around - ordinary.around]
    return np.concatenate(beside, axis=1).astype(np.float32)
