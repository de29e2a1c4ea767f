"""The map of a report: cells coloured by utility over the image, selected sites numbered.

One SVG in the city's metric CRS. The cells are an image with one pixel each, so that 100,000 of
them take no more space than the image below them.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image

from netspatial.arrays import Floats
from netspatial.grid import project
from netspatial.plan.explain.rationale_text import metres, number
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.report.week_chart import round_tick

WIDTH = 900
MARGIN = 0.06
RAMP = np.array(
    [(13, 8, 135), (126, 3, 168), (204, 71, 120), (248, 149, 64), (240, 249, 33)], dtype=float
)
"""Five stops from low to high with increasing lightness, readable in grey and if colour-blind."""
STRONG, FAINT = 185, 70
"""Opacity, of 255, of candidates and of cells below the minimum demand."""
CLOSED = (120, 120, 120, 90)
"""Colour of cells that are not feasible."""


@dataclass(frozen=True)
class Frame:
    """The window of the map: metres to SVG units."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> int:
        """Height in SVG units."""
        return max(200, round(WIDTH * (self.top - self.bottom) / (self.right - self.left)))

    def x(self, metres_east: float) -> float:
        """Return the horizontal position of an easting."""
        return WIDTH * (metres_east - self.left) / (self.right - self.left)

    def y(self, metres_north: float) -> float:
        """Return the vertical position of a northing, downwards."""
        return self.height * (self.top - metres_north) / (self.top - self.bottom)


@dataclass(frozen=True)
class Colours:
    """A linear colour scale from `low` to `high`; values beyond are clipped."""

    low: float
    high: float

    def of(self, values: Floats) -> NDArray[np.uint8]:
        """Return (n, 3) red, green, blue."""
        share = np.clip((values - self.low) / (self.high - self.low), 0, 1)
        stops = np.linspace(0, 1, len(RAMP))
        bands = [np.interp(share, stops, RAMP[:, band]) for band in range(3)]
        rgb: NDArray[np.uint8] = np.rint(np.stack(bands, axis=-1)).astype(np.uint8)
        return rgb


def draw_map(run: PlanRun) -> str:
    """Return the map as SVG with its legend."""
    cells, side = run.cells, run.request.cell_m
    reach = MARGIN * max(np.ptp(cells["x"]), np.ptp(cells["y"]), side) + side / 2
    frame = Frame(
        cells["x"].min() - reach,
        cells["y"].min() - reach,
        cells["x"].max() + reach,
        cells["y"].max() + reach,
    )
    shown = cells.loc[cells["feasible"] != "no", "utility_mean"].to_numpy(dtype=float)
    low, high = np.quantile(shown, [0.02, 0.98])
    colours = Colours(float(low), float(high if high > low else low + 1))
    layers = [
        _ground(run, frame),
        _cells(run, frame, colours),
        _outline(run, frame),
        _stations(run, frame),
        _sites(run, frame),
        _scale_bar(frame),
    ]
    return (
        f"<svg class='map' viewBox='0 0 {WIDTH} {frame.height}' role='img' "
        "aria-label='Map of the cells and the selected sites'>"
        f"{''.join(layers)}</svg>{_legend(run, colours)}"
    )


def _ground(run: PlanRun, frame: Frame) -> str:
    if not run.city.has("imagery"):
        return f"<rect width='{WIDTH}' height='{frame.height}' fill='#e8e8e4'/>"
    bounds = (frame.left, frame.bottom, frame.right, frame.top)
    view = run.city.imagery.view(bounds, run.city.crs, shape=(frame.height, WIDTH))
    # greyed and lightened, so that the colours on it are not distorted
    grey = view.rgb.mean(axis=-1, keepdims=True)
    pale = np.where(view.valid[..., None], 95 + 0.6 * (0.35 * view.rgb + 0.65 * grey), 232)
    return _picture(Image.fromarray(pale.astype(np.uint8)), "JPEG", 0, 0, WIDTH, frame.height)


