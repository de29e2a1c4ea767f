"""Comparison of places with the stations of their city: embeddings and existing sites.

Cities differ in how densely they are built, mapped and served; the reference of a city is computed
from its own stations.
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

REFERENCE_STATIONS = 200
"""Most stations of a city that its reference is computed from, evenly spaced in its table."""
CITIES_KEPT = 16


@dataclass(frozen=True)
class CityReference:
    """Averages over the stations of a city, from which the differences of places are taken.

    z      : (d,) mean embedding
    around : (WIDTH,) median of the existing-site features; zero for the tier, which is not compared
    """

    z: Floats32
    around: Floats


@dataclass(frozen=True)
class CityReferences:
    """Cache of the references of recently used cities; a changed city is computed again.

    Thread-safe; two threads that need a new city at the same time both compute it.
    """

    _kept: "OrderedDict[tuple[str, str], CityReference]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, city: City, embed: Embed) -> CityReference | None:
        """Return the reference of a city; None where it has no stations."""
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
    """Compute the reference of a city from its stations; None where it has none.

    embed : returns the embeddings (m, d) of a table of places
    """
    if not city.has("stations") or not len(city.stations):
        return None
    rows = np.linspace(0, len(city.stations) - 1, min(len(city.stations), REFERENCE_STATIONS))
    chosen = city.stations.iloc[rows.round().astype(int)]
    around = np.median(existing_site_features(city.stations, chosen, city.crs), axis=0)
    around[0] = 0.0
    return CityReference(embed(chosen).mean(axis=0), around)


def relative_to_city(
    city: City, places: gpd.GeoDataFrame, z: Floats32, reference: CityReference | None
) -> Floats32:
    """Return the differences of places from their city's reference, (n, d + WIDTH), else NaN.

    z minus the mean embedding of stations, then existing-site features minus their median at
    stations. The row of a place does not depend on the other places.
    """
    n, d = z.shape
    if reference is None:
        return np.full((n, d + WIDTH), np.nan, np.float32)
    around = existing_site_features(city.stations, places, city.crs)
    differences = [z - reference.z, around - reference.around]
    return np.concatenate(differences, axis=1).astype(np.float32)
