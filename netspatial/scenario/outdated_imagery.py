"""The satellite image of a changed city: without data where it no longer shows what is there."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from rasterio.features import geometry_mask
from rasterio.transform import from_bounds
from shapely.geometry.base import BaseGeometry

from netspatial.imagery import Bounds, Imagery, View


@dataclass(frozen=True, kw_only=True)
class OutdatedImagery(Imagery):
    """An image whose pixels on changed ground have no data.

    Attributes
    ----------
    ground : shapely geometry
        The changed ground, in `ground_crs`.
    ground_crs : pyproj.CRS
        Its CRS.
    """

    ground: BaseGeometry
    ground_crs: CRS

    def view(
        self,
        bounds: Bounds,
        crs: CRS,
        gsd_m: float | None = None,
        shape: tuple[int, int] | None = None,
    ) -> View:
        """Read a window as `Imagery.view`; pixels on changed ground are black and not valid."""
        seen = super().view(bounds, crs, gsd_m, shape)
        ground = gpd.GeoSeries([self.ground], crs=self.ground_crs).to_crs(crs).iloc[0]
        if not ground.intersects(shapely.box(*bounds)):
            return seen
        rows, columns = seen.valid.shape
        gone = geometry_mask(
            [ground],
            out_shape=(rows, columns),
            transform=from_bounds(*bounds, columns, rows),
            invert=True,
        )
        rgb = np.where(gone[..., None], np.uint8(0), seen.rgb)
        return View(rgb=rgb, valid=seen.valid & ~gone, bounds=bounds, crs=crs)
