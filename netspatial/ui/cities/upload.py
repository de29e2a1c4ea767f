"""A city that somebody uploads: bounded, checked whole, and only then put among the others.

Names of files are never paths; the reading is that of `netspatial.sources`.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from netspatial.area import Area
from netspatial.city.city import UNFINISHED, City, Part, unfinished
from netspatial.errors import BadInput, NetSpatialError
from netspatial.imagery import Imagery
from netspatial.ui.cities.upload_kinds import KINDS, MOST_MB
from netspatial.user_files.content import ending_of
from netspatial.user_files.limited_process import call
from netspatial.user_files.limits import UPLOAD

CITY = "city"
DRIVERS = ("GeoJSON", "GPKG", "ESRI Shapefile", "LIBKML", "GTiff", "COG", "MEM", "Memory")
"""The drivers of GDAL that read an upload and write the city; each file has its own."""


@dataclass(frozen=True)
class Upload:
    """A file as the browser gave it: its name, of which only the ending is looked at, and bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Given:
    """What was given for a part: its files, and their kind, a key of `KINDS` of the part."""

    kind: str
    files: Sequence[Upload]


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
    given: Mapping[Part, Given],
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
    for part, one in given.items():
        check_given(part, one)
    typed = _typed(bounds)
    if typed is None and "imagery" not in given:
        raise BadInput("Without an image the city needs its bounds: west, south, east, north.")
    said = {"unit": unit.strip(), "licence": licence.strip(), "attribution": attribution.strip()}
    cities.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=cities) as folder:
        room = Path(folder)
        asked = {part: [_asked(room, part, one, said)] for part, one in given.items()}
        try:
            call(
                f"{__name__}:build_uploaded",
                {
                    "room": str(room), "name": name.strip(), "timezone": timezone,
                    "bounds": typed, "asked": asked,
                },
                UPLOAD,
                "The upload",
                DRIVERS,
            )  # fmt: skip
        except NetSpatialError as error:
            raise BadInput(_without(room, str(error))) from error
        if target.exists():
            raise BadInput(f"There is a city '{target.name}' already; choose another name.")
        shutil.move(room / CITY, target)
    return City.open(target)


def check_given(part: Part, given: Given) -> None:
    """Raise unless the files of a part are of the kind they are given as, and not too large."""
    kind = KINDS[part][given.kind]
    if len(given.files) != 1 and not kind.many:
        raise BadInput(
            f"{len(given.files)} files were given for the {part}; as “{kind.title}” one is read."
        )
    if sum(len(file.content) for file in given.files) > MOST_MB[part] * 1_000_000:
        raise BadInput(f"The {part} hold more than {MOST_MB[part]} MB, too much for an upload.")
    for file in given.files:
        ending = ending_of(file.name)
        if ending not in kind.endings:
            raise BadInput(
                f"A file of the kind '{ending or 'without an ending'}' holds no {part} as "
                f"“{kind.title}”; give {', '.join(kind.endings)}."
            )


def build_uploaded(
    room: str,
    name: str,
    timezone: str,
    bounds: list[float] | None,
    asked: dict[Part, list[str]],
) -> None:
    """Build the city of uploaded files in `room`; called in a limited process.

    bounds : west, south, east, north; None takes those of the image
    asked  : sources of each part, as `netspatial.sources` reads them
    """
    from netspatial.sources.build import (  # noqa: PLC0415  many readers
        Incomplete,
        Order,
        build_city,
    )
    from netspatial.sources.contract import Settings  # noqa: PLC0415

    area = Area.from_bounds(*bounds) if bounds else _shown(Path(room))
    out = Path(room) / CITY
    try:
        build_city(Order(name, area, Settings(timezone=timezone, limits=UPLOAD), asked), out)
    except Incomplete as error:
        metadata = json.loads((unfinished(out) / UNFINISHED).read_bytes())
        why = " ".join(f"The {one['part']}: {one['why']}" for one in metadata["missing"])
        raise BadInput(why) from error


def _shown(room: Path) -> Area:
    """Return the bounds of the uploaded image."""
    image = Imagery(next(iter(room.glob("imagery.tif*"))))
    try:
        box = image.lonlat_bounds
    except BadInput as error:
        raise BadInput(f"The imagery: {error}") from error
    return Area.from_bounds(*box)


def _asked(room: Path, part: Part, given: Given, said: Mapping[str, str]) -> str:
    """Write the files of a part and return their source as `netspatial.sources` reads it."""
    kind = KINDS[part][given.kind]
    options = {**kind.fixed, **{name: said[name] for name in kind.options if said[name]}}
    text = "&".join(f"{name}={quote(value)}" for name, value in options.items())
    where = _stored(room, part, given)
    return f"{kind.source or given.kind}:{where}" + (f"#{text}" if text else "")


def _stored(room: Path, part: Part, given: Given) -> Path:
    """Write the files of a part where its source reads them, and return that file or folder."""
    many = KINDS[part][given.kind].many
    folder = room / part if many else room
    folder.mkdir(exist_ok=True)
    paths = []
    for number, file in enumerate(given.files, start=1):
        stem = f"{part}-{number}" if many else part
        paths.append(folder / f"{stem}.{ending_of(file.name)}")
        paths[-1].write_bytes(file.content)
    return folder if many else paths[0]


def _without(room: Path, sentence: str) -> str:
    """Return a sentence without the folder that uploads were kept in while they were read."""
    return sentence.replace(f"{room}/", "").replace(str(room), "the upload")


def _typed(bounds: str) -> tuple[float, ...] | None:
    """Return the typed bounds, degrees; None where nothing was typed."""
    if not bounds.strip():
        return None
    try:
        west, south, east, north = (float(text) for text in re.split(r"[,;\s]+", bounds.strip()))
    except ValueError as error:
        raise BadInput(
            "The bounds need four numbers, degrees: west, south, east, north."
        ) from error
    return Area.from_bounds(west, south, east, north).bounds
