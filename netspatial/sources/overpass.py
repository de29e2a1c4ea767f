"""OpenStreetMap by Overpass: places and land use of an area, without a local file.

`--pois overpass` or `--pois overpass:https://my.server/api/interpreter`. An answer is stored only
when it is complete: not truncated, without a remark of the server. osmnx parses it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
from shapely.geometry.base import BaseGeometry

from netspatial.area import Area, LonLatBounds
from netspatial.disk import atomic_file
from netspatial.progress import Progress
from netspatial.sources.contract import Builder, Estimate, Fetched, Source, SourceSettings
from netspatial.sources.net import CannotFetch, import_web
from netspatial.sources.osm import PLACE_TAGS, USE_TAGS, Objects, land, places
from netspatial.sources.place_table import within
from netspatial.sources.spec import Spec

ADDRESS = "https://overpass-api.de/api/interpreter"
PIECE_DEG = 0.2
"""Larger areas are split into queries of at most this side, degrees."""
TIMEOUT_S = 180
KB_PER_KM2 = 60.0
"""Approximate size of the answer per square kilometre of a European city, kB."""


@dataclass(frozen=True)
class Overpass:
    """An Overpass server.

    land_use : True queries land use, False places
    """

    address: str
    land_use: bool
    settings: SourceSettings

    def estimate(self, area: Area) -> Estimate:
        """Number of queries, and the size for a city; a rural area has less."""
        count = len(_pieces(area.bounds))
        return Estimate(
            f"OpenStreetMap in {count} queries to Overpass",
            area.area_km2 * KB_PER_KM2 / 1e3,
            from_net=True,
        )

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Query each piece that is not stored yet, then parse all."""
        pieces = _pieces(area.bounds)
        files = []
        for number, bounds in enumerate(pieces):
            progress(f"querying Overpass, {number + 1} of {len(pieces)}", number / len(pieces))
            files.append(self._piece(bounds, work / f"{number}.osm"))
        fetched = (land if self.land_use else places)(_objects(files, self._tags))
        table, notes = within(fetched.data, area, "objects")
        return Fetched(table, fetched.licence, fetched.attribution, tuple(notes))

    @property
    def _tags(self) -> dict[str, tuple[str, ...]]:
        return USE_TAGS if self.land_use else PLACE_TAGS

    def _piece(self, bounds: LonLatBounds, kept: Path) -> Path:
        """Query one piece unless it is stored; store only a complete answer."""
        if kept.is_file():
            return kept
        query = question(bounds, self._tags, self.settings.net.max_mb)
        body, kind = self.settings.net.get(self.address, {"data": query})
        check_whole(body, kind)
        with atomic_file(kept) as draft:
            draft.write_bytes(body)
        return kept


def build_overpass(*, land_use: bool) -> Builder:
    """Return the builder of the source `overpass[:ADDRESS]` of places or of land use."""

    def build(spec: Spec, settings: SourceSettings) -> Source:
        spec.take(())
        import_web("osmnx")
        return Overpass(spec.where or ADDRESS, land_use, settings)

    return build


def question(bounds: LonLatBounds, tags: dict[str, tuple[str, ...]], max_mb: float) -> str:
    """Return the query in Overpass QL for all objects with such tags in the bounds."""
    west, south, east, north = bounds
    box = f"({south:.7f},{west:.7f},{north:.7f},{east:.7f})"
    wanted = "".join(
        f'nwr["{key}"~"^({"|".join(values)})$"]{box};' if values else f'nwr["{key}"]{box};'
        for key, values in tags.items()
    )
    limits = f"[out:xml][timeout:{TIMEOUT_S}][maxsize:{int(max_mb * 1e6)}]"
    return f"{limits};({wanted});(._;>;);out body;"


def check_whole(body: bytes, kind: str) -> None:
    """Raise unless the answer is complete: a server that aborts a query adds a remark."""
    if b"<!DOCTYPE" in body[:1000] or b"<!ENTITY" in body:
        raise CannotFetch(f"Overpass returned {kind or 'an answer'}, which is not map data.")
    try:
        root = ET.fromstring(body)  # noqa: S314 entities are refused above
    except ET.ParseError as error:
        raise CannotFetch(
            f"The answer of Overpass is truncated or not map data ({kind}); try again later."
        ) from error
    remark = root.find("remark")
    if remark is not None:
        text = " ".join((remark.text or "").split())
        raise CannotFetch(
            f"Overpass aborted the query: '{text}'; use a smaller area or try again later."
        )
    if root.tag != "osm":
        raise CannotFetch("Overpass returned an answer that is not map data.")


def _pieces(bounds: LonLatBounds) -> list[LonLatBounds]:
    west, south, east, north = bounds
    columns = max(1, math.ceil((east - west) / PIECE_DEG))
    rows = max(1, math.ceil((north - south) / PIECE_DEG))
    wide, high = (east - west) / columns, (north - south) / rows
    return [
        (west + x * wide, south + y * high, west + (x + 1) * wide, south + (y + 1) * high)
        for y in range(rows)
        for x in range(columns)
    ]


def _objects(files: list[Path], tags: dict[str, tuple[str, ...]]) -> Objects:
    """Yield tags and geometry of each object once; an object on an edge is in two pieces."""
    osmnx = import_web("osmnx")
    wanted = {key: list(values) or True for key, values in tags.items()}
    seen = set()
    for file in files:
        try:
            table = osmnx.features_from_xml(file, tags=wanted)
        except osmnx._errors.InsufficientResponseError:  # noqa: SLF001 its public name differs
            continue
        for identity, row in _rows(table):
            if identity not in seen:
                seen.add(identity)
                yield row


def _rows(
    table: pd.DataFrame,
) -> Iterator[tuple[object, tuple[dict[str, str], BaseGeometry]]]:
    columns = [column for column in table.columns if column != "geometry"]
    for identity, shape, values in zip(
        table.index, table["geometry"], table[columns].itertuples(index=False), strict=True
    ):
        tags = zip(columns, values, strict=True)
        yield identity, ({key: value for key, value in tags if isinstance(value, str)}, shape)
