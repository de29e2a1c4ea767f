"""The generated ensemble on disk: sampled in blocks with constant memory, resumable after a kill.

Blocks are appended to a binary file, which becomes one NetCDF file when all cells are sampled.
"""

import io
import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import h5netcdf
import h5py
import numpy as np
import pandas as pd
import xarray as xr

from netspatial.arrays import Floats, Floats32
from netspatial.disk import atomic_file
from netspatial.errors import CannotWrite, reason
from netspatial.generate.calendar import Calendar
from netspatial.kriging.series import MOMENT_SAMPLES
from netspatial.netcdf import open_dataset, sound
from netspatial.progress import Progress, count
from netspatial.runs.jobs.parallel_map import parallel_map

if TYPE_CHECKING:  # reading an ensemble needs no torch
    from netspatial.context.embed import Context
    from netspatial.generate.generator import Generator
    from netspatial.generate.spatial_noise import SharedNoise

KEPT_BITS = 11
"""Mantissa bits kept of 23: values are exact to 1 part in 4096 and compress better."""
CELLS_AT_ONCE = 64
"""Cells per block; a killed run resumes after the last whole block."""


Correct = Callable[[Floats32, slice], Floats32]
"""From samples (cells, S, T) of a group of cells to corrected ones."""


@dataclass(frozen=True)
class SampleRequest:
    """Request to the generator: samples per cell, seed, whole weeks from a local hour."""

    samples: int
    seed: int
    weeks: int
    start: str
    timezone: str


@dataclass(frozen=True)
class JointNoise:
    """What cells share, as in `Generator.sample`. level_scores : (cells, drawn samples)."""

    dependence: "Mapping[str, SharedNoise]"
    level_scores: Floats


def draw_blocks(
    generator: "Generator",
    context: "Context",
    asked: SampleRequest,
    hours: int,
    part: Path,
    progress: Progress,
    correct: Correct | None = None,
    joint: "JointNoise | None" = None,
) -> None:
    """Sample the traffic of every cell into the binary file `part`, resuming after its last block.

    hours   : length of each series
    correct : applied to the samples of each group of cells; draws `MOMENT_SAMPLES` at least
    joint   : what neighbours share by the city's measured stations; else the bundled values

    Blocks are the same in a resumed run, so that its bytes are, too.
    """
    per_cell = asked.samples * hours * 4
    _check_room(part, len(context) * per_cell)
    with part.open("ab", buffering=0) as file:
        done = file.tell() // (per_cell * CELLS_AT_ONCE) * CELLS_AT_ONCE
        done = min(done, len(context))
        file.truncate(done * per_cell)
        count(progress, done, len(context), "cells")

        def one(group: slice) -> bytes:
            drawn = asked.samples if correct is None else max(asked.samples, MOMENT_SAMPLES)
            blocks = generator.sample_batches(
                context.take(group),
                drawn,
                asked.seed,
                asked.weeks,
                asked.start,
                asked.timezone,
                dependence=None if joint is None else joint.dependence,
                level_scores=None if joint is None else joint.level_scores[group],
            )
            if correct is None:
                return b"".join(rounded(traffic).tobytes() for _, traffic in blocks)
            return rounded(correct(np.concatenate([x for _, x in blocks]), group)).tobytes()

        left = [group for group in groups(len(context)) if group.start >= done]
        for group, drawn in zip(left, parallel_map(one, left), strict=True):
            _append(file, drawn, part)
            count(progress, group.stop, len(context), "cells")


def _append(file: io.FileIO, drawn: bytes, part: Path) -> None:
    try:
        left = memoryview(drawn)
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    except OSError as error:
        raise CannotWrite(
            f"'{part}' cannot be written: {reason(error)}; free disk space and resume the run."
        ) from error


