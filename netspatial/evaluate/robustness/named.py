"""Bad inputs that are known by name: those that once brought a stack trace or a wrong success.

Each change of a file is a `partial` of a function here, since cases go to processes of their own.
"""

import gzip
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from netspatial.evaluate.robustness.cases import BadInputCase
from netspatial.evaluate.robustness.commands import COMMANDS
from netspatial.evaluate.robustness.hostile.leading import archive
from netspatial.evaluate.robustness.spoil.json_text import DEEP, LONG, SURROGATE

Change = Callable[[Path], None]


def _nothing(folder: Path) -> None:
    del folder


def _json(name: str, place: tuple[str, ...], value: Any, folder: Path) -> None:
    """Put a value into a JSON file."""
    path = folder / name
    document = json.loads(path.read_bytes())
    branch = document
    for step in place[:-1]:
        branch = branch[step]
    branch[place[-1]] = value
    path.write_text(json.dumps(document))


def _write(name: str, content: bytes, folder: Path) -> None:
    (folder / name).write_bytes(content)


def _shape(name: str, shape: shapely.Geometry | None, folder: Path) -> None:
    """Put a shape in the place of the first of a table."""
    path = folder / name
    table = gpd.read_parquet(path)
    shapes = table.geometry.to_numpy().copy()
    shapes[0] = shape
    table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs)).to_parquet(path, index=False)


def _cut(name: str, folder: Path) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    gzip.decompress(content)  # the whole was good


def _nan_point() -> shapely.Geometry:
    with np.errstate(invalid="ignore"):
        return shapely.Point(np.nan, np.nan)


DEEP_JSON = ("[" * DEEP + "]" * DEEP).encode()
POLYGON = f'{{"type": "Polygon", "coordinates": [[[{LONG}, 0], [1, 0], [1, 1], [{LONG}, 0]]]}}'


def named_cases() -> list[BadInputCase]:
    """Return the known bad inputs; `refused` are those of which no result can be right."""
    long = "r" * 4000
    files: list[tuple[str, str, Change, bool]] = [
        ("area-geojson", "deep JSON", partial(_write, "area.geojson", DEEP_JSON), True),
        ("area-geojson", "400 digits", partial(_write, "area.geojson", POLYGON.encode()), True),
        ("area-zip", "member dot", partial(_write, "area.zip", archive((".", b"x"))), True),
        ("area-zip", "no member", partial(_write, "area.zip", archive()), True),
        ("build-pois.zip", "member dot", partial(_write, "pois.zip", archive((".", b"x"))), True),
        ("describe", "deep city.json", partial(_write, "city/city.json", DEEP_JSON), True),
        (
            "describe-table",
            "markup in the name",
            partial(_json, "city/city.json", ("name",), "[/]"),
            False,
        ),
        (
            "describe",
            "half a character",
            partial(_json, "city/city.json", ("name",), SURROGATE),
            True,
        ),
        (
            "describe",
            "unknown zone",
            partial(_json, "city/city.json", ("timezone",), "Mars/Crater"),
            True,
        ),
        (
            "describe",
            "zone of a folder",
            partial(_json, "city/city.json", ("timezone",), "Europe"),
            True,
        ),
        (
            "describe",
            "seed of 400 digits",
            partial(_json, "city/city.json", ("seed",), int(LONG)),
            False,
        ),
        ("validate", "null shape", partial(_shape, "city/pois.parquet", None), False),
        ("validate", "NaN shape", partial(_shape, "city/stations.parquet", _nan_point()), False),
        ("embed", "null shape", partial(_shape, "city/pois.parquet", None), False),
        ("embed", "NaN place", partial(_shape, "places.parquet", _nan_point()), True),
        ("plan", "NaN station", partial(_shape, "city/stations.parquet", _nan_point()), False),
        ("plan", "null land use", partial(_shape, "city/landuse.parquet", None), False),
        ("plan", "markup in the name", partial(_json, "city/city.json", ("name",), "[/b]"), False),
        ("fit-csv.gz", "cut", partial(_cut, "table.csv.gz"), True),
        ("build-stations.csv.gz", "cut", partial(_cut, "stations.csv.gz"), True),
        ("predict", "deep config", partial(_write, "forecaster/config.json", DEEP_JSON), True),
        ("show-plan", "deep manifest", partial(_write, "plan/manifest.json", DEEP_JSON), True),
        ("show-plan", "no plan", partial(_write, "plan/plan.json", b"[]"), True),
        ("show-operate", "no summary", partial(_write, "operate/summary.json", b"{}"), True),
        ("resume", "kind", partial(_json, "plan/manifest.json", ("kind",), "x"), True),
        ("resume", "request", partial(_json, "plan/manifest.json", ("request",), {}), True),
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
            BadInputCase(command, what, number, prepare=change, refused=refused)
            for number, (command, what, change, refused) in enumerate(files)
        ),
        *(
            BadInputCase(command, "words", number, prepare=_nothing, argv=argv, refused=True)
            for number, (command, argv) in enumerate(words)
        ),
    ]
