"""Changes of the made-up city, as in the files of scenarios."""

from typing import Any

import shapely

from netspatial.city.city import City
from netspatial.scenario.scenario import Scenario


def middle(city: City) -> dict[str, float]:
    """Return the middle of a city as the fields of a place."""
    west, south, east, north = city.record.bounds
    return {"lon": (west + east) / 2, "lat": (south + north) / 2}


def western_half(city: City) -> dict[str, Any]:
    """Return the western half of a city as GeoJSON."""
    west, south, east, north = city.record.bounds
    half = shapely.box(west, south, (west + east) / 2, north)
    return dict(shapely.geometry.mapping(half))


def every_change(city: City) -> list[dict[str, Any]]:
    """Return one change of each kind; none depends on another."""
    here = middle(city)
    return [
        {"change": "add_places", "kind": "mall", "count": 40, **here},
        {"change": "remove_places", "radius_m": 600.0, "kind": "food", **here},
        {"change": "switch_off", "station_id": "s1"},
        {"change": "move_station", "station_id": "s3", **here},
        {"change": "upgrade_station", "station_id": "s3", "capacity": 4000.0},
        {"change": "add_station", "station_id": "new", "capacity": 500.0, **here},
        {"change": "grow", "factor": 1.5, "area": western_half(city)},
    ]


def scenario_of(*changes: dict[str, Any], name: str = "made up") -> Scenario:
    """Return a scenario of these changes."""
    return Scenario.read({"name": name, "changes": changes})
