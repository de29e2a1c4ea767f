"""The files of an operating run: rolling forecasts, schedule and stations as tables, summary."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from netspatial.disk import atomic_file
from netspatial.netcdf import load_dataset
from netspatial.operate.metrics import PROXY_NOTE, RANGE, ScheduleMetrics
from netspatial.timeline import local_times

PER_HOUR = ("demand", "load_before", "load_after", "energy", "energy_before", "served", "unserved")


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
