"""What-to-do operation as a run: a sleep schedule with its energy and QoE.

Python code calls `schedule_sleep`; a worker calls `work_on` with a waiting run.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr

from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.disk import atomic_file
from netspatial.forecast import forecaster_named, weights_of
from netspatial.forecast.panel import from_city
from netspatial.forecast.rolling import rolling_forecasts
from netspatial.forecast.young_stations import BackfillForecaster
from netspatial.operate.dispatch.balance import balance
from netspatial.operate.dispatch.offload import moved
from netspatial.operate.interference import couple_schedule
from netspatial.operate.network import Network
from netspatial.operate.stations import EVERY, Choice, Stations
from netspatial.progress import Progress
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.runs.kinds.operating_request import Mode, OperateRequest, make_request, submit
from netspatial.runs.kinds.operating_result import (
    FLOWS,
    FORECAST,
    SCHEDULE,
    SCHEDULE_TABLE,
    STATIONS,
    SUMMARY,
    OperateRun,
)
from netspatial.runs.kinds.operating_schedule import backtested, planned
from netspatial.runs.kinds.operating_tables import (
    read_rolling_forecasts,
    schedule_table,
    station_table,
    write_rolling_forecasts,
    write_summary,
)
from netspatial.runs.tables import METADATA, provenance, write_table
from netspatial.scenario.changed_city import scenario_notes
from netspatial.scenario.scenario import Scenario

_DEFAULT = OperateRequest(city="", stations=())


def schedule_sleep(
    city: City | str | Path,
    stations: Choice = EVERY,
    *,
    hours: int = _DEFAULT.hours,
    mode: Mode = _DEFAULT.mode,
    policy: str = _DEFAULT.policy,
    policy_params: Mapping[str, Any] | None = None,
    power: str | Path = _DEFAULT.power,
    small_power: str | Path | None = _DEFAULT.small_power,
    lead_h: int = _DEFAULT.lead_h,
    qoe_min: float = _DEFAULT.qoe_min,
    forecaster: str = _DEFAULT.forecaster,
    samples: int = _DEFAULT.samples,
    service: str = _DEFAULT.service,
    buildings: str | Path | None = _DEFAULT.buildings,
    co2_kg_per_kwh: float = _DEFAULT.co2_kg_per_kwh,
    cost_per_kwh: float = _DEFAULT.cost_per_kwh,
    seed: int = _DEFAULT.seed,
    scenario: Scenario | str | Path | None = None,
    out: str | Path | None = None,
    progress: Watch = lambda _: None,
) -> OperateRun:
    """Schedule the sleep of a city's stations and return it with its saving and QoE.

    Parameters
    ----------
    city : City or path
        The city, or its folder.
    stations : sequence of str, Area, str or path
        Ids, an area or the file of one, comma-separated ids, or ``all``.
    hours : int
        How many hours, 1 to 168.
    mode : str
        "forecast": the hours after the last measurement, evaluated on every sample of the
        forecast. "backtest": the last measured hours, evaluated on their traffic.
    policy : str
        A key of `netspatial.operate.policies.POLICIES`, such as ``greedy``.
    policy_params : mapping, optional
        Parameters of the policy, such as ``{"quantile": 0.7}``.
    power : str or path
        Power model of coverage stations, and of all if `small_power` is None; a name or a CSV file.
    small_power : str or path, optional
        Power model of capacity stations.
    lead_h : int
        L: hour h is decided on measurements up to the end of hour h - 1 - L.
    qoe_min : float
        Share of the traffic that must be served (Eq. 20), 0 to 1.
    forecaster : str
        A key of `netspatial.forecast.FORECASTERS`.
    samples : int
        Samples of the forecast.
    service : str
        Service of the city's traffic.
    buildings : path, optional
        File of polygons with `height_m`, for ray tracing.
    co2_kg_per_kwh : float
        Emissions of electricity, kg of CO2 per kWh.
    cost_per_kwh : float
        Cost of electricity per kWh, in any currency.
    seed : int
        Seed of the forecast and of the shadowing.
    scenario : Scenario or path, optional
        Changes of the city that the schedule assumes, or their file.
    out : path, optional
        The run's folder. An existing run with the same request is resumed or read; by default a
        new folder below the runs folder.
    progress : callable
        Called with the `RunProgress` of the run.

    Returns
    -------
    OperateRun
        The schedule; shows itself in a notebook.

    Raises
    ------
    BadInput
        Where an input is not valid, before anything is written.
    MissingPart
        Where the city lacks stations or traffic.

    """
    request = make_request(
        city,
        stations,
        hours=hours,
        mode=mode,
        policy=policy,
        policy_params=dict(policy_params or {}),
        power=power,
        small_power=small_power,
        lead_h=lead_h,
        qoe_min=qoe_min,
        forecaster=forecaster,
        samples=samples,
        service=service,
        buildings=buildings,
        co2_kg_per_kwh=co2_kg_per_kwh,
        cost_per_kwh=cost_per_kwh,
        seed=seed,
        scenario=scenario,
    )
    run = submit(request, out)
    work_on(run, progress)
    return OperateRun.open(run.folder)


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Run the unfinished stages of an operating run in this process."""
    run_stages(run, lambda: _Work(run, OperateRequest.of(run)).stages(), watch)


