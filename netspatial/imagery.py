"""A city's satellite image: opened lazily and read by window, at any resolution, in any CRS.

Opening reads only the header, so a 10 GB file opens at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp, Interleaving, Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from netspatial.arrays import Mask
from netspatial.errors import BadInput, CannotWrite, reason
from netspatial.user_files.limits import COMMAND_LINE
from netspatial.user_files.raster import open_image

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top (west, south, east, north) in the units of the CRS."""


@dataclass(frozen=True)
class View:
    """A window of the image.

    Attributes
    ----------
    rgb : ndarray of uint8, (h, w, 3)
        Red, green, blue.
    valid : ndarray of bool, (h, w)
        False where the image has no data.
    bounds : tuple of float
        Left, bottom, right, top in `crs`.
    crs : pyproj.CRS
        Coordinate system of the window.
    """

    rgb: NDArray[np.uint8]
    valid: Mask
    bounds: Bounds
    crs: CRS


@dataclass(frozen=True)
class Imagery:
    """An RGB GeoTIFF on disk. Only its header is read until a view is requested.

    Attributes
    ----------
    path : Path
        The file.
    """

    path: Path

    @cached_property
    def _header(self) -> dict[str, Any]:
        with open_image(self.path, COMMAND_LINE) as image:
            return {
                "crs": image.crs,
                "bounds": tuple(image.bounds),
                "shape": (image.height, image.width),
                "bands": image.count,
                "dtypes": image.dtypes,
                "alpha": ColorInterp.alpha in image.colorinterp,
            }

    @property
    def crs(self) -> CRS:
        """The image's own CRS."""
        if self._header["crs"] is None:
            raise BadInput(
                f"{self.path.name} has no coordinate system; georeference it, for example with "
                "gdal_translate -a_srs and -a_ullr."
            )
        return CRS.from_user_input(self._header["crs"])

    @property
    def bounds(self) -> Bounds:
        """The image's bounds in its own CRS."""
        left, bottom, right, top = self._header["bounds"]
        return left, bottom, right, top

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns in pixels."""
        rows, columns = self._header["shape"]
        return rows, columns

    @property
    def lonlat_bounds(self) -> Bounds:
        """West, south, east, north of the image in degrees."""
        west, south, east, north = transform_bounds(self.crs, "EPSG:4326", *self.bounds)
        return west, south, east, north

    def problems(self) -> list[str]:
        """Return the problems of this file as a city's image; empty when there are none.

        Returns
        -------
        list of str
            One clause per problem.
        """
        found = []
        if self._header["crs"] is None:
            found.append(f"{self.path.name} has no coordinate system")
        if self._header["bands"] - self._header["alpha"] != 3:
            found.append(f"{self.path.name} has {self._header['bands']} bands instead of 3 (RGB)")
        if set(self._header["dtypes"]) != {"uint8"}:
            found.append(f"{self.path.name} holds {self._header['dtypes'][0]} instead of uint8")
        return found

    def cut_off(self) -> float:
        """Return the share of the image's blocks beyond the end of a truncated file.

        Returns
        -------
        float
            0 for a complete file.
        """
        size = self.path.stat().st_size
        with open_image(self.path, COMMAND_LINE) as image:
            bands = [1] if image.interleaving == Interleaving.pixel else image.indexes
            ends = [
                _block_end(image, band, row, column)
                for band in bands
                for (row, column), _ in image.block_windows(band)
            ]
        return sum(end > size for end in ends) / len(ends)

    def view(
        self,
        bounds: Bounds,
        crs: CRS,
        gsd_m: float | None = None,
        shape: tuple[int, int] | None = None,
    ) -> View:
        """Read the window `bounds` (in `crs`), resampled to `gsd_m` metres per pixel or to `shape`.

        Pixels outside the image or without data are black, with `valid` False. Reading
        coarser than the file averages and uses its overviews; finer interpolates.

        Parameters
        ----------
        bounds : tuple of float
            Left, bottom, right, top in `crs`.
        crs : pyproj.CRS
            Coordinate system of the window.
        gsd_m : float, optional
            Metres per pixel.
        shape : tuple of int, optional
            Rows and columns, in place of `gsd_m`.

        Returns
        -------
        View
            The pixels.

        Raises
        ------
        BadInput
            If the file is not a city's image, cannot be read there, or no resolution is given.
        """
        if self.problems():
            raise BadInput(f"{self.problems()[0]}, so it cannot be a city's image.")
        shape = shape or _shape(bounds, gsd_m)
        try:
            rgb, valid = self._read(bounds, crs, shape)
        except RasterioError as error:
            raise BadInput(f"{self.path.name} cannot be read there: {reason(error)}.") from error
        rgb[~valid] = 0
        return View(rgb=rgb, valid=valid, bounds=bounds, crs=crs)

    def _read(
        self, bounds: Bounds, crs: CRS, shape: tuple[int, int]
    ) -> tuple[NDArray[np.uint8], Mask]:
        rows, columns = shape
        coarser = self._is_coarser(rows, bounds[3] - bounds[1], crs)
        with (
            rasterio.open(self.path.absolute(), driver="GTiff") as image,
            WarpedVRT(
                image,
                crs=crs.to_wkt(),
                transform=from_bounds(*bounds, columns, rows),
                width=columns,
                height=rows,
                resampling=Resampling.average if coarser else Resampling.bilinear,
                add_alpha=image.nodata is None and image.count == 3,
            ) as warped,
        ):
            rgb = np.moveaxis(warped.read([1, 2, 3]), 0, -1)
            return rgb, warped.dataset_mask() > 0

    def _is_coarser(self, rows: int, height: float, crs: CRS) -> bool:
        _, south, _, north = transform_bounds(self.crs, crs, *self.bounds)
        return bool(height / rows > 1.2 * (north - south) / self.shape[0])


def _block_end(image: DatasetReader, band: int, row: int, column: int) -> int:
    """Return the file offset of a block's end; 0 where a sparse file has no such block."""
    offset, size = (
        image.get_tag_item(f"BLOCK_{what}_{column}_{row}", "TIFF", bidx=band)
        for what in ("OFFSET", "SIZE")
    )
    return int(offset) + int(size) if offset and size else 0


def _shape(bounds: Bounds, gsd_m: float | None) -> tuple[int, int]:
    """Return rows and columns of a window at `gsd_m` metres per pixel."""
    if gsd_m is None or not gsd_m > 0:
        raise BadInput("A view of the image needs a resolution: give gsd_m or shape.")
    left, bottom, right, top = bounds
    return max(1, round((top - bottom) / gsd_m)), max(1, round((right - left) / gsd_m))


@contextmanager
def whole_image(path: Path) -> Iterator[None]:
    """Write an image inside the block; raise unless all of it can be read back.

    On a full disk GDAL may raise no error and leave half a file.
    """
    try:
        yield
        with rasterio.open(path.absolute()) as image:
            for _, window in image.block_windows(1):
                image.read(window=window)
    except (RasterioError, CPLE_BaseError) as error:
        raise CannotWrite(
            f"The image was not written completely ({reason(error)}); make room on the disk and "
            "try again."
        ) from error
