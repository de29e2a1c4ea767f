"""Bad inputs that are known by name: those that once brought a stack trace or a wrong success."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from netspatial.evaluate.robustness.cases import Case
from netspatial.evaluate.robustness.commands import COMMANDS
from netspatial.evaluate.robustness.hostile.leading import archive
from netspatial.evaluate.robustness.spoil.json_text import DEEP, LONG, SURROGATE

Change = Callable[[Path], None]


def _nothing(folder: Path) -> None:
    del folder


def _json(name: str, place: tuple[str, ...], value: Any) -> Change:
    """Put a value into a JSON file."""

    def change(folder: Path) -> None:
        path = folder / name
        document = json.loads(path.read_bytes())
        branch = document
        for step in place[:-1]:
            branch = branch[step]
        branch[place[-1]] = value
        path.write_text(json.dumps(document))

    return change


def _write(name: str, content: bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return change


def _shapes(name: str, shape: shapely.Geometry | None) -> Change:
    """Put a shape in the place of the first of a table."""

    def change(folder: Path) -> None:
        path = folder / name
        table = gpd.read_parquet(path)
        shapes = table.geometry.to_numpy().copy()
        shapes[0] = shape
        table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs)).to_parquet(path, index=False)

    return change


def _nan_point() -> shapely.Geometry:
    with np.errstate(invalid="ignore"):
        return shapely.Point(np.nan, np.nan)


DEEP_JSON = ("[" * DEEP + "]" * DEEP).encode()
POLYGON = f'{{"type": "Polygon", "coordinates": [[[{LONG}, 0], [1, 0], [1, 1], [{LONG}, 0]]]}}'


def named_cases() -> list[Case]:
    """Return the known bad inputs; `refused` are those of which no result can be right."""
    long = "r" * 4000
    files: list[tuple[str, str, Change, bool]] = [
        ("area-geojson", "deep JSON", _write("area.geojson", DEEP_JSON), True),
        ("area-geojson", "400 digits", _write("area.geojson", POLYGON.encode()), True),
        ("area-zip", "member dot", _write("area.zip", archive((".", b"x"))), True),
        ("area-zip", "no member", _write("area.zip", archive()), True),
        ("build-pois.zip", "member dot", _write("pois.zip", archive((".", b"x"))), True),
        ("describe", "deep city.json", _write("city/city.json", DEEP_JSON), True),
        ("describe-table", "markup in the name", _json("city/city.json", ("name",), "[/]"), False),
        ("describe", "half a character", _json("city/city.json", ("name",), SURROGATE), True),
        ("describe", "unknown zone", _json("city/city.json", ("timezone",), "Mars/Crater"), True),
        ("describe", "zone of a folder", _json("city/city.json", ("timezone",), "Europe"), True),
        ("describe", "seed of 400 digits", _json("city/city.json", ("seed",), int(LONG)), False),
        ("validate", "null shape", _shapes("city/pois.parquet", None), False),
        ("validate", "NaN shape", _shapes("city/stations.parquet", _nan_point()), False),
        ("embed", "null shape", _shapes("city/pois.parquet", None), False),
        ("embed", "NaN place", _shapes("places.parquet", _nan_point()), True),
        ("plan", "NaN station", _shapes("city/stations.parquet", _nan_point()), False),
        ("plan", "null land use", _shapes("city/landuse.parquet", None), False),
        ("plan", "markup in the name", _json("city/city.json", ("name",), "[/b]"), False),
        ("fit-csv.gz", "cut", lambda folder: _cut(folder / "table.csv.gz"), True),
        ("build-stations.csv.gz", "cut", lambda folder: _cut(folder / "stations.csv.gz"), True),
        ("predict", "deep config", _write("forecaster/config.json", DEEP_JSON), True),
        ("show-plan", "deep manifest", _write("plan/manifest.json", DEEP_JSON), True),
        ("show-plan", "no plan", _write("plan/plan.json", b"[]"), True),
        ("show-operate", "no summary", _write("operate/summary.json", b"{}"), True),
        ("resume", "kind", _json("plan/manifest.json", ("kind",), "x"), True),
        ("resume", "request", _json("plan/manifest.json", ("request",), {}), True),
    ]
    words: list[tuple[str, tuple[str, ...]]] = [
        ("describe", ("city", "describe", "")),
        ("describe", ("city", "describe", "/")),
        ("describe", ("city", "validate", "")),
        ("describe", ("city", "describe", long)),
        ("describe", ("city", "describe", "\udcff")),
        ("show-plan", ("runs", "show", "")),
        ("show-plan", ("runs", "show", "/")),
        ("show-plan", ("runs", "show", long)),
        ("show-plan", ("runs", "show", "plan\n")),
        ("show-plan", ("runs", "compare", "plan", "")),
        ("show-plan", ("runs", "export", "plan", "--out", "x.unknown")),
        ("show-plan", ("runs", "cancel", "nowhere")),
        ("show-plan", ("runs", "delete", "nowhere", "--yes")),
        ("predict", ("forecast", "predict", "", "table.parquet", "--out", "o.csv")),
        ("predict", ("forecast", "predict", "forecaster", "", "--out", "o.csv")),
        ("fit", ("forecast", "fit", "city", "--tasks", "total,total", "--out", "made")),
        ("fit", ("forecast", "fit", "", "--tasks", "total", "--out", "made")),
        ("embed", ("embed", "", "--out", "o.parquet")),
        ("generate", ("generate", "city", "--area", "", "--out", "o.nc")),
        ("generate", (*COMMANDS["generate"].argv, "--device", "x")),
        ("plan", (*COMMANDS["plan"].argv, "--device", "x")),
    ]
    return [
        *(
            Case(command, what, number, prepare=change, refused=refused)
            for number, (command, what, change, refused) in enumerate(files)
        ),
        *(
            Case(command, "words", number, prepare=_nothing, argv=argv, refused=True)
            for number, (command, argv) in enumerate(words)
        ),
    ]


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    gzip.decompress(content)  # the whole was good
