"""What can be built: kinds of quarters, with the places of interest that each brings.

The categories are tags of OpenStreetMap, as in mapped cities and in simulated ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class QuarterKind:
    """A kind of quarter.

    Attributes
    ----------
    title, unit : str
        What is built, and what is counted of it, in words: "a mall", "shops".
    m2_each : float
        Ground of each unit, m².
    units_per_place : float
        Units for each mapped place of interest. Homes are on few maps: a quarter of homes is seen
        by the services that it brings.
    categories : dict of int
        Categories of the places by their weights.
    """

    title: str
    unit: str
    m2_each: float
    units_per_place: float
    categories: dict[str, int]

    def radius_m(self, count: int) -> float:
        """Return the radius of the ground of so many units.

        Parameters
        ----------
        count : int
            Units.

        Returns
        -------
        float
            Radius, m.
        """
        return float(np.sqrt(count * self.m2_each / np.pi))

    def places(self, count: int) -> NDArray[np.str_]:
        """Return the categories of the places of so many units, mixed evenly.

        Parameters
        ----------
        count : int
            Units.

        Returns
        -------
        ndarray of str, (places,)
            At least one.
        """
        number = max(1, round(count / self.units_per_place))
        weights = np.array(list(self.categories.values()), dtype=np.float64)
        turn = (np.arange(number) + 0.5) / weights[:, None]
        first = np.argsort(turn.ravel(), kind="stable")[:number]
        return np.array(list(self.categories))[first // number]


PLACE_KINDS: dict[str, QuarterKind] = {
    "mall": QuarterKind(
        "a mall",
        "shops",
        1000.0,
        1.0,
        {
            "shop=clothes": 13,
            "amenity=restaurant": 5,
            "shop=shoes": 4,
            "amenity=fast_food": 4,
            "amenity=cafe": 3,
            "shop=electronics": 3,
            "shop=mobile_phone": 2,
            "shop=hairdresser": 2,
            "shop=furniture": 1,
            "shop=supermarket": 1,
            "amenity=pharmacy": 1,
            "amenity=parking": 1,
        },
    ),
    "campus": QuarterKind(
        "a campus",
        "buildings",
        6000.0,
        1.0,
        {
            "amenity=university": 9,
            "building=dormitory": 6,
            "amenity=cafe": 3,
            "amenity=library": 3,
            "amenity=parking": 2,
            "leisure=pitch": 1,
        },
    ),
    "homes": QuarterKind(
        "a residential quarter",
        "homes",
        200.0,
        60.0,
        {
            "highway=bus_stop": 13,
            "amenity=restaurant": 7,
            "shop=convenience": 6,
            "shop=hairdresser": 6,
            "shop=bakery": 4,
            "amenity=kindergarten": 4,
            "amenity=doctors": 4,
            "shop=supermarket": 3,
            "leisure=playground": 3,
            "amenity=parking": 3,
            "amenity=school": 2,
        },
    ),
    "offices": QuarterKind(
        "an office quarter",
        "offices",
        800.0,
        1.0,
        {
            "office=company": 12,
            "office=lawyer": 3,
            "amenity=cafe": 3,
            "amenity=restaurant": 3,
            "office=insurance": 2,
            "amenity=bank": 2,
            "amenity=parking": 1,
        },
    ),
    "nightlife": QuarterKind(
        "a nightlife quarter",
        "venues",
        1200.0,
        1.0,
        {
            "amenity=restaurant": 8,
            "amenity=bar": 6,
            "amenity=fast_food": 3,
            "amenity=cafe": 3,
            "amenity=pub": 2,
            "amenity=nightclub": 2,
            "amenity=cinema": 1,
        },
    ),
    "industry": QuarterKind(
        "an industrial estate",
        "works",
        20_000.0,
        1.0,
        {
            "man_made=works": 7,
            "building=warehouse": 5,
            "industrial=depot": 3,
            "amenity=parking": 2,
        },
    ),
}
"""Every kind by name."""
