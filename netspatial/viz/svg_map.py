"""A small map as SVG over a city's image, in web Mercator; nothing is fetched to show it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from netspatial.imagery import Bounds
from netspatial.templates import render
from netspatial.viz.city_map import Backdrop
from netspatial.viz.plan_map import Ring

WIDTH = 900


@dataclass(frozen=True)
class PlacedImage:
    """An image (data URI) with its corners in SVG units."""

    uri: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class MapMark:
    """A circle at a position in SVG units, with a title that a pointer shows."""

    x: float
    y: float
    colour: str
    title: str


@dataclass(frozen=True)
class MapFrame:
    """The window of a map: degrees to SVG units, x to the right and y down.

    bounds : west, south, east, north, degrees
    """

    bounds: Bounds
    width: int = WIDTH

    @property
    def height(self) -> float:
        """Height in SVG units."""
        west, south, east, north = self.bounds
        return self.width * (_mercator(north) - _mercator(south)) / math.radians(east - west)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the position of a place."""
        west, south, east, north = self.bounds
        up = (_mercator(lat) - _mercator(south)) / (_mercator(north) - _mercator(south))
        return self.width * (lon - west) / (east - west), self.height * (1 - up)

    def image(self, picture: Backdrop) -> PlacedImage:
        """Return the image of a city with its corners."""
        west, south, east, north = picture.bounds
        return PlacedImage(picture.uri, *self.at(west, north), *self.at(east, south))

    def mark(self, lon: float, lat: float, colour: str, title: str) -> MapMark:
        """Return a mark at a place."""
        return MapMark(*self.at(lon, lat), colour, title)

    def svg(
        self,
        label: str,
        *,
        image: PlacedImage | None = None,
        rings: Sequence[Ring] = (),
        marks: Sequence[MapMark] = (),
    ) -> Markup:
        """Return the map.

        label : its text alternative; rings : outlines of a surface, lon and lat
        """
        return render(
            "viz/svg_map.svg",
            frame=self,
            label=label,
            image=image,
            rings=[[self.at(lon, lat) for lon, lat in ring] for ring in rings],
            marks=marks,
        )


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))
