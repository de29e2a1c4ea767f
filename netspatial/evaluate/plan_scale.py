"""Time and peak memory of planning by area size, for `bench plan`.

Traffic is synthetic; each size runs in a separate process to measure its own peak memory.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from netspatial.evaluate.peak_memory import peak_mb
from netspatial.plan import METHODS, PlanSettings, Surroundings, make_plan, statistics
from netspatial.plan.siting import Method
from netspatial.randomness import stream

SIZES = (900, 10_000, 100_000)
SAMPLES, HOURS = 16, 672
BLOCK = 128
"""Cells per block of synthetic traffic: a month of 100,000 cells would not fit in memory."""

EXACT_CELLS = 900
"""Exact rules are timed up to this many cells."""

STATIONS_PER_CELL = 1 / 50
K = 10
CRS = "EPSG:32632"


@dataclass(frozen=True)
class StageCost:
    """One stage at one size; peak_mb is the peak memory of the process up to its end, MiB."""

    cells: int
    stage: str
    seconds: float
    peak_mb: float


def measure_scale(sizes: tuple[int, ...], report: Callable[[str], None]) -> list[StageCost]:
    """Time the stages of planning at each number of cells."""
    stages: list[StageCost] = []
    for cells in sizes:
        report(f"timing the plan of {cells:,} cells")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            stages += alone.submit(stages_at, cells).result()
    return stages


def stages_at(n: int) -> list[StageCost]:
    """Time statistics, then a whole plan by each method: utility, siting, samples, explanations."""
    stages: list[StageCost] = []

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        seconds = time.perf_counter() - begin
        stages.append(StageCost(n, stage, seconds, peak_mb()))

    cells, around = _place(n)
    seconds, known = _statistics(cells)
    stages.append(StageCost(n, "statistics", seconds, peak_mb()))
    for name, method in METHODS.items():
        if method.exact and n > EXACT_CELLS:
            continue
        settings = PlanSettings(method=name, utility=_utility(method), sites=K)
        with timed(f"plan, {name}, {settings.utility}"):
            make_plan(cells, known, settings, around)
    return stages


def _utility(method: Method) -> str:
    return "coverage_gain" if method.covers else "lsi"


def _place(n: int) -> tuple[gpd.GeoDataFrame, Surroundings]:
    """Return cells of 100 m in a square, with stations and POIs at a city's density."""
    side = int(np.ceil(np.sqrt(n)))
    row, column = np.divmod(np.arange(n), side)
    left, bottom = 500_000.0 + 100 * column, 5_000_000.0 + 100 * row
    cells = gpd.GeoDataFrame(
        {
            "cell_id": [f"{r:05d}-{c:05d}" for r, c in zip(row, column, strict=True)],
            "x": left + 50,
            "y": bottom + 50,
            "lon": 9.0,
            "lat": 45.0,
            "feasible": pd.Categorical(["yes"] * n, categories=("yes", "no", "unknown")),
            "reason": "",
        },
        geometry=shapely.box(left, bottom, left + 100, bottom + 100),
        crs=CRS,
    )
    random = stream(0, "scale", n)
    stations = _scatter(random, max(1, round(n * STATIONS_PER_CELL)), 100 * side)
    pois = _scatter(random, n, 100 * side)
    return cells, Surroundings(
        stations=stations.assign(station_id=[f"BS{i}" for i in range(len(stations))]),
        pois=pois.assign(name="a place", category="cafe"),
    )


def _scatter(random: np.random.Generator, count: int, side_m: float) -> gpd.GeoDataFrame:
    xy = random.uniform(0, side_m, (count, 2)) + np.array([500_000.0, 5_000_000.0])
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=CRS)


def _statistics(cells: gpd.GeoDataFrame) -> tuple[float, xr.Dataset]:
    """Compute statistics of synthetic traffic block by block; only these are timed."""
    random = stream(0, "scale", "traffic")
    noise = random.lognormal(0, 0.3, (BLOCK, SAMPLES, HOURS)).astype(np.float32)
    level = random.lognormal(2, 0.8, len(cells)).astype(np.float32)
    times = pd.date_range("2026-01-05", periods=HOURS, freq="h")
    seconds, blocks = 0.0, []
    for begin in range(0, len(cells), BLOCK):
        ids = cells["cell_id"].to_numpy()[begin : begin + BLOCK]
        traffic = xr.DataArray(
            level[begin : begin + BLOCK, None, None] * noise[: len(ids)],
            dims=("cell", "sample", "time"),
            coords={"cell": ids, "time": times},
            attrs={"units": "GB/h", "timezone": "UTC", "provenance": "generated"},
        )
        started = time.perf_counter()
        blocks.append(statistics(traffic))
        seconds += time.perf_counter() - started
    joined = xr.concat(
        blocks, "cell", data_vars="minimal", coords="minimal", compat="override", join="override"
    )
    return seconds, joined