def _cells(run: PlanRun, frame: Frame, colours: Colours) -> str:
    cells, side = run.cells, run.request.cell_m
    column = np.rint(cells["x"].to_numpy() / side - 0.5).astype(int)
    row = np.rint(cells["y"].to_numpy() / side - 0.5).astype(int)
    paint = np.empty((len(cells), 4), dtype=np.uint8)
    paint[:, :3] = colours.of(cells["utility_mean"].to_numpy(dtype=float))
    paint[:, 3] = np.where(cells["status"] == "below minimum demand", FAINT, STRONG)
    paint[(cells["feasible"] == "no").to_numpy()] = CLOSED
    image = np.zeros((row.max() - row.min() + 1, column.max() - column.min() + 1, 4), np.uint8)
    image[row.max() - row, column - column.min()] = paint
    left, top = frame.x(column.min() * side), frame.y((row.max() + 1) * side)
    right, bottom = frame.x((column.max() + 1) * side), frame.y(row.min() * side)
    return _picture(Image.fromarray(image), "PNG", left, top, right - left, bottom - top)


def _picture(image: Image.Image, kind: str, x: float, y: float, width: float, height: float) -> str:
    packed = io.BytesIO()
    image.save(packed, kind)
    text = base64.b64encode(packed.getvalue()).decode()
    return (
        f"<image x='{x:.2f}' y='{y:.2f}' width='{width:.2f}' height='{height:.2f}' "
        "preserveAspectRatio='none' style='image-rendering:pixelated' "
        f"href='data:image/{kind.lower()};base64,{text}'/>"
    )


def _outline(run: PlanRun, frame: Frame) -> str:
    """Return the outline of the requested area."""
    rings = [
        ring
        for part in shapely.get_parts(project(run.request.open_area(), run.city.crs))
        for ring in (part.exterior, *part.interiors)
    ]
    paths = (
        "M" + "L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in ring.coords) + "z"
        for ring in rings
    )
    return f"<path class='area' d='{''.join(paths)}'/>"


def _stations(run: PlanRun, frame: Frame) -> str:
    if not run.city.has("stations"):
        return ""
    points = run.city.stations.to_crs(run.city.crs).geometry
    inside = points.x.between(frame.left, frame.right) & points.y.between(frame.bottom, frame.top)
    return "".join(
        f"<path class='station' d='M{frame.x(point.x):.1f} {frame.y(point.y) - 5:.1f}l5 9h-10z'/>"
        for point in points[inside]
    )


def _sites(run: PlanRun, frame: Frame) -> str:
    return "".join(
        f"<g class='chosen'><circle cx='{frame.x(x):.1f}' cy='{frame.y(y):.1f}' r='12'/>"
        f"<text x='{frame.x(x):.1f}' y='{frame.y(y) + 4.5:.1f}' text-anchor='middle'>{rank}</text>"
        "</g>"
        for x, y, rank in _rows(run, ("x", "y", "rank"))[::-1]
    )


def _rows(run: PlanRun, names: Sequence[str]) -> list[tuple[float, float, int]]:
    x, y, rank = (run.sites[name] for name in names)
    return [(float(a), float(b), int(c)) for a, b, c in zip(x, y, rank, strict=True)]


def _scale_bar(frame: Frame) -> str:
    length = round_tick((frame.right - frame.left) / 3)
    width, base = frame.x(frame.left + length), frame.height - 14
    return (
        f"<g class='scale'><path d='M14 {base - 5}v5h{width:.1f}v-5'/>"
        f"<text x='{14 + width / 2:.1f}' y='{base - 7}' text-anchor='middle'>{metres(length)}"
        f"</text><path d='M{WIDTH - 22} {base - 22}l7 20l-7-5l-7 5z' class='north'/>"
        f"<text x='{WIDTH - 22}' y='{base - 26}' text-anchor='middle'>N</text></g>"
    )


def _legend(run: PlanRun, colours: Colours) -> str:
    utility = run.metadata["utility"]
    stops = ",".join("rgb({:.0f},{:.0f},{:.0f})".format(*stop) for stop in RAMP)
    return (
        "<div class='legend'>"
        f"<span>{escape(utility['title'])}, {escape(utility['unit'] or 'no unit')}</span>"
        f"<span>{number(colours.low)}<i class='ramp' style='background:linear-gradient(90deg,"
        f"{stops})'></i>{number(colours.high)}</span>"
        "<span><i class='swatch faint'></i>below the minimum demand (paler)</span>"
        "<span><i class='swatch closed'></i>not feasible</span>"
        "<span><svg class='key' viewBox='0 0 12 12'><path class='station' d='M6 1l5 9h-10z'/></svg>"
        "existing station</span>"
        "<span><i class='pin'>1</i>selected site</span></div>"
    )
