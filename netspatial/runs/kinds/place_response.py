"""Operation of a changed city: measured traffic near changed places, scaled by the generator."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.scenario.changed_city import ChangedCity, apply, with_response
from netspatial.scenario.response import NEAR_M, expected_change
from netspatial.scenario.scenario import Scenario


def with_place_response(city: City) -> City:
    """Return a city whose measured traffic answers to the changed places of its scenario.

    The traffic of each station within 1.5 km is multiplied by the generator's expected traffic with
    the changed places over that without them. Any other city is returned as it is.
    """
    if not isinstance(city, ChangedCity) or not (city.has("stations") and city.has("traffic")):
        return city
    of_places = city.scenario.of_places()
    if not of_places.changes:
        return city
    known = _response(city.folder, of_places.model_dump_json(), city_fingerprint(city.base))
    return with_response(city, dict(known))


@lru_cache(maxsize=8)
def _response(folder: Path, asked: str, content: str) -> tuple[tuple[str, float], ...]:  # noqa: ARG001  part of the key
    """Return the factor of each station near the changed places, by id."""
    from netspatial.runs.jobs.loaded_models import (  # noqa: PLC0415  torch is heavy
        warm_context,
        warm_generator,
    )

    scenario = Scenario.model_validate_json(asked)
    before = City.open(folder)
    stations = before.stations
    away = stations.geometry.to_crs(before.crs).distance(scenario.footprint(before.crs))
    near = stations[(away <= NEAR_M).to_numpy()]
    if not len(near):
        return ()
    change = expected_change(
        before, apply(before, scenario), near, warm_context(), warm_generator()
    )
    return tuple(zip(near["station_id"].astype(str), np.exp(change).tolist(), strict=True))
