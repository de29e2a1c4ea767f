"""Changes of places of interest: a quarter is built, or places are removed."""

from typing import ClassVar, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pydantic
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from netspatial.arrays import Mask
from netspatial.city.city import City, Part
from netspatial.context.features.categories import KIND_NAMES, kinds_of
from netspatial.radio.pixels import GOLDEN_ANGLE
from netspatial.scenario.contract import Change, Spot
from netspatial.scenario.place_kinds import PLACE_KINDS, QuarterKind

MAX_COUNT = 20_000
MAX_RADIUS_M = 5000.0
SOURCE = "scenario"


class AddPlaces(Change, Spot):
    """A quarter is built: its places of interest are added, and the image of its ground is dropped.

    The places fill a disc evenly. Without `radius_m` it has the ground that the kind needs for
    `count` units.

    Attributes
    ----------
    change, done : str
        Kind of the change, and the same in a sentence.
    needs : tuple of str
        Parts that the city must have.
    kind : str
        A key of `place_kinds.PLACE_KINDS`, for example "mall".
    count : int
        Units of the kind: shops of a mall, buildings of a campus, homes of a quarter.
    lon, lat : float
        The middle, degrees.
    radius_m : float, optional
        Radius of the ground, m.
    """

    needs: ClassVar[tuple[Part, ...]] = ("pois",)
    done: ClassVar[str] = "built"

    change: Literal["add_places"] = "add_places"
    kind: str
    count: int = pydantic.Field(ge=1, le=MAX_COUNT)
    radius_m: float | None = pydantic.Field(default=None, gt=0, le=MAX_RADIUS_M)

    @pydantic.field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in PLACE_KINDS:
            raise ValueError(f"there is no kind '{kind}'; the kinds are {', '.join(PLACE_KINDS)}")
        return kind

    @property
    def built(self) -> QuarterKind:
        """The kind of quarter."""
        return PLACE_KINDS[self.kind]

    @property
    def extent_m(self) -> float:
        """Radius of the ground, m."""
        return self.radius_m or self.built.radius_m(self.count)

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        return (
            f"{self.built.title.capitalize()} with {self.count:,} {self.built.unit} is built "
            f"{self.at} (radius {self.extent_m:.0f} m)."
        )

    def problem(self, city: City) -> str | None:
        """Return a sentence where the place is outside the city."""
        return self.outside(city)

    def change_pois(self, pois: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
        """Return the points of interest with those of the quarter behind them."""
        categories = self.built.places(self.count)
        number = np.arange(len(categories))
        away = self.extent_m * np.sqrt((number + 0.5) / len(number))
        turn = GOLDEN_ANGLE * number
        x, y = self.xy(crs)[:, None] + away * np.stack([np.cos(turn), np.sin(turn)])
        texts = {"name": "", "category": categories, "address": "", "source": SOURCE}
        added = gpd.GeoDataFrame(
            {column: texts[column] for column in texts if column in pois.columns},
            geometry=gpd.points_from_xy(x, y),
            crs=crs,
        )
        return gpd.GeoDataFrame(pd.concat([pois, added.to_crs(pois.crs)], ignore_index=True))

    def footprint(self, crs: CRS) -> BaseGeometry:
        """Return the disc that is built on."""
        return shapely.Point(self.xy(crs)).buffer(self.extent_m)

    def ground(self, crs: CRS) -> BaseGeometry:
        """Return the disc that is built on."""
        return self.footprint(crs)


class RemovePlaces(Change, Spot):
    """The city's own places of interest in a disc are removed, before others are added.

    If places of all kinds go, the ground is cleared and its image is dropped; if one kind goes, the
    buildings stay and so does the image.

    Attributes
    ----------
    change, done : str
        Kind of the change, and the same in a sentence.
    needs : tuple of str
        Parts that the city must have.
    lon, lat : float
        The middle, degrees.
    radius_m : float
        Radius, m.
    kind : str, optional
        A key of `context.features.categories.KINDS`, for example "shop"; all kinds by default.
    """

    needs: ClassVar[tuple[Part, ...]] = ("pois",)
    done: ClassVar[str] = "removed"

    change: Literal["remove_places"] = "remove_places"
    radius_m: float = pydantic.Field(gt=0, le=MAX_RADIUS_M)
    kind: str | None = None

    @pydantic.field_validator("kind")
    @classmethod
    def _known(cls, kind: str | None) -> str | None:
        if kind is not None and kind not in KIND_NAMES:
            raise ValueError(f"there is no kind '{kind}'; the kinds are {', '.join(KIND_NAMES)}")
        return kind

    @property
    def extent_m(self) -> float:
        """Radius of the disc, m."""
        return self.radius_m

    @property
    def what(self) -> str:
        """What is removed, in words."""
        return "places of interest" if self.kind is None else f"places of the kind '{self.kind}'"

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        return f"All {self.what} within {self.radius_m:.0f} m are removed {self.at}."

    def problem(self, city: City) -> str | None:
        """Return a sentence where the place is outside the city or nothing is there."""
        if outside := self.outside(city):
            return outside
        if not self._gone(city.pois, city.crs).any():
            return f"there are no {self.what} within {self.radius_m:.0f} m {self.at}"
        return None

    def change_pois(self, pois: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
        """Return the points of interest that stay."""
        return pois[~self._gone(pois, crs)].reset_index(drop=True)

    def footprint(self, crs: CRS) -> BaseGeometry:
        """Return the disc."""
        return shapely.Point(self.xy(crs)).buffer(self.radius_m)

    def ground(self, crs: CRS) -> BaseGeometry:
        """Return the cleared disc; empty if only one kind goes."""
        return self.footprint(crs) if self.kind is None else shapely.Polygon()

    def _gone(self, pois: gpd.GeoDataFrame, crs: CRS) -> Mask:
        points = pois.geometry.to_crs(crs)
        x, y = self.xy(crs)
        away = np.hypot(points.x.to_numpy() - x, points.y.to_numpy() - y)
        near: Mask = away <= self.radius_m
        if self.kind is None:
            return near
        of_kind = kinds_of(pois["category"].fillna("").astype(str).tolist())
        near &= of_kind == KIND_NAMES.index(self.kind)
        return near
