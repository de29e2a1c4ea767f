"""Imagery from a tile server: XYZ or WMTS tiles by URL template, mosaicked and georeferenced.

`--imagery 'xyz:https://tiles.example/{z}/{x}/{y}.jpg#zoom=16&attribution=...'`. One tile at a time,
with pauses; each tile is stored until the image is complete, a failed answer never.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pyproj import Transformer
from rasterio.transform import from_origin
from rasterio.windows import Window

from netspatial.area import Area
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.progress import Progress
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, SourceSettings
from netspatial.sources.geotiff import write_image
from netspatial.sources.net import CannotFetch
from netspatial.sources.spec import Spec

WORLD_M = 2 * math.pi * 6_378_137.0
"""Side of the Web Mercator square, metres of EPSG:3857."""
USUAL_TILE_PX = 256
TILE_KB = 25.0
"""Approximate size of a photographic tile of 256 pixels, kB."""
MAX_TILES = 20_000

WMTS = {"{TileMatrix}": "{z}", "{TileCol}": "{x}", "{TileRow}": "{y}"}
"""Placeholders of a WMTS address on the usual Web Mercator grid, and ours for them."""

Box = tuple[int, int, int, int]
"""First and last column, first and last row of tiles."""


@dataclass(frozen=True)
class Tiles:
    """Tiles of one zoom level of a server.

    template : address with {z}, {x}, {y}; {-y} counts rows from the south, {s} is a subdomain
    """

    template: str
    zoom: int
    subdomains: str
    settings: SourceSettings
    licence: str
    attribution: tuple[str, ...]

    def estimate(self, area: Area) -> Estimate:
        """Number and size of the tiles that cover the area."""
        west, east, north, south = self._box(area)
        count = (east - west + 1) * (south - north + 1)
        if count > MAX_TILES:
            raise BadInput(
                f"Zoom {self.zoom} needs {count:,} tiles for this area, more than {MAX_TILES:,}; "
                "use a smaller zoom or area."
            )
        lat = math.radians(area.centroid.y)
        metres = WORLD_M * math.cos(lat) / 2**self.zoom / USUAL_TILE_PX
        return Estimate(
            f"{count:,} tiles at zoom {self.zoom}, about {metres:.1f} m per pixel",
            count * TILE_KB / 1e3,
            from_net=True,
        )

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Fetch the tiles that are not stored yet and mosaic them."""
        self.estimate(area)
        west, east, north, south = self._box(area)
        places = [(x, y) for y in range(north, south + 1) for x in range(west, east + 1)]
        for done, (x, y) in enumerate(places):
            progress(f"tile {done + 1} of {len(places)}", done / len(places))
            self._tile(x, y, work)
        side = self._side(places, work)
        metre = WORLD_M / 2**self.zoom / side
        target = work / "imagery.tif"
        write_image(
            _pasted(places, (west, north), work, side),
            target,
            {
                "width": (east - west + 1) * side,
                "height": (south - north + 1) * side,
                "crs": "EPSG:3857",
                "transform": from_origin(
                    west * side * metre - WORLD_M / 2,
                    WORLD_M / 2 - north * side * metre,
                    metre,
                    metre,
                ),
            },
        )
        return Fetched(
            target,
            self.licence,
            self.attribution,
            (f"{len(places)} tiles of zoom {self.zoom} were mosaicked unchanged.",),
        )

    def _box(self, area: Area) -> Box:
        """Return the columns and rows of tiles that touch the area's bounds."""
        west, south, east, north = area.bounds
        to_mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
        (left, right), (bottom, top) = to_mercator.transform([west, east], [south, north])
        tile_m = WORLD_M / 2**self.zoom
        first = (left + WORLD_M / 2) / tile_m, (WORLD_M / 2 - top) / tile_m
        last = (right + WORLD_M / 2) / tile_m, (WORLD_M / 2 - bottom) / tile_m
        return (
            math.floor(first[0]),
            math.ceil(last[0]) - 1,
            math.floor(first[1]),
            math.ceil(last[1]) - 1,
        )

    def _tile(self, x: int, y: int, work: Path) -> None:
        """Fetch one tile unless it is stored; only an image is stored."""
        kept = _place(work, x, y)
        if kept.is_file():
            return
        name = self.subdomains[(x + y) % len(self.subdomains)] if self.subdomains else ""
        url = (
            self.template.replace("{z}", str(self.zoom))
            .replace("{x}", str(x))
            .replace("{y}", str(y))
            .replace("{-y}", str(2**self.zoom - 1 - y))
            .replace("{s}", name)
        )
        body, kind = self.settings.net.get(url)
        try:
            _pixels(body)
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            what = "a web page" if kind.startswith("text/html") else f"'{kind or 'unknown data'}'"
            raise CannotFetch(
                f"The tile server returned {what} instead of an image; check the address, its key "
                "and the terms of use."
            ) from error
        with atomic_file(kept) as draft:
            draft.write_bytes(body)

    def _side(self, places: list[tuple[int, int]], work: Path) -> int:
        """Return the side of a tile, pixels; raise where tiles differ."""
        sizes = set()
        for x, y in places:
            with Image.open(_place(work, x, y)) as image:
                sizes.add(image.size)
        if len(sizes) > 1 or {width - height for width, height in sizes} != {0}:
            shown = " and ".join(f"{width}x{height}" for width, height in sorted(sizes))
            raise BadInput(f"The tiles have {shown} pixels; they must be squares of one size.")
        return int(sizes.pop()[0])


def build_xyz(spec: Spec, settings: SourceSettings) -> Tiles:
    """Make the source `xyz:TEMPLATE` with zoom, rate (tiles a second), subdomains and others."""
    options = spec.take(("zoom", "rate", "subdomains", "licence", "attribution"))
    template = spec.where
    for theirs, ours in WMTS.items():
        template = template.replace(theirs, ours)
    rows = "{y}" in template or "{-y}" in template
    if not ("{z}" in template and "{x}" in template and rows):
        raise BadInput(
            f"The address '{spec.where}' has no {{z}}, {{x}} and {{y}}; give one such as "
            "https://tiles.example/{z}/{x}/{y}.png."
        )
    if "zoom" not in options:
        raise BadInput("Tiles need a zoom level; zoom=16 is about 2 m per pixel.")
    subdomains = options.get("subdomains", "abc" if "{s}" in template else "")
    if "attribution" not in options:
        raise BadInput("Tiles need an attribution; give their source with attribution=.")
    if "rate" in options:
        pause_s = 1 / spec.number("rate", 2, 0.01, 50)
        settings = replace(settings, net=replace(settings.net, pause_s=pause_s))
    return Tiles(
        template=template,
        zoom=int(spec.number("zoom", 16, 0, 22)),
        subdomains=subdomains,
        settings=settings,
        licence=options.get("licence", NOT_STATED),
        attribution=(options["attribution"],),
    )


def _place(work: Path, x: int, y: int) -> Path:
    return work / "tiles" / f"{x}-{y}"


def _pixels(body: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(body)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _pasted(
    places: list[tuple[int, int]], corner: tuple[int, int], work: Path, side: int
) -> Iterator[tuple[Window, NDArray[np.uint8]]]:
    for x, y in places:
        pixels = _pixels(_place(work, x, y).read_bytes())
        window = Window((x - corner[0]) * side, (y - corner[1]) * side, side, side)
        yield window, np.moveaxis(pixels, -1, 0)
