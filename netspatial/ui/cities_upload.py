"""A city that somebody uploads: bounded, checked whole, and only then put among the others.

Names of files are never paths; the reading is that of `netspatial.sources`.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from netspatial.area import Area
from netspatial.city import UNFINISHED, City, Part, unfinished
from netspatial.errors import BadInput, NetSpatialError

KINDS: dict[Part, tuple[str, ...]] = {
    "imagery": ("tif", "tiff"),
    "pois": ("csv", "parquet", "geojson"),
    "stations": ("csv", "parquet", "geojson"),
    "traffic": ("csv", "parquet"),
}
MOST_MB: dict[Part, int] = {"imagery": 200, "pois": 100, "stations": 50, "traffic": 200}
READERS: dict[Part, str] = {
    "imagery": "geotiff", "pois": "file", "stations": "file", "traffic": "tidy",
}  # fmt: skip
"""The source of `netspatial.sources` that reads each part."""


@dataclass(frozen=True)
class Upload:
    """A file as the browser gave it: its name, of which only the ending is looked at, and bytes."""

    name: str
    content: bytes


def folder_name(name: str) -> str:
    """Return the folder of a city of this name: letters, digits and dashes, nothing else."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    if not plain:
        raise BadInput("The city needs a name of letters or digits.")
    return plain


def add_city(
    cities: Path,
    name: str,
    timezone: str,
    given: Mapping[Part, Upload],
    *,
    bounds: str = "",
    unit: str = "",
    licence: str = "",
    attribution: str = "",
) -> City:
    """Check uploaded parts and add the city; where anything is wrong nothing is stored.

    cities : the folder of cities; bounds : west, south, east, north, needed without an image
    """
    target = cities / folder_name(name)
    if target.exists():
        raise BadInput(f"There is a city '{target.name}' already; choose another name.")
    if not given:
        raise BadInput("No file was given; a city needs at least one part.")
    for part, upload in given.items():
        check_upload(part, upload)
    cities.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=cities) as folder:
        room = Path(folder)
        area = _area(bounds, given)
        options = {"unit": unit} if unit.strip() else {}
        built = _build(room, name.strip(), timezone, area, given, licence, attribution, options)
        if target.exists():
            raise BadInput(f"There is a city '{target.name}' already; choose another name.")
        shutil.move(built, target)
    return City.open(target)


def check_upload(part: Part, upload: Upload) -> None:
    """Raise unless a file is of a kind and size that its part may have."""
    ending = PurePosixPath(upload.name.replace("\\", "/")).suffix.lower().removeprefix(".")
    if ending not in KINDS[part]:
        raise BadInput(
            f"A file of the kind '{ending or 'without an ending'}' holds no {part}; give "
            f"{', '.join(KINDS[part])}."
        )
    if len(upload.content) > MOST_MB[part] * 1_000_000:
        raise BadInput(f"The {part} hold more than {MOST_MB[part]} MB, too much for an upload.")


def _build(
    room: Path,
    name: str,
    timezone: str,
    area: Area,
    given: Mapping[Part, Upload],
    licence: str,
    attribution: str,
    traffic: Mapping[str, str],
) -> Path:
    from netspatial.sources.build import (  # noqa: PLC0415  many readers
        Incomplete,
        Order,
        build_city,
    )
    from netspatial.sources.contract import Settings  # noqa: PLC0415

    said = {"licence": licence.strip(), "attribution": attribution.strip()}
    asked: dict[Part, list[str]] = {}
    for part, upload in given.items():
        ending = PurePosixPath(upload.name.replace("\\", "/")).suffix.lower()
        path = room / f"{part}{ending}"
        path.write_bytes(upload.content)
        options = {**said, **(traffic if part == "traffic" else {})}
        text = "&".join(f"{key}={quote(value)}" for key, value in options.items() if value)
        asked[part] = [f"{READERS[part]}:{path}" + (f"#{text}" if text else "")]
    order = Order(name, area, Settings(timezone=timezone), asked)
    try:
        return build_city(order, room / "city").folder
    except Incomplete as error:
        told = json.loads((unfinished(room / "city") / UNFINISHED).read_bytes())
        why = " ".join(f"The {one['part']}: {one['why']}" for one in told["missing"])
        raise BadInput(_without(room, why)) from error
    except NetSpatialError as error:
        raise BadInput(_without(room, str(error))) from error


def _without(room: Path, sentence: str) -> str:
    """Return a sentence without the folder that uploads were kept in while they were read."""
    return sentence.replace(f"{room}/", "").replace(str(room), "the upload")


def _area(bounds: str, given: Mapping[Part, Upload]) -> Area:
    """Return where the city lies: the typed bounds, else the image's own."""
    if bounds.strip():
        try:
            west, south, east, north = (
                float(text) for text in re.split(r"[,;\s]+", bounds.strip())
            )
        except ValueError as error:
            raise BadInput(
                "The bounds need four numbers, degrees: west, south, east, north."
            ) from error
        return Area.from_bounds(west, south, east, north)
    if "imagery" not in given:
        raise BadInput("Without an image the city needs its bounds: west, south, east, north.")
    try:
        with rasterio.open(BytesIO(given["imagery"].content)) as image:
            if image.crs is None:
                raise BadInput("The image does not say its coordinate system; save it with one.")
            box = transform_bounds(image.crs, "EPSG:4326", *image.bounds)
    except RasterioError as error:
        raise BadInput("The image is not a GeoTIFF that can be read.") from error
    return Area.from_geometry(shapely.box(*box))
