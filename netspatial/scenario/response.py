"""How the traffic of existing stations answers to changed places, as the generator expects it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.imagery import Imagery

if TYPE_CHECKING:  # planning and operation do not import torch
    from netspatial.context.embed import ContextModel
    from netspatial.generate.generator import Generator

NEAR_M = 1500.0
"""Farthest distance from changed places at which a station answers, m.

Beyond it no ring of places and no image patch of the built-in context touches them.
"""


@dataclass(frozen=True, kw_only=True)
class SamePicture(City):
    """A city seen with the image of another one, so that both differ in their places alone.

    Attributes
    ----------
    base : City
        The city.
    like : City
        The one whose image is used.
    """

    base: City
    like: City

    @property
    def overlay(self) -> str:
        """The changes of both as text."""
        return f"{self.base.overlay} seen as {self.like.overlay}"

    @cached_property
    def imagery(self) -> Imagery:
        """The other city's image."""
        return self.like.imagery

    @cached_property
    def pois(self) -> gpd.GeoDataFrame:
        """The city's points of interest."""
        return self.base.pois

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """The city's stations."""
        return self.base.stations


def expected_change(
    before: City,
    after: City,
    places: gpd.GeoDataFrame,
    context_model: "ContextModel",
    generator: "Generator",
) -> Floats:
    """Return the expected log change of the mean traffic at places, without sampling.

    Both cities are seen with the image after the change: that a part of it is missing then makes no
    difference.

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
    seen = SamePicture(
        folder=before.folder, record=before.record, written=before.written, base=before, like=after
    )
    levels = [
        generator.level_moments(context_model.embed(city, places))[0] for city in (seen, after)
    ]
    return np.nan_to_num(levels[1] - levels[0], nan=0.0)