def pack(
    part: Path, target: Path, cells: pd.DataFrame, days: Calendar, attrs: Mapping[str, Any]
) -> None:
    """Write the sampled series as NetCDF: traffic (cell, sample, time), float32, zlib.

    cells : cell_id, lon, lat in the order of sampling

    One chunk per cell, so that a single cell is read without the others.
    """
    size, hours = part.stat().st_size, len(days.times)
    _check_room(target, size)
    samples = size // (4 * len(cells) * hours)
    with (
        part.open("rb") as drawn,
        atomic_file(target) as draft,
        draft.open("w+b") as room,
        h5netcdf.File(room, "w") as file,
    ):
        _reserve(room, size)
        file.dimensions = {"cell": len(cells), "sample": samples, "time": hours}
        names = file.create_variable("cell", ("cell",), dtype=h5py.string_dtype())
        names[:] = cells["cell_id"].to_numpy(dtype=object)
        file.create_variable("sample", ("sample",), data=np.arange(samples))
        elapsed = np.arange(hours, dtype=np.int64)
        clock = file.create_variable("time", ("time",), data=elapsed)
        clock.attrs["units"] = f"hours since {days.times[0].isoformat()}"
        clock.attrs["calendar"] = "proleptic_gregorian"
        for degree in ("lon", "lat"):
            file.create_variable(degree, ("cell",), data=cells[degree].to_numpy(dtype=np.float64))
        packed = file.create_variable(
            "traffic",
            ("cell", "sample", "time"),
            dtype="f4",
            chunks=(1, samples, hours),
            compression="gzip",
            compression_opts=1,
            shuffle=True,
        )
        for name, value in attrs.items():
            packed.attrs[name] = value
        packed.attrs["coordinates"] = "lon lat"
        for rows in groups(len(cells)):
            shape = (rows.stop - rows.start, samples, hours)
            packed[rows] = np.fromfile(drawn, np.float32, math.prod(shape)).reshape(shape)


def open_ensemble(path: Path) -> xr.DataArray:
    """Open a run's traffic (cell, sample, time); values are read when asked for."""
    whole = open_dataset(path)
    with sound(path):
        traffic = whole["traffic"]
    traffic.set_close(whole.close)
    return traffic


def blocks_of(traffic: xr.DataArray, at_once: int = CELLS_AT_ONCE) -> Iterator[xr.DataArray]:
    """Yield blocks of cells of the ensemble, in memory."""
    for rows in groups(traffic.sizes["cell"], at_once):
        yield traffic.isel(cell=rows).load()


def groups(n: int, at_once: int = CELLS_AT_ONCE) -> Iterator[slice]:
    """Yield slices that cover n things in order."""
    for first in range(0, n, at_once):
        yield slice(first, min(first + at_once, n))


def rounded(values: Floats32) -> Floats32:
    """Return values rounded to `KEPT_BITS` mantissa bits, halves to even."""
    cut = 23 - KEPT_BITS
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    odd = (bits >> np.uint32(cut)) & np.uint32(1)
    up = bits + np.uint32((1 << (cut - 1)) - 1) + odd
    return (up & np.uint32(0xFFFFFFFF << cut & 0xFFFFFFFF)).view(np.float32)


def _reserve(file: BinaryIO, size: int) -> None:
    """Reserve `size` bytes of disk for a file, as HDF5 aborts the process on a full disk.

    Unused bytes are released when the file is closed.
    """
    if hasattr(os, "posix_fallocate") and size:
        os.posix_fallocate(file.fileno(), 0, size)


def _check_room(path: Path, wanted: int) -> None:
    """Raise CannotWrite if the disk has too little space, as HDF5 does not report it."""
    there = path.stat().st_size if path.is_file() else 0
    free = shutil.disk_usage(path.parent).free
    if free < wanted - there:
        raise CannotWrite(
            f"The traffic needs {_size(wanted - there)} on the disk of '{path.parent}' but only "
            f"{_size(free)} are free; free disk space, or use fewer cells or samples."
        )


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
