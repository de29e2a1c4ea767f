"""`netspatial bench sources`: speed and memory of reading external data, compared with plain code.

The same stations and hours are also written with ten times as many rows: the memory of streaming
readers stays constant. Times are CPU seconds, which do not depend on other processes.
"""

import functools
import http.server
import io
import math
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from netspatial.area import Area
from netspatial.evaluate.peak_memory import peak_mb
from netspatial.progress import Progress, silent
from netspatial.randomness import stream
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.sources.net import Net, import_web

SCALES = (1, 10)
STATIONS, HOURS, ROWS_PER_HOUR = 300, 336, 2
TILES, TILE_PX, ZOOM = 64, 256, 15
START = pd.Timestamp("2024-06-03", tz="UTC")
SEED = 0


@dataclass(frozen=True)
class SourceRow:
    """One metric of one source at one scale, of our reader and of plain code."""

    source: str
    measure: str
    scale: int
    ours: float
    plain: float


def bench_sources(
    scales: tuple[int, ...] = SCALES, stations: int = STATIONS, progress: Progress = silent
) -> list[SourceRow]:
    """Measure all traffic formats and a tile server on the loopback interface."""
    rows: list[SourceRow] = []
    jobs = [(name, scale) for name in _JOBS for scale in scales]
    for done, (name, scale) in enumerate(jobs):
        progress(f"{name}, {scale} times", done / len(jobs))
        with tempfile.TemporaryDirectory() as folder:
            rows += _measured(name, scale, stations, Path(folder))
    return rows


def _measured(name: str, scale: int, stations: int, folder: Path) -> list[SourceRow]:
    job = _JOBS[name]
    with job.made(folder, scale, stations) as (where, amount):
        measured = [_apart(work, where, folder) for work in (job.ours, job.plain)]
    (ours_s, ours_mb), (plain_s, plain_mb) = measured
    return [
        SourceRow(name, job.measure, scale, amount / ours_s, amount / plain_s),
        SourceRow(name, "peak_mb", scale, ours_mb, plain_mb),
    ]


Work = Callable[[str, Path], None]
"""A job on a file or an address, with a working folder."""


