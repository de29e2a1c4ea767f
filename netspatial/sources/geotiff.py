"""Imagery from a file: GeoTIFF, COG or VRT, cut to the area, three bands of uint8.

`--imagery scene.tif`. Colours of 8 bits stay as they are; deeper ones are stretched by a rule that
is stated in the city's notes. Read and written in blocks, so that a 50 GB mosaic costs no memory.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.errors import RasterioError, WindowError
from rasterio.io import DatasetReader
from rasterio.warp import transform_bounds
from rasterio.windows import Window, from_bounds

from netspatial.area import Area
from netspatial.arrays import Floats
from netspatial.errors import BadInput, reason
from netspatial.imagery import whole_image
from netspatial.progress import Progress
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, SourceSettings
from netspatial.sources.spec import Spec
from netspatial.user_files.limits import Limits
from netspatial.user_files.raster import open_image

BLOCK = 1024
CACHE_MB = 64
"""Cache of GDAL, MB; its default is a share of all memory."""
SAMPLE = 1024
"""Maximum pixels a side from which the stretch is computed."""

Bands = tuple[int, int, int]
Range = tuple[float, float]


@dataclass(frozen=True)
class GeoTiff:
    """An image on disk.

    bands   : which bands are red, green and blue, from 1
    stretch : percentiles that become black and white; None leaves uint8 as it is
    """

    path: Path
    bands: Bands
    stretch: Range | None
    licence: str
    attribution: tuple[str, ...]
    limits: Limits

    def estimate(self, area: Area) -> Estimate:
        """Number and size of the pixels in the area."""
        with _opened(self.path, self.limits) as image:
            window = self._window(image, area)
            return Estimate(
                f"{self.path.name}: {window.width:.0f} x {window.height:.0f} pixels",
                window.width * window.height * 3 * np.dtype(image.dtypes[0]).itemsize / 1e6,
            )

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Cut, stretch and write the image as a cloud-optimised GeoTIFF."""
        target = work / "imagery.tif"
        with _opened(self.path, self.limits) as image:
            window = self._window(image, area)
            limits, notes = self._limits(image, window)
            notes += _cover_notes(image, window, area)
            try:
                write_image(
                    _blocks(image, window, self.bands, limits, progress),
                    target,
                    {
                        "width": int(window.width),
                        "height": int(window.height),
                        "crs": image.crs,
                        "transform": image.window_transform(window),
                        "nodata": None if limits is None and _all_valid(image) else 0,
                    },
                )
            except RasterioError as error:
                raise BadInput(f"'{self.path.name}' cannot be read: {reason(error)}.") from error
        return Fetched(target, self.licence, self.attribution, tuple(notes))

    def _window(self, image: DatasetReader, area: Area) -> Window:
        if max(self.bands) > image.count:
            raise BadInput(
                f"'{self.path.name}' has {image.count} bands; the option bands=1,2,3 names those "
                "of red, green and blue."
            )
        return area_window(image, self.path.name, area, self.limits)

    def _limits(self, image: DatasetReader, window: Window) -> tuple[Floats | None, list[str]]:
        """Return the values of black and white in each band, (3, 2); None keeps uint8."""
        if self.stretch is None and image.dtypes[0] == "uint8":
            return None, []
        low, high = self.stretch or (2.0, 98.0)
        shape = (3, min(SAMPLE, int(window.height)), min(SAMPLE, int(window.width)))
        seen = image.read(
            self.bands, window=window, out_shape=shape, masked=True, resampling=Resampling.nearest
        )
        values = [band.compressed()[np.isfinite(band.compressed())] for band in seen]
        if not all(map(len, values)):
            raise BadInput(f"'{self.path.name}' has no data in the area.")
        limits = np.array([np.percentile(band, (low, high)) for band in values])
        ranges = "; ".join(f"{a:.6g} to {b:.6g}" for a, b in limits)
        return limits, [
            (
                f"{image.dtypes[0]} was stretched linearly to uint8 between percentiles {low:g} "
                f"and {high:g} of each band (red, green, blue: {ranges}); 0 marks no data."
            )
        ]


def build_geotiff(spec: Spec, settings: SourceSettings) -> GeoTiff:
    """Make the source `geotiff:PATH` with the options bands, stretch, licence, attribution."""
    options = spec.take(("bands", "stretch", "licence", "attribution"))
    stretch = options.get("stretch")
    return GeoTiff(
        path=spec.file(),
        bands=_bands(options.get("bands", "1,2,3")),
        stretch=None if stretch is None else _percentiles(stretch),
        licence=options.get("licence", NOT_STATED),
        attribution=tuple(filter(None, [options.get("attribution")])),
        limits=settings.limits,
    )


