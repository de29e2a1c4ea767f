"""A scenario: a named list of changes, and its checks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Self, Union

import numpy as np
import pydantic
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from netspatial.arrays import Floats
from netspatial.checked import problem
from netspatial.errors import BadInput
from netspatial.scenario.contract import Change
from netspatial.scenario.growth import GrowDemand
from netspatial.scenario.places import AddPlaces, RemovePlaces
from netspatial.scenario.stations import (
    AddStation,
    MoveStation,
    SwitchOffStation,
    UpgradeStation,
)

CHANGES: dict[str, type[Change]] = {
    "remove_places": RemovePlaces,
    "add_places": AddPlaces,
    "switch_off": SwitchOffStation,
    "move_station": MoveStation,
    "upgrade_station": UpgradeStation,
    "add_station": AddStation,
    "grow": GrowDemand,
}
"""Every kind of change, in the order in which they are applied."""

TOGETHER = {"move_station", "upgrade_station"}
"""Changes that may concern the same station."""
MAX_CHANGES = 200

if TYPE_CHECKING:
    AnyChange = Change
else:
    AnyChange = Annotated[
        Union[tuple(CHANGES.values())],  # noqa: UP007  the kinds are known at run time
        pydantic.Field(discriminator="change"),
    ]


class Scenario(pydantic.BaseModel):
    """A named list of changes to a city. One without changes leaves every city as it is.

    The order of the changes has no effect: places are removed before others are added.

    Attributes
    ----------
    name : str
        Name of the scenario.
    changes : tuple of Change
        At most 200 changes of the kinds in `CHANGES`.

    Examples
    --------
    >>> scenario = Scenario.read(
    ...     {
    ...         "name": "Mall in the north",
    ...         "changes": [
    ...             {"change": "add_places", "kind": "mall", "count": 40, "lon": 9.2, "lat": 45.5}
    ...         ],
    ...     }
    ... )
    >>> scenario.sentences[0]
    'A mall with 40 shops is built at 45.50000, 9.20000 (radius 113 m).'
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    name: str = pydantic.Field(default="", max_length=80)
    changes: tuple[AnyChange, ...] = pydantic.Field(default=(), max_length=MAX_CHANGES)

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.changes and not self.name.strip():
            raise ValueError("a scenario with changes needs a name")
        if found := _contradiction(self.changes):
            raise ValueError(found)
        return self

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """Return a scenario from outside values.

        Parameters
        ----------
        record : mapping
            Name and changes, as in the file.

        Returns
        -------
        Scenario
            The checked scenario.

        Raises
        ------
        BadInput
            If a value is missing, unknown or wrong, or two changes contradict each other.
        """
        try:
            return cls.model_validate(dict(record))
        except pydantic.ValidationError as error:
            raise BadInput(f"The scenario is not valid: {problem(error)}.") from error

    def with_change(self, change: Mapping[str, Any]) -> Self:
        """Return the scenario with one more change.

        Parameters
        ----------
        change : mapping
            The fields of the change.

        Returns
        -------
        Scenario
            The checked scenario.

        Raises
        ------
        BadInput
            As in `read`.
        """
        changes = self.model_dump(mode="json")["changes"]
        return self.read({"name": self.name, "changes": [*changes, dict(change)]})

    @property
    def ordered(self) -> tuple[Change, ...]:
        """The changes in the order in which they are applied, whatever their order in the list."""
        number = {name: at for at, name in enumerate(CHANGES)}
        return tuple(sorted(self.changes, key=lambda it: (number[it.change], it.model_dump_json())))

    @property
    def sentences(self) -> list[str]:
        """One sentence per change."""
        return [change.sentence for change in self.ordered]

    def footprint(self, crs: CRS) -> BaseGeometry:
        """Return the ground on which places of interest change, in a metric CRS.

        Parameters
        ----------
        crs : pyproj.CRS
            Metric CRS of the city.

        Returns
        -------
        shapely geometry
            Empty where no places change.
        """
        return shapely.union_all([change.footprint(crs) for change in self.ordered])

    def of_places(self) -> Self:
        """Return the scenario with its changes of places alone.

        Returns
        -------
        Scenario
            Without changes of stations and growth.
        """
        of_places = tuple(it for it in self.changes if isinstance(it, AddPlaces | RemovePlaces))
        return self.model_copy(update={"changes": of_places})

    def ground(self, crs: CRS) -> BaseGeometry:
        """Return the ground whose satellite image is outdated, in a metric CRS.

        Parameters
        ----------
        crs : pyproj.CRS
            Metric CRS of the city.

        Returns
        -------
        shapely geometry
            Empty where no image is outdated.
        """
        return shapely.union_all([change.ground(crs) for change in self.ordered])

    def demand_factor(self, lonlat: Floats) -> Floats:
        """Return the growth factor of the demand at places.

        Parameters
        ----------
        lonlat : ndarray of float64, (n, 2)
            Places, degrees.

        Returns
        -------
        ndarray of float64, (n,)
            1 outside the districts that grow.
        """
        factors = [change.demand_factor(lonlat) for change in self.ordered]
        product: Floats = np.prod([np.ones(len(lonlat)), *factors], axis=0)
        return product


def _contradiction(changes: Sequence[Change]) -> str | None:
    """Return how two changes of one station contradict each other; None where they do not."""
    by_station: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.station is not None:
            by_station[change.station].append(change)
    for station, found in by_station.items():
        kinds = [change.change for change in found]
        twice = next((it for it in found if kinds.count(it.change) > 1), None)
        if twice is not None:
            return f"the station '{station}' is {twice.done} more than once; keep one of them"
        if len(kinds) > 1 and set(kinds) != TOGETHER:
            return (
                f"the station '{station}' is both {found[0].done} and {found[1].done}; only moving "
                "and upgrading go together"
            )
    return None