@dataclass(frozen=True)
class _Work:
    """The stages of one run; each reads the files of the earlier ones."""

    run: Run
    asked: OperateRequest

    @cached_property
    def city(self) -> City:
        return self.asked.open_city()

    @cached_property
    def stations(self) -> Stations:
        return self.asked.open_stations()

    @cached_property
    def network(self) -> Network:
        return self.asked.network(self.stations)

    def stages(self) -> list[Stage]:
        chosen = self.asked.model_dump(
            mode="json", include={"stations", "service", "seed", "buildings"}
        )
        ahead = self.asked.model_dump(
            mode="json", include={"hours", "mode", "forecaster", "samples", "lead_h"}
        )
        decided = self.asked.model_dump(mode="json")
        files, city = self.asked.files, city_fingerprint(self.city)
        return [
            Stage(
                "stations",
                "Selecting stations and their possible helpers",
                [chosen, city, files.get("buildings")],
                (),
                self.choose,
            ),
            Stage(
                "forecast",
                "Forecasting traffic",
                [ahead, *weights_of(self.asked.forecaster)],
                (FORECAST,),
                self.forecast,
            ),
            Stage(
                "schedule",
                "Scheduling sleep",
                [decided, files],
                (SCHEDULE, SCHEDULE_TABLE, STATIONS, SUMMARY),
                self.schedule,
            ),
            Stage("flows", "Tracing offloaded traffic", None, (FLOWS,), self.flows),
        ]

    def choose(self, progress: Progress) -> Mapping[str, Any]:
        progress("", 0.0)
        stations, record = self.stations, self.city.record
        return {
            "city": {"name": record.name, "provenance": record.provenance, "seed": record.seed},
            "attribution": list(record.attribution),
            "licences": dict(record.licences),
            "stations": len(stations.ids),
            "may_sleep": int(self.network.may_sleep.sum()),
            "first_hour": f"{self.asked.first_hour(stations).isoformat()}Z",
            "timezone": record.timezone,
            "units": str(stations.traffic.attrs["units"]),
            "seed": self.asked.seed,
            "provenance": "generated" if self.asked.mode == "forecast" else record.provenance,
            "notes": [*scenario_notes(self.city), *stations.notes],
            "scenario": scenario_notes(self.city),
        }

    def forecast(self, progress: Progress) -> Mapping[str, Any]:
        asked, stations = self.asked, self.stations
        progress("", 0.0)
        forecaster = BackfillForecaster(
            forecaster_named(asked.forecaster, self.city, stations.table),
            from_city(self.city, (asked.service,)),
        )
        first = asked.first_hour(stations)
        whole = asked.mode == "forecast"
        looks = rolling_forecasts(
            forecaster,
            stations.measured,
            first,
            asked.hours,
            asked.samples,
            asked.seed,
            **({"every_h": asked.hours, "horizon_h": asked.hours} if whole else {}),
            lead_h=asked.lead_h,
            progress=progress,
        )
        write_rolling_forecasts(self.run.path(FORECAST), looks)
        return {"forecaster": str(looks[0].attrs["model"])}

    def schedule(self, progress: Progress) -> Mapping[str, Any]:
        asked, stations, network = self.asked, self.stations, self.network
        looks = read_rolling_forecasts(self.run.path(FORECAST))
        policy, past = asked.make_policy(), self._past()
        found = (
            planned(network, policy, looks[0], past, asked, progress)
            if asked.mode == "forecast"
            else backtested(network, policy, self._truth(), looks, past, asked, progress)
        )
        schedule = found.schedule
        metadata = provenance(self.run.manifest.facts)
        schedule.attrs |= {
            "city": self.city.name,
            "netspatial": json.dumps(metadata, sort_keys=True),
        }
        moved = balance(network, schedule["demand"].to_numpy())
        coupled = couple_schedule(stations, network, schedule)
        more = {
            "units": str(schedule["demand"].attrs["units"]),
            "power": schedule.attrs["power"],
            "balanced": {
                "threshold": moved.threshold,
                "overload_hours_before": moved.overload_hours_before,
                "overload_hours_after": moved.overload_hours_after,
                "moved": float(moved.flow.sum()),
            },
            "coupled": coupled.record(),
        }
        notes = [*scenario_notes(self.city), *stations.notes, *found.notes]
        notes += [] if coupled.sentence is None else [coupled.sentence]
        with atomic_file(self.run.path(SCHEDULE)) as draft:
            draft.write_bytes(schedule.to_netcdf(engine="h5netcdf"))
        table = pa.Table.from_pandas(schedule_table(schedule), preserve_index=False)
        known = {**(table.schema.metadata or {}), METADATA: json.dumps(metadata).encode()}
        with atomic_file(self.run.path(SCHEDULE_TABLE)) as draft:
            pq.write_table(table.replace_schema_metadata(known), draft)
        write_table(station_table(stations.table, schedule), self.run.path(STATIONS), metadata)
        write_summary(self.run.path(SUMMARY), found.figures, found.ranges, notes, more)
        return {"saving_pct": found.figures.saving_pct, "qoe": found.figures.qoe}

    def flows(self, progress: Progress) -> Mapping[str, Any]:
        progress("", 0.0)
        found = moved(self.network, OperateRun(self.run).schedule)
        with atomic_file(self.run.path(FLOWS)) as draft:
            draft.write_bytes(found.to_netcdf(engine="h5netcdf"))
        return {}

    def _truth(self) -> xr.DataArray:
        """Measured traffic of the back-tested hours, (station, time)."""
        return self.stations.traffic.isel(time=slice(-self.asked.hours, None))

    def _past(self) -> xr.DataArray:
        traffic = self.stations.traffic
        end = len(self.stations.times) - (self.asked.hours if self.asked.mode == "backtest" else 0)
        return traffic.isel(time=slice(0, end))
