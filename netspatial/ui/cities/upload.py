"""Upload of a city: limited in size, validated completely, and only then stored.

File names are never used as paths; `netspatial.sources` reads the files.
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
from netspatial.ui.cities.upload_kinds import KINDS, MAX_MB
from netspatial.user_files.content import ending_of
from netspatial.user_files.limited_process import call
from netspatial.user_files.limits import UPLOAD

CITY = "city"
DRIVERS = ("GeoJSON", "GPKG", "ESRI Shapefile", "LIBKML", "GTiff", "COG", "MEM", "Memory")
"""The GDAL drivers that may read an upload and write the city."""


@dataclass(frozen=True)
class Upload:
    """An uploaded file: its name, of which only the ending is used, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Given:
    """The upload of one part: its files and their kind, a key of `KINDS[part]`."""

    kind: str
    files: Sequence[Upload]


def folder_name(name: str) -> str:
    """Return the folder name of a city: lower-case letters, digits and dashes only."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    if not plain:
        raise BadInput("The city needs a name with at least one letter or digit.")
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
    """Validate uploaded parts and add the city; nothing is stored if any part is invalid.

    cities : the folder of cities
    bounds : west, south, east, north, degrees; required without an image
    """
    target = cities / folder_name(name)
    if target.exists():
        raise BadInput(f"There is a city '{target.name}' already; choose another name.")
    if not given:
        raise BadInput("No file was uploaded; a city needs at least one part.")
    for part, one in given.items():
        check_given(part, one)
    typed = _typed(bounds)
    if typed is None and "imagery" not in given:
        raise BadInput(
            "Without an image the city needs a bounding box in degrees: west, south, east, north."
        )
    said = {"unit": unit.strip(), "licence": licence.strip(), "attribution": attribution.strip()}
    cities.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=cities) as folder:
        room = Path(folder)
        asked = {part: [_asked(room, part, one, said)] for part, one in given.items()}
        try:
            call(
                f"{__name__}:build_uploaded",
                {
                    "room": str(room),
                    "name": name.strip(),
                    "timezone": timezone,
                    "bounds": typed,
                    "asked": asked,
                },
                UPLOAD,
                "The upload",
                DRIVERS,
            )
        except NetSpatialError as error:
            raise BadInput(_without(room, str(error))) from error
        if target.exists():
            raise BadInput(f"There is a city '{target.name}' already; choose another name.")
        shutil.move(room / CITY, target)
    return City.open(target)


def check_given(part: Part, given: Given) -> None:
    """Raise unless the files of a part have the endings of their kind and are not too large."""
    kind = KINDS[part][given.kind]
    if len(given.files) != 1 and not kind.many:
        raise BadInput(
            f"{len(given.files)} files were uploaded for the {part}; “{kind.title}” takes one file."
        )
    if sum(len(file.content) for file in given.files) > MAX_MB[part] * 1_000_000:
        raise BadInput(
            f"The files of the {part} hold more than {MAX_MB[part]} MB, the limit of an upload."
        )
    for file in given.files:
        ending = ending_of(file.name)
        if ending not in kind.endings:
            which = f"of type '{ending}'" if ending else "without an ending"
            raise BadInput(
                f"A file {which} holds no {part} as “{kind.title}”; upload "
                f"{', '.join(kind.endings)}."
            )


def build_uploaded(
    room: str,
    name: str,
    timezone: str,
    bounds: list[float] | None,
    asked: dict[Part, list[str]],
) -> None:
    """Build the city of the uploaded files in `room`; called in a limited process.

    bounds : west, south, east, north, degrees; None takes those of the image
    asked  : sources of each part, as `netspatial.sources` reads them
    """
    from netspatial.sources.build import (  # noqa: PLC0415  many readers
        Incomplete,
        Order,
        build_city,
    )
    from netspatial.sources.contract import SourceSettings  # noqa: PLC0415

    area = Area.from_bounds(*bounds) if bounds else _shown(Path(room))
    out = Path(room) / CITY
    try:
        build_city(Order(name, area, SourceSettings(timezone=timezone, limits=UPLOAD), asked), out)
    except Incomplete as error:
        record = json.loads((unfinished(out) / UNFINISHED).read_bytes())
        why = " ".join(f"The {one['part']}: {one['why']}" for one in record["missing"])
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
    """Write the files of a part and return their source for `netspatial.sources`."""
    kind = KINDS[part][given.kind]
    options = {**kind.fixed, **{name: said[name] for name in kind.options if said[name]}}
    text = "&".join(f"{name}={quote(value)}" for name, value in options.items())
    where = _stored(room, part, given)
    return f"{kind.source or given.kind}:{where}" + (f"#{text}" if text else "")


def _stored(room: Path, part: Part, given: Given) -> Path:
    """Write the files of a part and return the file or folder that its source reads."""
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
    """Return a message without the temporary folder of the upload."""
    return sentence.replace(f"{room}/", "").replace(str(room), "the upload")


def _typed(bounds: str) -> tuple[float, ...] | None:
    """Return the bounds that the user typed, degrees; None if the field is empty."""
    if not bounds.strip():
        return None
    try:
        west, south, east, north = (float(text) for text in re.split(r"[,;\s]+", bounds.strip()))
    except ValueError as error:
        raise BadInput(
            "The bounding box needs four numbers in degrees: west, south, east, north."
        ) from error
    return Area.from_bounds(west, south, east, north).bounds
