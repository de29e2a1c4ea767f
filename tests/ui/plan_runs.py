"""A made-up plan run of the small city: traffic from a formula, ranked by the real code.

No model is loaded, so that a page is ready within a second.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.city.city import City
from netspatial.content import file_sha256
from netspatial.disk import atomic_file
from netspatial.feasibility import feasibility
from netspatial.generate.calendar import weeks_from
from netspatial.grid import make_grid
from netspatial.plan.settings import PlanSettings
from netspatial.plan.statistics import statistics
from netspatial.randomness import stream
from netspatial.runs.jobs.manifest import RunProgress, StageRecord
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_request import PlanRequest, make_request, submit
from netspatial.runs.kinds.plan_result import (
    CELLS,
    GRID,
    PLACES,
    PLAN,
    REPORT,
    SITES,
    STATISTICS,
    SUPPORT,
    TRAFFIC,
    PlanRun,
)
from netspatial.runs.kinds.plan_summary import write_plan
from netspatial.runs.tables import provenance, write_table
from netspatial.ui.plan.areas import city_bounds, square_within

SAMPLES = 4
WEEKS = 1


def small_request(city: City, side_m: float = 600.0, k: int = 3) -> PlanRequest:
    """Return the request of a plan for a square in the middle of the small city."""
    west, south, east, north = city_bounds(city)
    area = square_within((west, south, east, north), (west + east) / 2, (south + north) / 2, side_m)
    settings = PlanSettings(sites=k, spacing_m=150.0)
    return make_request(
        city, area, settings=settings, samples=SAMPLES, weeks=WEEKS, masks=("edge",), seed=5
    )


def write_made_up_run(city: City, folder: Path, k: int = 3) -> Run:
    """Write a finished plan without any model: more traffic in the east, steadier in the north."""
    request = small_request(city, k=k)
    run = submit(request, folder)
    cells = feasibility(
        make_grid(request.open_area(), request.cell_m, city.crs), city, request.masks, request.rules
    )
    cells.to_parquet(run.path(GRID), index=False)
    rng = stream(5, "pois of the made-up run")
    places = cells.assign(
        pois=7,
        poi_food=4,
        poi_shop=3,
        image_share=1.0,
        nearest_station="s<1>",
        nearest_station_m=np.round(rng.uniform(50, 400, len(cells)), 1),
    )
    places.to_parquet(run.path(PLACES), index=False)
    traffic = _traffic(places, request, city)
    traffic.to_netcdf(run.path(TRAFFIC), engine="h5netcdf")
    summary = statistics(traffic, city.record.timezone)
    with atomic_file(run.path(STATISTICS)) as draft:
        draft.write_bytes(summary.to_netcdf(engine="h5netcdf"))
    facts = {
        "city": {"name": city.record.name, "provenance": "simulated", "seed": 3},
        "attribution": list(city.record.attribution),
        "licences": dict(city.record.licences),
        "cells": len(cells),
        "context": {"fingerprint": "none", "encoders": {}},
        "generator": {
            "fingerprint": "formula",
            "name": "formula",
            "trained_on": "simulated",
            "licences": [],
        },
        "measured": {"stations": 2, "note": "2 measured stations are used."},
        "provenance": "generated",
        "seed": request.seed,
        "units": "MB",
        "timezone": city.record.timezone,
        "first_hour": str(traffic["time"].to_numpy()[0]),
        "hours": traffic.sizes["time"],
    }
    _record(run, "cells", GRID, facts=facts)
    _record(run, "context", PLACES)
    support = pd.DataFrame(
        {
            "cell_id": cells["cell_id"],
            "level_sd": np.linspace(0.2, 0.4, len(cells)),
            "level_sd_far": 0.45,
            "measured_m": np.linspace(100.0, 1500.0, len(cells)),
        }
    )
    for at, (name, metres) in enumerate((("s0", 120.0), ("s1", 480.0)), 1):
        support[f"station_{at}"], support[f"weight_{at}"] = name, 0.4 / at
        support[f"distance_{at}"] = metres
    support.to_parquet(run.path(SUPPORT), index=False)
    _record(run, "traffic", TRAFFIC, SUPPORT)
    _record(run, "statistics", STATISTICS)
    plan = PlanRun(run).replan(request.settings)
    metadata = provenance(run.manifest.facts)
    write_table(plan.cells, run.path(CELLS), metadata)
    write_table(plan.sites, run.path(SITES), metadata)
    write_plan(plan, run.path(PLAN))
    _record(run, "plan", CELLS, SITES, PLAN)
    run.path(REPORT).write_text("<p>made up</p>")
    _record(run, "report", REPORT)
    run.write_progress(RunProgress(state="finished"))
    return run


def _record(run: Run, stage: str, *outputs: str, facts: Mapping[str, Any] | None = None) -> None:
    """Have the manifest say that a stage wrote these files."""
    written = {name: file_sha256(run.path(name)) for name in outputs}
    run.record_stage(stage, StageRecord(key="made up", seconds=0.5, outputs=written), facts or {})


def _traffic(cells, request: PlanRequest, city: City) -> xr.DataArray:
    days = weeks_from(request.start, request.weeks, city.record.timezone)
    hours = np.arange(len(days.times))
    shape = 1 + 0.5 * np.sin(2 * np.pi * (hours - 9) / 24)
    east = 10 + 40 * (cells["x"] - cells["x"].min()) / np.ptp(cells["x"])
    north = 0.05 + 0.5 * (cells["y"].max() - cells["y"]) / np.ptp(cells["y"])
    noise = stream(5, "traffic").lognormal(0, 0.2, (len(cells), SAMPLES, len(hours)))
    level = east.to_numpy()[:, None, None]
    values = level * (1 + north.to_numpy()[:, None, None] * (shape - 1)) * noise
    return xr.DataArray(
        values.astype(np.float32),
        dims=("cell", "sample", "time"),
        coords={
            "cell": cells["cell_id"].to_numpy(dtype=object),
            "sample": np.arange(SAMPLES),
            "time": days.times,
        },
        attrs={
            "units": "MB",
            "timezone": city.record.timezone,
            "provenance": "generated",
        },
        name="traffic",
    )
