"""Speed of a generator on this machine, also as a share of the matrix-multiplication rate."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch.utils.flop_counter import FlopCounterMode

from netspatial.context.embed import Context
from netspatial.generate.generator import Generator
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

CELLS, SAMPLES, WEEKS = 900, 16, 4
REPEATS = 5


@dataclass(frozen=True)
class Speed:
    """Best of several repeats. seconds_900_cells : 900 cells x 16 samples x 672 h, with noise."""

    sequences_per_s: float
    seconds_900_cells: float
    threads: int
    latency_ms_one_site: float
    matmul_gflops: float
    flops_per_sequence: float
    share_of_matmul: float


def measure_speed(generator: Generator) -> Speed:
    """Time a map of cells and the forecast of one site with torch's number of threads."""
    month = _best(lambda: generator.sample(_places(generator, CELLS), SAMPLES, weeks=WEEKS), 3)
    station, past = _places(generator, 1), _history()
    latency = _best(lambda: generator.forecast(past, station, 24, SAMPLES), 4 * REPEATS)
    with FlopCounterMode(display=False) as counter:
        generator.sample(_places(generator, 8), SAMPLES, weeks=WEEKS)
    flops = counter.get_total_flops() / (8 * SAMPLES)
    rate, matmul = CELLS * SAMPLES / month, _matmul_rate()
    return Speed(
        sequences_per_s=rate,
        seconds_900_cells=month,
        threads=torch.get_num_threads(),
        latency_ms_one_site=1e3 * latency,
        matmul_gflops=matmul / 1e9,
        flops_per_sequence=flops,
        share_of_matmul=rate * flops / matmul,
    )


def _places(generator: Generator, n: int) -> Context:
    z = stream(0, "speed").normal(size=(n, generator.model.context_dim)).astype(np.float32)
    return Context(
        embedding=z,
        ids=np.arange(n).astype(str),
        fingerprint=generator.facts.context_fingerprint,
        has_image=np.ones(n, bool),
        has_pois=np.ones(n, bool),
        summary=pd.DataFrame(index=range(n)),
    )


def _history() -> xr.DataArray:
    times = pd.date_range("2026-01-05", periods=4 * HOURS_PER_WEEK, freq="h")
    day = 1.2 + np.sin(2 * np.pi * np.arange(len(times)) / 24)
    noisy = day * stream(0, "speed", "history").lognormal(0, 0.2, len(times))
    return xr.DataArray(
        noisy[None],
        dims=("station", "time"),
        coords={"station": ["s"], "time": times},
        attrs={"timezone": "UTC"},
    )


def _matmul_rate(side: int = 1024) -> float:
    """Return the floating-point operations per second of a float32 matrix product."""
    a = torch.ones(side, side)
    return 2 * side**3 / _best(lambda: a @ a, 10 * REPEATS)


def _best(work: Callable[[], object], repeats: int) -> float:
    """Return the seconds of the fastest repeat, the least disturbed by other processes."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)
