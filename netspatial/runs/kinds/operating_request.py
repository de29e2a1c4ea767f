"""The request of an operating run: stations, hours, policy, power model, forecaster.

Checked as a whole before anything is written, and stored in the run's manifest.
"""

from inspect import signature
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

import geopandas as gpd
import pandas as pd
import pydantic

from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.forecast import DEFAULT as DEFAULT_FORECASTER
from netspatial.forecast import require_known
from netspatial.forecast.history import LONGEST_H, MAX_LEAD_H
from netspatial.generate.calendar import MAX_SAMPLES
from netspatial.operate.metrics import CO2_KG_PER_KWH, COST_PER_KWH
from netspatial.operate.network import Network
from netspatial.operate.policies import DEFAULT as DEFAULT_POLICY
from netspatial.operate.policies import POLICIES, Policy
from netspatial.operate.power import LEAD_H, POWER, power_model
from netspatial.operate.simulator import QOE_MIN
from netspatial.operate.stations import EVERY, Choice, Stations, stations_of
from netspatial.runs.jobs.requests import Request, get_or_create
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.place_response import with_place_response
from netspatial.scenario.changed_city import apply
from netspatial.scenario.files import given_scenario
from netspatial.scenario.scenario import Scenario
from netspatial.timeline import HOURS_PER_WEEK
from netspatial.user_files.layers import read_layers
from netspatial.user_files.limits import COMMAND_LINE

KIND = "operate"

MAX_RATE = 1e6
"""Kilograms or money for one kWh; more is a slip of the pen and no sum of it is a number."""

Mode = Literal["forecast", "backtest"]


class OperateRequest(Request):
    """All inputs of an operating run.

    city       : the city's folder; stations : ids
    hours      : how many, 1 to 168
    mode       : 'forecast', the hours after the measured ones, evaluated on the samples of the
                 forecast; 'backtest', the last measured hours, evaluated on their traffic
    policy     : a key of `operate.policies.POLICIES`, with its policy parameters
    power      : power model of coverage stations, and of all if `small_power` is None; a name or a
                 CSV file
    lead_h     : L; hour h is decided on measurements up to the end of hour h - 1 - L
    qoe_min    : share of the traffic that must be served (Eq. 20)
    forecaster : a key of `forecast.FORECASTERS`, with `samples` samples; a back-test forecasts
                 again every day
    buildings  : file of polygons with `height_m` for ray tracing
    co2_kg_per_kwh, cost_per_kwh : emissions and cost of electricity
    scenario : changes of the city; none by default
    """

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it operates no stations"
    heading: ClassVar[str] = "In the operating request"

    city: str
    stations: tuple[str, ...]
    hours: int = pydantic.Field(default=168, ge=1, le=LONGEST_H)
    mode: Mode = "forecast"
    policy: str = DEFAULT_POLICY
    policy_params: dict[str, Any] = pydantic.Field(default_factory=dict)
    power: str = "earth-macro"
    small_power: str | None = None
    lead_h: int = pydantic.Field(default=LEAD_H, ge=0, le=MAX_LEAD_H)
    qoe_min: float = pydantic.Field(default=QOE_MIN, ge=0, le=1)
    forecaster: str = DEFAULT_FORECASTER
    samples: int = pydantic.Field(default=19, ge=2, le=MAX_SAMPLES)
    service: str = "total"
    buildings: str | None = None
    co2_kg_per_kwh: float = pydantic.Field(default=CO2_KG_PER_KWH, ge=0, le=MAX_RATE)
    cost_per_kwh: float = pydantic.Field(default=COST_PER_KWH, ge=0, le=MAX_RATE)
    seed: int = 0
    scenario: Scenario = Scenario()

    @property
    def files(self) -> dict[str, Path]:
        """The user's files among the inputs, by field."""
        named = {"power": self.power, "small_power": self.small_power, "buildings": self.buildings}
        return {
            field: Path(file)
            for field, file in named.items()
            if file is not None and (field == "buildings" or file not in POWER)
        }

    def open_city(self) -> City:
        """Open the city's folder, with the changes of the scenario."""
        return with_place_response(apply(City.open(self.city), self.scenario))

    def open_stations(self) -> Stations:
        """Open the city and return the selected stations."""
        return stations_of(
            self.open_city(),
            self.stations,
            service=self.service,
            buildings=None if self.buildings is None else _read_buildings(self.buildings),
            seed=self.seed,
        )

    def network(self, stations: Stations) -> Network:
        """Return the network of the stations with power models and measurement delay."""
        small = self.small_power
        return stations.network(
            power_model(self.power, self.lead_h),
            None if small is None else power_model(small, self.lead_h),
        )

    def make_policy(self) -> Policy:
        """Return the policy with its policy parameters."""
        if self.policy not in POLICIES:
            raise BadInput(f"There is no policy '{self.policy}'; there are {', '.join(POLICIES)}.")
        build = POLICIES[self.policy]
        known = [name for name in signature(build).parameters if name != "perfect_information"]
        for name in self.policy_params:
            if name not in known:
                raise BadInput(
                    f"The policy '{self.policy}' has no parameter '{name}'; it has "
                    f"{', '.join(known)}."
                )
        try:
            made: Policy = pydantic.TypeAdapter(cast("type[Policy]", build)).validate_python(
                self.policy_params
            )
        except pydantic.ValidationError as error:
            problem = error.errors()[0]
            raise BadInput(
                f"The parameter '{problem['loc'][0]}' of the policy '{self.policy}': "
                f"{problem['msg']}."
            ) from error
        if made.perfect_information and self.mode == "forecast":
            raise BadInput(
                f"The policy '{self.policy}' needs the actual traffic, which is unknown for "
                "upcoming hours; use the mode 'backtest'."
            )
        return made

    def first_hour(self, stations: Stations) -> pd.Timestamp:
        """Return the first operated hour, UTC."""
        times = stations.times
        if self.mode == "forecast":
            return times[-1] + pd.Timedelta(hours=1)
        if len(times) < self.hours + HOURS_PER_WEEK:
            raise BadInput(
                f"{len(times)} hours were measured; to back-test the last {self.hours} of them, "
                f"{self.hours + HOURS_PER_WEEK} are needed: a week (168) must precede them."
            )
        return times[-self.hours]