def area_window(image: DatasetReader, name: str, area: Area, limits: Limits) -> Window:
    """Return the whole pixels of an open image that show the area's bounds.

    name : name of the file for error messages
    """
    if image.crs is None:
        raise BadInput(
            f"'{name}' has no coordinate system; georeference it, for example with "
            "gdal_translate -a_srs and -a_ullr."
        )
    bounds = transform_bounds("EPSG:4326", image.crs, *area.bounds)
    whole = Window(0, 0, image.width, image.height)
    try:
        exact = from_bounds(*bounds, transform=image.transform)
        left, top = math.floor(exact.col_off), math.floor(exact.row_off)
        right = math.ceil(exact.col_off + exact.width)
        bottom = math.ceil(exact.row_off + exact.height)
        window = Window(left, top, right - left, bottom - top).intersection(whole)
    except WindowError as error:
        raise BadInput(f"'{name}' shows another place: it does not touch the area.") from error
    limits.check(
        "pixels",
        window.width * window.height,
        f"'{name}'",
        "pixels in the area",
        "give a smaller area or a coarser image",
    )
    return window


def parts_of(window: Window) -> list[tuple[Window, Window]]:
    """Cut a window into blocks of at most `BLOCK` pixels a side: (in the window, in the image)."""
    rows, columns = int(window.height), int(window.width)
    found = []
    for row in range(0, rows, BLOCK):
        for column in range(0, columns, BLOCK):
            there = Window(column, row, min(BLOCK, columns - column), min(BLOCK, rows - row))
            left, top = window.col_off + column, window.row_off + row
            found.append((there, Window(left, top, there.width, there.height)))
    return found


def write_image(
    blocks: Iterator[tuple[Window, NDArray[np.uint8]]], target: Path, profile: dict[str, object]
) -> None:
    """Write blocks (3, h, w) as an RGB uint8 cloud-optimised GeoTIFF with overviews."""
    draft = target.with_suffix(".draft.tif")
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), whole_image(target):
        with rasterio.open(
            draft,
            "w",
            driver="GTiff",
            dtype="uint8",
            count=3,
            photometric="RGB",
            tiled=True,
            blockxsize=256,
            blockysize=256,
            compress="deflate",
            bigtiff="if_safer",
            **profile,
        ) as written:
            for window, block in blocks:
                written.write(block, window=window)
        rasterio.shutil.copy(draft, target, driver="COG", compress="DEFLATE", bigtiff="IF_SAFER")
    draft.unlink()


def _blocks(
    image: DatasetReader,
    window: Window,
    bands: Bands,
    limits: Floats | None,
    progress: Progress,
) -> Iterator[tuple[Window, NDArray[np.uint8]]]:
    """Yield the window in blocks of at most `BLOCK` pixels a side, as uint8."""
    parts = parts_of(window)
    for done, (there, read) in enumerate(parts):
        pixels = image.read(bands, window=read, masked=True)
        yield there, _to_bytes(pixels, limits)
        progress("cutting the image", (done + 1) / len(parts))


def _to_bytes(
    pixels: "np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]",
    limits: Floats | None,
) -> NDArray[np.uint8]:
    """Stretch pixels (3, h, w) linearly to 1..255; pixels without data in a band become 0."""
    if limits is None:
        return np.asarray(pixels.filled(0), dtype=np.uint8)
    low, high = limits[:, 0, None, None], limits[:, 1, None, None]
    values = np.where(np.ma.getmaskarray(pixels), np.nan, pixels.data.astype(np.float64))
    share = (values - low) / np.maximum(high - low, np.finfo(float).tiny)
    seen = np.isfinite(share).all(axis=0)
    return np.where(seen, 1 + np.clip(share, 0, 1) * 254, 0).round().astype(np.uint8)


def _all_valid(image: DatasetReader) -> bool:
    return MaskFlags.all_valid in image.mask_flag_enums[0]


def _opened(path: Path, limits: Limits) -> DatasetReader:
    image = open_image(path, limits)
    if ColorInterp.palette in image.colorinterp:
        raise BadInput(
            f"'{path.name}' has a colour table; convert it with gdal_translate -expand rgb."
        )
    return image


def _cover_notes(image: DatasetReader, window: Window, area: Area) -> list[str]:
    """Return a note where the image covers only a part of the area."""
    exact = from_bounds(
        *transform_bounds("EPSG:4326", image.crs, *area.bounds), transform=image.transform
    )
    share = window.width * window.height / (exact.width * exact.height)
    return [f"The image covers {share:.0%} of the area."] if share < 0.98 else []


def _bands(text: str) -> Bands:
    words = text.split(",")
    if len(words) != 3 or not all(word.strip().isdigit() and int(word) > 0 for word in words):
        raise BadInput(f"The option bands is '{text}'; three numbers such as 3,2,1 would be right.")
    red, green, blue = map(int, words)
    return red, green, blue


def _percentiles(text: str) -> Range:
    try:
        low, high = map(float, text.split(","))
    except ValueError:
        low = high = math.nan
    if not 0 <= low < high <= 100:
        raise BadInput(f"The option stretch is '{text}'; percentiles such as 2,98 would be right.")
    return low, high
