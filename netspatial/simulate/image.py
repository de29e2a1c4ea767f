"""The satellite-like picture of a town, rendered tile by tile into a cloud-optimised GeoTIFF.

Paints the ground, the quarters and the ways of each tile on a canvas about 2.5 m fine, casts the
shadows, averages down to the given resolution and applies haze, blur and sensor noise.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.windows import Window

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.imagery import whole_image
from netspatial.progress import Progress, silent
from netspatial.simulate.buildings import Masonry, make_masonry, paint_buildings
from netspatial.simulate.canvas import Canvas
from netspatial.simulate.ground import Flora, make_flora, paint_ground
from netspatial.simulate.light import SHADOW_REACH_M, cast_shadows, expose
from netspatial.simulate.parameters import draw
from netspatial.simulate.town import Town
from netspatial.simulate.ways import Ways, make_ways, paint_ways

CANVAS_M = 2.5
TILE_PX = 384
BLOCK_PX = 512
THREADS = 2
BLUR_PX = 6


@dataclass(frozen=True)
class Scene:
    """Everything that all tiles of one picture share."""

    town: Town
    look: dict[str, float]
    gsd_m: float
    flora: Flora
    masonry: Masonry
    ways: Ways

    @property
    def side_px(self) -> int:
        """Pixels along one side of the picture."""
        return round(self.town.size_m / self.gsd_m)


def make_scene(town: Town, gsd_m: float) -> Scene:
    """Draw the image parameters and prepare what the painters share."""
    if not 1.0 <= gsd_m <= 20.0:
        raise BadInput(f"The image's resolution is {gsd_m} m per pixel; 1 to 20 m would be right.")
    look = draw(town.seed, town.family, "image")
    return Scene(
        town=town,
        look=look,
        gsd_m=gsd_m,
        flora=make_flora(town, look),
        masonry=make_masonry(look),
        ways=make_ways(town),
    )


def render(town: Town, gsd_m: float, path: Path, progress: Progress = silent) -> None:
    """Write the town's picture, `gsd_m` metres per pixel, as an RGB uint8 cloud-optimised GeoTIFF.

    progress : called with the share that is done, 0 to 1
    """
    scene = make_scene(town, gsd_m)
    side = scene.side_px
    top = town.bottom + town.size_m
    profile = {
        "width": side,
        "height": side,
        "count": 3,
        "dtype": "uint8",
        "crs": town.crs.to_wkt(),
        "transform": Affine(gsd_m, 0.0, town.left, 0.0, -gsd_m, top),
    }
    windows = list(_windows(side))
    with atomic_file(path) as draft:
        strips = draft.with_name(draft.name + ".strips")
        try:
            with (
                whole_image(strips),
                rasterio.open(
                    strips,
                    "w",
                    driver="GTiff",
                    tiled=True,
                    blockxsize=BLOCK_PX,
                    blockysize=BLOCK_PX,
                    bigtiff="IF_SAFER",
                    **profile,
                ) as image,
                ThreadPoolExecutor(THREADS) as pool,
            ):
                for done, (window, rgb) in enumerate(
                    zip(windows, _ahead(pool, scene, windows), strict=True), start=1
                ):
                    image.write(rgb, window=window)
                    progress("painting the image", 0.95 * done / len(windows))
            with whole_image(draft):
                rasterio.shutil.copy(
                    strips,
                    draft,
                    driver="COG",
                    compress="JPEG",
                    quality=92,
                    blocksize=BLOCK_PX,
                    overview_resampling="average",
                    overview_compress="JPEG",
                    num_threads=1,
                )
        finally:
            strips.unlink(missing_ok=True)
    progress("painting the image", 1.0)


def render_window(scene: Scene, window: Window) -> NDArray[np.uint8]:
    """Paint the window (pixels from the north-west corner) of the picture, (3, rows, columns)."""
    fine = max(1, round(scene.gsd_m / CANVAS_M))
    left, right, above, below = _margins(scene)
    first_row, first_column = window.row_off - above, window.col_off - left
    rows, columns = window.height + above + below, window.width + left + right
    cell = scene.gsd_m / fine
    x = (first_column * fine + np.arange(columns * fine) + 0.5) * cell
    y = scene.town.size_m - (first_row * fine + np.arange(rows * fine) + 0.5) * cell
    canvas = Canvas(scene.town, scene.look, x, y, cell)
    dry = paint_ground(canvas, scene.flora)
    paint_buildings(canvas, scene.flora, scene.masonry, dry)
    paint_ways(canvas, scene.flora, scene.ways, dry)
    cast_shadows(canvas)
    parts = canvas.rgb.reshape(3, rows, fine, columns, fine)
    coarse = np.zeros((3, rows, columns), dtype=np.float32)
    for i in range(fine):
        for j in range(fine):
            coarse += parts[:, :, i, :, j] * np.float32(1 / fine**2)
    x_coarse = (first_column + np.arange(columns) + 0.5) * scene.gsd_m
    y_coarse = scene.town.size_m - (first_row + np.arange(rows) + 0.5) * scene.gsd_m
    grey_levels = expose(
        coarse, scene.town.seed, scene.look, x_coarse, y_coarse, scene.gsd_m, scene.town.size_m
    )
    return grey_levels[:, above : above + window.height, left : left + window.width]


def _margins(scene: Scene) -> tuple[int, int, int, int]:
    """Pixels to paint beyond a window (left, right, above, below), most of them sunwards."""
    azimuth = np.deg2rad(scene.look["sun_azimuth"])
    reach = SHADOW_REACH_M / scene.gsd_m
    east, north = reach * np.sin(azimuth), reach * np.cos(azimuth)
    sides = (max(-east, 0.0), max(east, 0.0), max(north, 0.0), max(-north, 0.0))
    left, right, above, below = (int(np.ceil(side)) + BLUR_PX for side in sides)
    return left, right, above, below


def _windows(side: int) -> Iterator[Window]:
    for row in range(0, side, TILE_PX):
        for column in range(0, side, TILE_PX):
            yield Window(column, row, min(TILE_PX, side - column), min(TILE_PX, side - row))


def _ahead(
    pool: ThreadPoolExecutor, scene: Scene, windows: list[Window]
) -> Iterator[NDArray[np.uint8]]:
    """Render in order, a few windows ahead of the writer, so that memory stays flat."""
    waiting = []
    for window in windows:
        waiting.append(pool.submit(render_window, scene, window))
        if len(waiting) > THREADS:
            yield waiting.pop(0).result()
    for late in waiting:
        yield late.result()