def make_request(
    city: City | str | Path, stations: Choice = EVERY, **choices: Any
) -> OperateRequest:
    """Return a checked request; wrong inputs raise BadInput before anything is written.

    choices : the other fields of `OperateRequest`
    """
    scenario = given_scenario(choices.pop("scenario", None))
    opened = apply(city if isinstance(city, City) else City.open(city), scenario)
    service = str(choices.get("service", "total"))
    chosen = stations_of(opened, stations, service=service)
    files = ("buildings", "power", "small_power")
    placed = {name: _path(choices[name]) for name in files if choices.get(name) is not None}
    city_and_scenario = {"city": str(opened.folder.resolve()), "scenario": scenario}
    request = OperateRequest.read(
        {**choices, **placed, **city_and_scenario, "stations": chosen.ids}
    )
    require_known(request.forecaster)
    request.make_policy()
    for power in filter(None, (request.power, request.small_power)):
        power_model(power)
    if request.buildings is not None:
        _read_buildings(request.buildings)
    request.first_hour(chosen)
    return request


def submit(request: OperateRequest, out: str | Path | None = None) -> Run:
    """Create the run of a request, or open the one in `out` with the same request.

    out : the run's folder; by default a new folder below the runs folder
    """
    return get_or_create(request, request.city, out, "stations and settings")


def _path(value: Any) -> str:
    """Return the full path of a file, and the name of a built-in power model unchanged."""
    path = Path(value)
    return str(path.resolve()) if path.suffix else str(value)


def _read_buildings(file: str) -> gpd.GeoDataFrame:
    path = Path(file)
    table = next(iter(read_layers(path, COMMAND_LINE)), None)
    if not isinstance(table, gpd.GeoDataFrame) or "height_m" not in table.columns:
        raise BadInput(f"The buildings file '{path}' needs shapes and a column 'height_m'.")
    return table
