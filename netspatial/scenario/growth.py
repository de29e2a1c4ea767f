"""Growth of a district: its demand is multiplied by a factor."""

import json
from typing import Any, ClassVar, Literal

import numpy as np
import pydantic
import shapely

from netspatial.area import Area
from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.scenario.contract import Change

MAX_FACTOR = 20.0


class GrowDemand(Change):
    """The demand of a district grows or shrinks by a factor.

    The measured traffic of the stations in the district and the generated traffic of its cells are
    multiplied by it; overlapping districts multiply.

    Attributes
    ----------
    change, done : str
        Kind of the change, and the same in a sentence.
    factor : float
        1.3 is 30 % more, above 0.
    area : dict
        GeoJSON of the district.
    """

    done: ClassVar[str] = "scaled"

    change: Literal["grow"] = "grow"
    factor: float = pydantic.Field(gt=0, le=MAX_FACTOR)
    area: dict[str, Any]

    @pydantic.field_validator("area")
    @classmethod
    def _surface(cls, area: dict[str, Any]) -> dict[str, Any]:
        Area.from_geojson(area)
        plain: dict[str, Any] = json.loads(json.dumps(area))  # equal to itself when read again
        return plain

    @property
    def district(self) -> Area:
        """The district."""
        return Area.from_geojson(self.area)

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        return f"The demand of {self.district.area_km2:,.2f} km² is multiplied by {self.factor:g}."

    def problem(self, city: City) -> str | None:
        """Return a sentence where the district does not touch the city."""
        if self.district.geometry.intersects(shapely.box(*city.record.bounds)):
            return None
        return f"the district that grows is outside the city '{city.name}'"

    def demand_factor(self, lonlat: Floats) -> Floats:
        """Return the factor inside the district, else 1."""
        inside = shapely.contains_xy(self.district.geometry, lonlat[:, 0], lonlat[:, 1])
        return np.where(inside, self.factor, 1.0)
