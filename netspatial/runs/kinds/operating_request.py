"""What an operator asks of a run: which stations, which hours, by which policy, on whose forecast.

Checked as a whole before anything is written; kept in the run's manifest, from which the run can
be done again.
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
from netspatial.forecast.history import LONGEST_H, MOST_LEAD_H
from netspatial.generate.calendar import MOST_SAMPLES
from netspatial.operate.metrics import CO2_KG_PER_KWH, COST_PER_KWH
from netspatial.operate.network import Network
from netspatial.operate.policies import DEFAULT as DEFAULT_POLICY
from netspatial.operate.policies import POLICIES, Policy
from netspatial.operate.power import LEAD_H, POWER, power_model
from netspatial.operate.simulator import QOE_MIN
from netspatial.operate.stations import EVERY, Choice, Stations, stations_of
from netspatial.runs.jobs.requests import Request, get_or_create
from netspatial.runs.jobs.run import Run
from netspatial.timeline import HOURS_PER_WEEK
from netspatial.user_files.layers import read_layers
from netspatial.user_files.limits import COMMAND_LINE

KIND = "operate"

MOST_RATE = 1e6
"""Kilograms or money for one kWh; more is a slip of the pen and no sum of it is a number."""

When = Literal["forecast", "backtest"]


class OperateRequest(Request):
    """All inputs of a run that operates stations.

    city       : the city's folder; stations : ids
    hours      : how many, 1 to 168
    when       : 'coming', the hours after the measured ones, judged by every sample of the
                 forecast; 'replay', the last measured hours as if they were yet to come, judged by
                 them
    policy     : a key of `operate.policies.POLICIES`, with its knobs
    power      : of coverage stations, and of all where `small_power` is None; a name or a CSV file
    lead_h     : L, where hour h is decided with what was measured to the end of hour h - 1 - L
    qoe_min    : part of the traffic that must be served (Eq. 20)
    forecaster : a key of `forecast.FORECASTERS`; `samples` draws, in a replay anew
                 every day
    buildings  : file of polygons with `height_m`, to trace rays through
    co2_kg_per_kwh, cost_per_kwh : rates of the electricity
    """

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it operates no stations"
    heading: ClassVar[str] = "In what is to be operated"

    city: str
    stations: tuple[str, ...]
    hours: int = pydantic.Field(default=168, ge=1, le=LONGEST_H)
    when: When = "forecast"
    policy: str = DEFAULT_POLICY
    policy_params: dict[str, Any] = pydantic.Field(default_factory=dict)
    power: str = "earth-macro"
    small_power: str | None = None
    lead_h: int = pydantic.Field(default=LEAD_H, ge=0, le=MOST_LEAD_H)
    qoe_min: float = pydantic.Field(default=QOE_MIN, ge=0, le=1)
    forecaster: str = DEFAULT_FORECASTER
    samples: int = pydantic.Field(default=19, ge=2, le=MOST_SAMPLES)
    service: str = "total"
    buildings: str | None = None
    co2_kg_per_kwh: float = pydantic.Field(default=CO2_KG_PER_KWH, ge=0, le=MOST_RATE)
    cost_per_kwh: float = pydantic.Field(default=COST_PER_KWH, ge=0, le=MOST_RATE)
    seed: int = 0

    @property
    def files(self) -> dict[str, Path]:
        """The user's own files among the inputs, by the field that names them."""
        named = {"power": self.power, "small_power": self.small_power, "buildings": self.buildings}
        return {
            field: Path(file)
            for field, file in named.items()
            if file is not None and (field == "buildings" or file not in POWER)
        }

    def open_stations(self) -> Stations:
        """Open the city and choose the stations."""
        return stations_of(
            City.open(self.city),
            self.stations,
            service=self.service,
            buildings=None if self.buildings is None else _read_buildings(self.buildings),
            seed=self.seed,
        )

    def network(self, stations: Stations) -> Network:
        """Return the stations with what they draw and how late they are measured."""
        small = self.small_power
        return stations.network(
            power_model(self.power, self.lead_h),
            None if small is None else power_model(small, self.lead_h),
        )

    def make_policy(self) -> Policy:
        """Build the policy with its knobs."""
        if self.policy not in POLICIES:
            raise BadInput(f"There is no policy '{self.policy}'; there are {', '.join(POLICIES)}.")
        build = POLICIES[self.policy]
        known = [name for name in signature(build).parameters if name != "foresight"]
        for name in self.policy_params:
            if name not in known:
                raise BadInput(
                    f"The policy '{self.policy}' has no knob '{name}'; it has {', '.join(known)}."
                )
        try:
            made: Policy = pydantic.TypeAdapter(cast("type[Policy]", build)).validate_python(
                self.policy_params
            )
        except pydantic.ValidationError as error:
            problem = error.errors()[0]
            raise BadInput(
                f"The knob '{problem['loc'][0]}' of the policy '{self.policy}': {problem['msg']}."
            ) from error
        if made.perfect_information and self.when == "forecast":
            raise BadInput(
                f"The policy '{self.policy}' knows the traffic that comes; of coming hours nobody "
                "does. Replay hours that were measured instead."
            )
        return made

    def first_hour(self, stations: Stations) -> pd.Timestamp:
        """The first operated hour, UTC."""
        times = stations.times
        if self.when == "forecast":
            return times[-1] + pd.Timedelta(hours=1)
        if len(times) < self.hours + HOURS_PER_WEEK:
            raise BadInput(
                f"{len(times)} hours were measured; to replay the last {self.hours} of them, a "
                f"week (168) must come before, {self.hours + HOURS_PER_WEEK} in all."
            )
        return times[-self.hours]


def make_request(
    city: City | str | Path, stations: Choice = EVERY, **choices: Any
) -> OperateRequest:
    """Check all inputs together; what is wrong is said before anything is written.

    choices : the other fields of `OperateRequest`
    """
    opened = city if isinstance(city, City) else City.open(city)
    service = str(choices.get("service", "total"))
    chosen = stations_of(opened, stations, service=service)
    files = ("buildings", "power", "small_power")
    placed = {name: _path(choices[name]) for name in files if choices.get(name) is not None}
    request = OperateRequest.read(
        {**choices, **placed, "city": str(opened.folder.resolve()), "stations": chosen.ids}
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
    """Create the run of a request, or open the one that is in `out` already and asked the same.

    out : the run's folder; without one, a fresh folder below the runs folder
    """
    return get_or_create(request, request.city, out, "stations and settings")


def _path(value: Any) -> str:
    """A file's full path; the name of a published power model stays as it is."""
    path = Path(value)
    return str(path.resolve()) if path.suffix else str(value)


def _read_buildings(file: str) -> gpd.GeoDataFrame:
    path = Path(file)
    table = next(iter(read_layers(path, COMMAND_LINE)), None)
    if not isinstance(table, gpd.GeoDataFrame) or "height_m" not in table.columns:
        raise BadInput(f"The buildings in '{path}' need shapes and a column 'height_m'.")
    return table
