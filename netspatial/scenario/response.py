"""How the traffic of existing stations answers to changed places, as the generator expects it."""

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from netspatial.arrays import Floats
from netspatial.city.city import City

if TYPE_CHECKING:  # planning and operation do not import torch
    from netspatial.context.embed import ContextModel
    from netspatial.generate.generator import Generator

NEAR_M = 1500.0
"""Farthest distance from changed places at which a station answers, m.

Beyond it no ring of places and no image patch of the built-in context touches them.
"""


def expected_change(
    before: City,
    after: City,
    places: gpd.GeoDataFrame,
    context_model: "ContextModel",
    generator: "Generator",
) -> Floats:
    """Return the expected log change of the mean traffic at places, without sampling.

    Parameters
    ----------
    before, after : City
        The city, and the same with changed places of interest.
    places : geopandas.GeoDataFrame
        The n places, for example stations.
    context_model : ContextModel
        Context that embeds the places.
    generator : Generator
        Generator whose expected level is compared.

    Returns
    -------
    ndarray of float64, (n,)
        Natural logarithm of mean traffic after over before; 0 where the generator has no level.
    """
    levels = [
        generator.level_moments(context_model.embed(city, places))[0] for city in (before, after)
    ]
    return np.nan_to_num(levels[1] - levels[0], nan=0.0)