def _apart(work: Work, where: str, folder: Path) -> tuple[float, float]:
    """Run a job twice in a separate process; return the CPU seconds of the second, and peak MiB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (work, where, folder))


def _timed(work: Work, where: str, folder: Path) -> tuple[float, float]:
    rounds = [folder / name for name in ("first", "second")]
    for place in rounds:
        place.mkdir(exist_ok=True)
    work(where, rounds[0])  # warm-up: libraries are loaded at first use
    begin = time.process_time()
    work(where, rounds[1])
    return time.process_time() - begin, peak_mb()


def _fetch(name: str, folder: Path) -> None:
    _, source = open_source("traffic", name, SourceSettings("UTC"))
    source.fetch(_area(TILES), folder, silent)


def _tidy(where: str, folder: Path) -> None:
    _fetch(f"tidy:{where}", folder)


def _plain_tidy(where: str, _folder: Path) -> None:
    rows = pd.read_csv(where)
    hours = pd.to_datetime(rows["time"]).dt.floor("h")
    rows.groupby(["station", hours])["value"].sum().unstack()  # noqa: PD010


def _wide(where: str, folder: Path) -> None:
    _fetch(f"wide:{where}", folder)


def _plain_wide(where: str, _folder: Path) -> None:
    pd.read_csv(where, index_col="time", parse_dates=True).resample("h").sum()


def _telecom_italia(where: str, folder: Path) -> None:
    _fetch(f"telecom-italia:{where}#services=internet", folder)


def _plain_telecom_italia(where: str, _folder: Path) -> None:
    rows = pd.read_csv(where, sep="\t", header=None, names=list("abcdefgh"))
    rows.groupby(["a", rows["b"] // 3_600_000])["h"].sum().unstack()  # noqa: PD010


def _tiles(where: str, folder: Path) -> None:
    address, _, count = where.partition("#")
    net = Net(consent=True, private=True, pause_s=0.0)
    _, source = open_source(
        "imagery",
        f"xyz:{address}/{{z}}/{{x}}/{{y}}.png#zoom={ZOOM}&attribution=us",
        SourceSettings("UTC", net),
    )
    source.fetch(_area(int(count)), folder, silent)


def _plain_tiles(where: str, folder: Path) -> None:
    """Download tiles into one array and write it, as a simple script would do."""
    requests = import_web("requests")
    address, _, count = where.partition("#")
    side = math.isqrt(int(count))
    mosaic = np.zeros((3, side * TILE_PX, side * TILE_PX), dtype=np.uint8)
    left, top = _corner(side)
    for row in range(side):
        for column in range(side):
            answer = requests.get(f"{address}/{ZOOM}/{left + column}/{top + row}.png", timeout=60)
            tile = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))
            rows = slice(row * TILE_PX, (row + 1) * TILE_PX)
            columns = slice(column * TILE_PX, (column + 1) * TILE_PX)
            mosaic[:, rows, columns] = np.moveaxis(tile, -1, 0)
    with rasterio.open(
        folder / "plain.tif",
        "w",
        driver="COG",
        width=mosaic.shape[2],
        height=mosaic.shape[1],
        count=3,
        dtype="uint8",
        crs="EPSG:3857",
        transform=from_origin(0, 0, 2, 2),
        compress="DEFLATE",
    ) as image:
        image.write(mosaic)


Made = Iterator[tuple[str, float]]
"""The location of the input, and its size in rows or megapixels."""


@contextmanager
def _tidy_file(folder: Path, scale: int, stations: int) -> Made:
    wide = _series(scale, stations)
    long = wide.melt("time", var_name="station", value_name="value")
    long.to_csv(folder / "tidy.csv", index=False)
    yield str(folder / "tidy.csv"), float(len(long))


@contextmanager
def _wide_file(folder: Path, scale: int, stations: int) -> Made:
    wide = _series(scale, stations)
    wide.to_csv(folder / "wide.csv", index=False)
    yield str(folder / "wide.csv"), float(wide.size - len(wide))


@contextmanager
def _telecom_italia_file(folder: Path, scale: int, stations: int) -> Made:
    """Write ten-minute rows of `scale` country codes, in the published format."""
    steps = HOURS // 7 * 6
    shape = (stations, steps, scale)
    square, step, country = (axis.ravel() for axis in np.indices(shape))
    rows = pd.DataFrame(
        {"square": square + 1, "begin": START.value // 10**6 + step * 600_000, "country": country}
    )
    values = stream(SEED, "rows").random((len(rows), 5)).round(9)
    rows[list("abcde")] = values
    rows.to_csv(folder / "day.txt", sep="\t", header=False, index=False)
    yield str(folder / "day.txt"), float(len(rows))


@contextmanager
def _tile_server(folder: Path, scale: int, _stations: int) -> Made:
    """Serve a square of tiles from files on the loopback until the block ends."""
    side = math.isqrt(TILES * scale)
    left, top = _corner(side)
    noise = stream(SEED, "tile").integers(0, 255, (TILE_PX // 8, TILE_PX // 8, 3), dtype=np.uint8)
    picture = Image.fromarray(noise.repeat(8, axis=0).repeat(8, axis=1))
    for column in range(left, left + side):
        place = folder / "served" / str(ZOOM) / str(column)
        place.mkdir(parents=True)
        for row in range(top, top + side):
            picture.save(place / f"{row}.png")
    handler = functools.partial(_Silent, directory=str(folder / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}#{side**2}"
            yield address, side**2 * TILE_PX**2 / 1e6
        finally:
            server.shutdown()
            thread.join()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Log nothing."""


def _series(scale: int, stations: int) -> pd.DataFrame:
    """Return one column per station, with the same hours in `scale` times as many steps."""
    count = HOURS * ROWS_PER_HOUR * scale
    step_s = 3600 // (ROWS_PER_HOUR * scale)
    times = pd.date_range(START, periods=count, freq=f"{step_s}s").strftime("%Y-%m-%dT%H:%M:%SZ")
    values = stream(SEED, "series").random((count, stations)).round(6)
    named = pd.DataFrame(values, columns=[f"BS{n:05d}" for n in range(stations)])
    named.insert(0, "time", times)
    return named


def _corner(side: int) -> tuple[int, int]:
    """Return column and row of the north-west tile of a square in the middle of the world."""
    return 2 ** (ZOOM - 1), 2 ** (ZOOM - 1) - side


def _area(count: int) -> Area:
    """Return the area of a square of `count` tiles north-east of (0, 0)."""
    side = math.isqrt(count)
    degrees = 360 / 2**ZOOM * side
    north = math.degrees(math.atan(math.sinh(math.radians(degrees))))
    margin = 1e-7
    return Area.from_bounds(margin, margin, degrees - margin, north - margin, limit_km2=math.inf)


@dataclass(frozen=True)
class _Job:
    measure: str
    made: Callable[[Path, int, int], AbstractContextManager[tuple[str, float]]]
    ours: Work
    plain: Work


_JOBS = {
    "tidy": _Job("rows_per_s", _tidy_file, _tidy, _plain_tidy),
    "wide": _Job("rows_per_s", _wide_file, _wide, _plain_wide),
    "telecom-italia": _Job(
        "rows_per_s", _telecom_italia_file, _telecom_italia, _plain_telecom_italia
    ),
    "xyz": _Job("mpix_per_s", _tile_server, _tiles, _plain_tiles),
}
