"""Input ablation: copies of a city with fewer POIs or with half of its image missing.

Used by `netspatial bench context`.
"""

import shutil
from pathlib import Path

import numpy as np
import rasterio

from netspatial.city.city import City, write_city
from netspatial.randomness import stream


def with_fewer_pois(city: City, folder: Path, share_lost: float, seed: int = 0) -> City:
    """Return a copy of a city without a random `share_lost` of its POIs."""
    kept = stream(seed, "thin", city.name).random(len(city.pois)) >= share_lost
    with write_city(folder, city.record) as draft:
        shutil.copy(city.path("imagery"), draft.imagery_path)
        draft.write_pois(city.pois[kept])
        draft.write_stations(city.stations)
    return City.open(folder)


def with_half_an_image(city: City, folder: Path) -> City:
    """Return a copy of a city whose image has no data in its western half."""
    with rasterio.open(city.path("imagery")) as image:
        rgb, transform, crs = np.maximum(image.read(), 1), image.transform, image.crs
    bands, rows, columns = rgb.shape
    rgb[:, :, : columns // 2] = 0
    with write_city(folder, city.record) as draft:
        with rasterio.open(
            draft.imagery_path,
            "w",
            driver="GTiff",
            width=columns,
            height=rows,
            count=bands,
            dtype="uint8",
            crs=crs,
            transform=transform,
            nodata=0,
            photometric="RGB",
            tiled=True,
        ) as image:
            image.write(rgb)
        draft.write_pois(city.pois)
        draft.write_stations(city.stations)
    return City.open(folder)
