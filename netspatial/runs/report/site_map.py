"""The map of a report: cells coloured by utility over the image, selected sites numbered.

One SVG in the city's metric CRS. The cells are an image with one pixel each, so that 100,000 of
them take no more space than the image below them.
"""

import base64
import io
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from netspatial.arrays import Floats
from netspatial.grid import project
from netspatial.plan.explain.rationale_text import metres, number
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.report.week_chart import round_tick
from netspatial.templates import render

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


@dataclass(frozen=True)
class Picture:
    """An image (data URI) with its upper left corner and its size in SVG units."""

    uri: str
    x: float
    y: float
    width: float
    height: float


def draw_map(run: PlanRun, image_px: int = WIDTH) -> Markup:
    """Return the map as SVG. image_px : width of the city's image on it, pixels."""
    cells, side = run.cells, run.request.cell_m
    reach = MARGIN * max(np.ptp(cells["x"]), np.ptp(cells["y"]), side) + side / 2
    frame = Frame(
        cells["x"].min() - reach,
        cells["y"].min() - reach,
        cells["x"].max() + reach,
        cells["y"].max() + reach,
    )
    length = round_tick((frame.right - frame.left) / 3)
    return render(
        "runs/report/site_map.svg",
        width=WIDTH,
        height=frame.height,
        ground=_ground(run, frame, image_px),
        cells=_cells(run, frame),
        outline=_outline(run, frame),
        stations=_stations(run, frame),
        sites=_sites(run, frame),
        scale_bar={"px": frame.x(frame.left + length), "length": metres(length)},
    )


def draw_legend(run: PlanRun) -> Markup:
    """Return the HTML of the map's legend."""
    colours = _colours(run)
    return render(
        "runs/report/map_legend.html",
        utility=run.metadata["utility"],
        low=number(colours.low),
        high=number(colours.high),
        gradient=",".join("rgb({:.0f},{:.0f},{:.0f})".format(*stop) for stop in RAMP),
    )


def _colours(run: PlanRun) -> Colours:
    """Return the scale over the middle 96 % of the utility of the feasible cells."""
    cells = run.cells
    shown = cells.loc[cells["feasible"] != "no", "utility_mean"].to_numpy(dtype=float)
    low, high = np.quantile(shown, [0.02, 0.98])
    return Colours(float(low), float(high if high > low else low + 1))


def _ground(run: PlanRun, frame: Frame, image_px: int) -> Picture | None:
    if not run.city.has("imagery"):
        return None
    bounds = (frame.left, frame.bottom, frame.right, frame.top)
    shape = max(1, round(image_px * frame.height / WIDTH)), image_px
    view = run.city.imagery.view(bounds, run.city.crs, shape=shape)
    # greyed and lightened, so that the colours on it are not distorted
    grey = view.rgb.mean(axis=-1, keepdims=True)
    pale = np.where(view.valid[..., None], 95 + 0.6 * (0.35 * view.rgb + 0.65 * grey), 232)
    uri = _data_uri(Image.fromarray(pale.astype(np.uint8)), "JPEG")
    return Picture(uri, 0, 0, WIDTH, frame.height)


def _cells(run: PlanRun, frame: Frame) -> Picture:
    cells, side = run.cells, run.request.cell_m
    column = np.rint(cells["x"].to_numpy() / side - 0.5).astype(int)
    row = np.rint(cells["y"].to_numpy() / side - 0.5).astype(int)
    paint = np.empty((len(cells), 4), dtype=np.uint8)
    paint[:, :3] = _colours(run).of(cells["utility_mean"].to_numpy(dtype=float))
    paint[:, 3] = np.where(cells["status"] == "below minimum demand", FAINT, STRONG)
    paint[(cells["feasible"] == "no").to_numpy()] = CLOSED
    image = np.zeros((row.max() - row.min() + 1, column.max() - column.min() + 1, 4), np.uint8)
    image[row.max() - row, column - column.min()] = paint
    left, top = frame.x(column.min() * side), frame.y((row.max() + 1) * side)
    right, bottom = frame.x((column.max() + 1) * side), frame.y(row.min() * side)
    uri = _data_uri(Image.fromarray(image), "PNG")
    return Picture(uri, left, top, right - left, bottom - top)


def _data_uri(image: Image.Image, kind: str) -> str:
    packed = io.BytesIO()
    image.save(packed, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(packed.getvalue()).decode()}"


def _outline(run: PlanRun, frame: Frame) -> str:
    """Return the outline of the requested area as an SVG path."""
    rings = [
        ring
        for part in shapely.get_parts(project(run.request.open_area(), run.city.crs))
        for ring in (part.exterior, *part.interiors)
    ]
    return "".join(
        "M" + "L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in ring.coords) + "z"
        for ring in rings
    )


def _stations(run: PlanRun, frame: Frame) -> list[tuple[float, float]]:
    """Return the positions of the existing stations inside the map."""
    if not run.city.has("stations"):
        return []
    points = run.city.stations.to_crs(run.city.crs).geometry
    inside = points.x.between(frame.left, frame.right) & points.y.between(frame.bottom, frame.top)
    return [(frame.x(point.x), frame.y(point.y)) for point in points[inside]]


def _sites(run: PlanRun, frame: Frame) -> list[tuple[float, float, int]]:
    """Return position and rank of the selected sites; the best is last, drawn on top."""
    x, y, rank = (run.sites[name] for name in ("x", "y", "rank"))
    rows = zip(x, y, rank, strict=True)
    return [(frame.x(float(a)), frame.y(float(b)), int(c)) for a, b, c in rows][::-1]
