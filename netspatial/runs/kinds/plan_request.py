"""The request of a planning run: area, cell size, samples and the settings of the plan.

Checked as a whole before anything is written, and stored in the run's manifest.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import pydantic
import shapely

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.errors import BadInput
from netspatial.feasibility import MASKS, Rules, feasibility
from netspatial.generate.calendar import DEFAULT_START, MAX_SAMPLES, MAX_WEEKS, weeks_from
from netspatial.grid import make_grid
from netspatial.plan.candidates import competing
from netspatial.plan.explain.rationale_llm import check_narrator
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import method_named
from netspatial.plan.standing_network import check_network
from netspatial.plan.utilities import utility_named
from netspatial.runs.jobs.requests import Request, get_or_create
from netspatial.runs.jobs.run import Run
from netspatial.scenario.changed_city import apply
from netspatial.scenario.files import given_scenario
from netspatial.scenario.scenario import Scenario
from netspatial.weights import load_weights

KIND = "plan"

Place = Area | Mapping[str, Any] | str | Path
"""An area, its GeoJSON, or a file with it."""


class PlanRequest(Request):
    """All inputs of a planning run.

    city    : the city's folder
    area    : GeoJSON Feature
    cell_m  : side of a cell, metres
    samples : samples of traffic per cell
    weeks   : whole weeks in each
    start   : first local hour
    masks   : feasibility masks in use
    station_distance_m : minimum distance of a site to an existing station, metres
    model, context : folders of trained models; None is the bundled one
    measured : whether the city's measured traffic corrects the generated traffic
    scenario : changes of the city; none by default
    """

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = ", not a plan"
    heading: ClassVar[str] = "In the plan request"

    city: str
    area: dict[str, Any]
    cell_m: float = 100.0
    samples: int = pydantic.Field(default=16, ge=1, le=MAX_SAMPLES)
    weeks: int = pydantic.Field(default=4, ge=1, le=MAX_WEEKS)
    seed: int = 0
    start: str = DEFAULT_START
    masks: tuple[str, ...] = tuple(MASKS)
    station_distance_m: float = 200.0
    model: str | None = None
    context: str | None = None
    device: str = "cpu"
    measured: bool = True
    scenario: Scenario = Scenario()
    settings: PlanSettings = PlanSettings()

    def open_city(self) -> City:
        """Open the city's folder, with the changes of the scenario."""
        return apply(City.open(self.city), self.scenario)

    def open_area(self) -> Area:
        """Return the area."""
        return Area.from_geojson(self.area)

    @property
    def rules(self) -> Rules:
        """The feasibility rules."""
        return Rules(station_distance_m=self.station_distance_m)


def make_request(
    city: City | str | Path,
    area: Place,
    *,
    settings: PlanSettings | None = None,
    model: str | Path | None = None,
    context: str | Path | None = None,
    masks: Sequence[str] = tuple(MASKS),
    scenario: Scenario | str | Path | None = None,
    **choices: Any,
) -> PlanRequest:
    """Return a checked request; wrong inputs raise BadInput before anything is written.

    choices : the other fields of `PlanRequest`
    """
    opened = city if isinstance(city, City) else City.open(city)
    checked = _area(area)
    _check_within(checked, opened)
    for mask in masks:
        if mask not in MASKS:
            raise BadInput(f"There is no mask '{mask}'; the masks are {', '.join(MASKS)}.")
    request = PlanRequest.read(
        {
            "city": str(opened.folder.resolve()),
            "area": json.loads(json.dumps(checked.to_geojson())),
            "masks": tuple(masks),
            "model": None if model is None else str(Path(model).resolve()),
            "context": None if context is None else str(Path(context).resolve()),
            "settings": settings or PlanSettings(),
            "scenario": given_scenario(scenario),
            **choices,
        }
    )
    _ = request.rules
    _check_models(request)
    weeks_from(request.start, request.weeks, opened.record.timezone)
    method_named(request.settings.method)
    if utility_named(request.settings).needs_network:
        check_network(opened)
    competing(judged_cells(request), request.settings)
    return request


def settings_from(
    base: PlanSettings, settings: PlanSettings | None, **changes: Any
) -> PlanSettings:
    """Return the complete `settings`, or `base` with these changes; None is no change.

    Raise BadInput where both are given, or where a value is not valid.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    if settings is None:
        return PlanSettings.read({**base.model_dump(), **given})
    if given:
        named = ", ".join(given)
        raise BadInput(f"Both settings and {named} are given; put {named} into the settings.")
    return settings


def _check_models(request: PlanRequest) -> None:
    """Raise where a device, model or explanation that was named is not to be had."""
    check_narrator(request.settings.explain)
    if request.device != "cpu":
        from netspatial.generate.distributed import device_named  # noqa: PLC0415  torch is heavy

        device_named(request.device)
    for folder, kind in ((request.model, "generator"), (request.context, "context")):
        if folder is not None:
            load_weights(Path(folder), kind)


def judged_cells(request: PlanRequest) -> gpd.GeoDataFrame:
    """Return the request's cells (the city's CRS) with `feasible` and `reason`.

    The latest result is cached, as the check and the first stage of a run use the same cells.
    """
    return _judged(request.model_dump_json(), city_fingerprint(request.open_city()))


@lru_cache(maxsize=1)
def _judged(asked: str, content: str) -> gpd.GeoDataFrame:  # noqa: ARG001  part of the key
    request = PlanRequest.model_validate_json(asked)
    city = request.open_city()
    cells = make_grid(request.open_area(), request.cell_m, city.crs)
    return feasibility(cells, city, request.masks, request.rules)


def submit(request: PlanRequest, out: str | Path | None = None) -> Run:
    """Create the run of a request, or open the one in `out` with the same request.

    out : the run's folder; by default a new folder below the runs folder
    """
    return get_or_create(request, request.city, out, "area and settings")


def _area(area: Place) -> Area:
    if isinstance(area, Area):
        return area
    return Area.from_geojson(area) if isinstance(area, Mapping) else Area.from_file(area)


def _check_within(area: Area, city: City) -> None:
    """Raise BadInput unless the area lies within the city's imagery, or bounds without imagery."""
    if city.has("imagery"):
        area.check_within(city.imagery.lonlat_bounds)
    elif not shapely.box(*city.record.bounds).covers(area.geometry):
        where = "west {:.5f}, south {:.5f}, east {:.5f}, north {:.5f}".format(*city.record.bounds)
        raise BadInput(f"The area is outside the city '{city.name}'; draw it within {where}.")
