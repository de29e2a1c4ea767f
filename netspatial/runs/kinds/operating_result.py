"""`OperateRun`: the result of an operating run, read from its files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from netspatial.checked import as_kind, read_json
from netspatial.disk import atomic_file
from netspatial.forecast.rolling import latest_of
from netspatial.geoparquet import read_places
from netspatial.netcdf import load_dataset
from netspatial.operate.metrics import PROXY_NOTE, RANGE, ScheduleMetrics
from netspatial.runs.facts import OperateFacts
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_request import OperateRequest
from netspatial.timeline import local_times

STATIONS = "stations.parquet"
FORECAST = "forecast.nc"
SCHEDULE = "schedule.nc"
SCHEDULE_TABLE = "schedule.parquet"
SUMMARY = "summary.json"
FLOWS = "flows.nc"

PER_HOUR = ("demand", "load_before", "load_after", "energy", "energy_before", "served", "unserved")


@dataclass(frozen=True)
class OperateRun:
    """A finished operating run; files are read on access."""

    run: Run

    @classmethod
    def open(cls, folder: str | Path) -> "OperateRun":
        """Open a run with a finished schedule."""
        found = cls(Run.open(folder))
        _ = found.request
        found.run.require_output(SUMMARY, "schedule")
        return found

    @property
    def folder(self) -> Path:
        """The folder of the run's files."""
        return self.run.folder

    @cached_property
    def request(self) -> OperateRequest:
        """The request of the run."""
        return OperateRequest.of(self.run)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the stages found out: city, provenance, licences, attribution, units, notes."""
        return as_kind(self.run.manifest.facts, OperateFacts, f"What '{self.run.folder}' found out")

    @cached_property
    def schedule(self) -> xr.Dataset:
        """Per station and hour: asleep, demand, loads before and after, served, energy in kWh.

        For upcoming hours, means over the forecast's samples, some with `_p10` and `_p90`.
        """
        return load_dataset(self.run.made(SCHEDULE, "schedule"))

    @cached_property
    def forecast(self) -> xr.DataArray:
        """What the decisions were made on, each hour as last seen, (station, sample, time)."""
        return latest_of(read_rolling_forecasts(self.run.made(FORECAST, "forecast")))

    @cached_property
    def flows(self) -> xr.Dataset:
        """The traffic that neighbours carry, over (flow,): hour, source, target, traffic."""
        return load_dataset(self.run.made(FLOWS, "table of whose traffic goes where"))

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """The stations (EPSG:4326) with what the schedule means for each."""
        return read_places(self.run.made(STATIONS, "table of stations"))

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Metrics of the schedule: energy, saving, QoE and the others of `operate.metrics`; notes.

        For upcoming hours, means over the forecast's samples, with their 80 % `ranges`. `balanced`
        is the effect of moving load without any sleep, for the mean traffic.
        """
        return read_json(self.run.made(SUMMARY, "schedule"), dict[str, Any])


def write_rolling_forecasts(path: Path, looks: list[xr.DataArray]) -> None:
    """Write rolling forecasts as (issued, station, sample, ahead), NaN beyond the end of each."""
    longest = max(look.sizes["time"] for look in looks)
    first = looks[0]
    values = np.full((len(looks), first.sizes["station"], first.sizes["sample"], longest), np.nan)
    for place, look in enumerate(looks):
        values[place, ..., : look.sizes["time"]] = look.transpose("station", "sample", "time")
    table = xr.Dataset(
        {"traffic": (("issued", "station", "sample", "ahead"), values.astype(np.float32))},
        coords={
            "issued": [look["time"].to_numpy()[0] for look in looks],
            "station": first["station"].to_numpy(),
            "ahead": np.arange(longest),
        },
    )
    table["traffic"].attrs = first.attrs
    packing = {"traffic": {"zlib": True, "complevel": 1, "shuffle": True}}
    with atomic_file(path) as draft:
        draft.write_bytes(table.to_netcdf(engine="h5netcdf", encoding=packing))


def read_rolling_forecasts(path: Path) -> list[xr.DataArray]:
    """Read what `write_rolling_forecasts` wrote."""
    series = load_dataset(path)["traffic"]
    looks = []
    for issued in series["issued"].to_numpy():
        values = series.sel(issued=issued).dropna("ahead", how="all")
        hours = pd.Timestamp(issued) + pd.to_timedelta(values["ahead"].to_numpy(), unit="h")
        look = values.rename(ahead="time").assign_coords(time=hours).drop_vars("issued")
        looks.append(look.assign_attrs(series.attrs))
    return looks


def schedule_table(schedule: xr.Dataset) -> pd.DataFrame:
    """Return the schedule as rows: station, time (UTC), local hour, state, figures of that hour.

    For upcoming hours the figures are means over the forecast's samples, some with their 10 % and
    90 % quantiles as `_p10` and `_p90`.
    """
    ranged = [name for name in schedule.data_vars if str(name).endswith(tuple(RANGE))]
    names = ["asleep", *PER_HOUR, *map(str, ranged)]
    table: pd.DataFrame = schedule[names].to_dataframe().reset_index()[["station", "time", *names]]
    local = pd.Series(local_times(schedule).strftime("%Y-%m-%d %H:%M"), schedule["time"].to_numpy())
    state = table.pop("asleep").astype(bool).map({True: "asleep", False: "awake"})
    table.insert(2, "local_time", table["time"].map(local))
    table.insert(3, "state", state)
    return table


def station_table(table: gpd.GeoDataFrame, schedule: xr.Dataset) -> gpd.GeoDataFrame:
    """Return the stations with share of hours asleep, activations, energy, saving and service.

    For upcoming hours, saving and QoE also have their 10 % and 90 % quantiles.
    """
    asleep = schedule["asleep"].astype(bool)
    used, before = (schedule[name].sum("time") for name in ("energy", "energy_before"))
    asked, served = schedule["demand"].sum("time"), schedule["served"].sum("time")
    ranges = {
        f"{name}_{suffix}": schedule[name].quantile(level, "sample").to_numpy()
        for name in ("saved_kwh", "qoe")
        if name in schedule
        for suffix, level in RANGE.items()
    }
    return table.assign(
        asleep_share=asleep.mean("time").to_numpy(),
        activations=(asleep.shift(time=1, fill_value=False) & ~asleep).sum("time").to_numpy(),
        energy_kwh=used.to_numpy(),
        saved_kwh=(before - used).to_numpy(),
        qoe=(served / asked.where(asked > 0)).fillna(1.0).to_numpy(),
        load_before=schedule["load_before"].mean("time").to_numpy(),
        load_after=schedule["load_after"].mean("time").to_numpy(),
        **ranges,
    )


def write_summary(
    path: Path,
    found: ScheduleMetrics,
    ranges: Mapping[str, tuple[float, float]],
    notes: list[str],
    more: dict[str, Any],
) -> None:
    """Write the metrics with their notes.

    ranges : 10 % and 90 % quantiles of the metrics over the samples; empty in a back-test
    """
    summary = {**asdict(found), "saved_kwh": found.saved_kwh, "ranges": ranges}
    summary |= {"traffic_reduction_note": PROXY_NOTE, **more, "notes": notes}
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(summary, indent=2) + "\n")
