"""The image is read by window, at any resolution, in any CRS and for any file size."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from netspatial.errors import BadInput
from netspatial.imagery import Imagery
from netspatial.randomness import stream

UTM32 = CRS.from_epsg(32632)
LEFT, TOP, GSD = 500_000.0, 5_000_000.0, 10.0


def _write(path: Path, bands: np.ndarray, **profile: object) -> Imagery:
    settings = {"driver": "GTiff", "crs": "EPSG:32632", "dtype": bands.dtype, **profile}
    count, height, width = bands.shape
    with rasterio.open(
        path,
        "w",
        count=count,
        height=height,
        width=width,
        transform=from_origin(LEFT, TOP, GSD, GSD),
        **settings,
    ) as image:
        image.write(bands)
    return Imagery(path)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return stream(1, "pixels").integers(1, 255, (3, 60, 80), dtype=np.uint8)


@pytest.fixture(scope="module")
def imagery(tmp_path_factory, pixels) -> Imagery:
    return _write(tmp_path_factory.mktemp("image") / "imagery.tif", pixels)


@given(st.integers(0, 70), st.integers(0, 50), st.integers(1, 10), st.integers(1, 10))
@settings(max_examples=25)
def test_a_window_on_the_pixels_gives_the_pixels(imagery, pixels, column, row, width, height):
    left, top = LEFT + GSD * column, TOP - GSD * row
    bounds = (left, top - GSD * height, left + GSD * width, top)
    view = imagery.view(bounds, UTM32, gsd_m=GSD)
    expected = np.moveaxis(pixels[:, row : row + height, column : column + width], 0, -1)
    assert (view.rgb == expected).all()
    assert view.rgb.dtype == np.uint8
    assert view.valid.all()
    assert (view.bounds, view.crs) == (bounds, UTM32)


def test_coarser_is_the_mean(imagery, pixels):
    view = imagery.view(imagery.bounds, UTM32, gsd_m=2 * GSD)
    means = pixels.reshape(3, 30, 2, 40, 2).mean(axis=(2, 4))
    assert np.abs(np.moveaxis(view.rgb, -1, 0) - means).max() <= 1


def test_finer_stays_between_the_pixels(imagery, pixels):
    view = imagery.view(imagery.bounds, UTM32, gsd_m=GSD / 4)
    assert view.rgb.shape == (240, 320, 3)
    assert view.rgb.min() >= pixels.min()
    assert view.rgb.max() <= pixels.max()


def test_outside_the_image_nothing_is_valid(imagery):
    left, bottom, right, top = imagery.bounds
    view = imagery.view((left - 100, bottom, right, top + 100), UTM32, gsd_m=GSD)
    assert not view.valid[:10].any()
    assert not view.valid[:, :10].any()
    assert view.valid[10:, 10:].all()
    assert (view.rgb[~view.valid] == 0).all()
    assert not imagery.view((0, 0, 100, 100), UTM32, shape=(4, 4)).valid.any()


def test_no_data_is_not_valid(tmp_path, pixels):
    holed = pixels.copy()
    holed[:, :20] = 0
    imagery = _write(tmp_path / "holed.tif", holed, nodata=0)
    valid = imagery.view(imagery.bounds, UTM32, gsd_m=GSD).valid
    assert not valid[:20].any()
    assert valid[20:].all()


def test_an_alpha_band_defines_the_valid_pixels(tmp_path, pixels):
    alpha = np.full((1, 60, 80), 255, dtype=np.uint8)
    alpha[:, :, :30] = 0
    imagery = _write(
        tmp_path / "alpha.tif", np.concatenate([pixels, alpha]), photometric="RGB", alpha="YES"
    )
    assert imagery.problems() == []
    valid = imagery.view(imagery.bounds, UTM32, gsd_m=GSD).valid
    assert not valid[:, :30].any()
    assert valid[:, 30:].all()


def test_a_view_in_another_crs_shows_the_same_place(tmp_path):
    gradient = np.broadcast_to(np.arange(80, dtype=np.uint8) * 3, (3, 60, 80)).copy()
    imagery = _write(tmp_path / "gradient.tif", gradient)
    metric = imagery.bounds[0] + 200, imagery.bounds[1] + 200, imagery.bounds[2] - 200, TOP - 200
    degrees = transform_bounds(UTM32, "EPSG:4326", *metric)
    view = imagery.view(degrees, CRS.from_epsg(4326), shape=(20, 40))
    assert view.valid.all()
    expected = 3 * (20 + (np.arange(40) + 0.5) - 0.5)
    assert np.abs(view.rgb[10, :, 0] - expected).max() <= 3


def test_bounds_in_degrees_contain_the_image(imagery):
    west, south, east, north = imagery.lonlat_bounds
    assert 8.99 < west < east < 9.02
    assert 45.14 < south < north < 45.16


def test_a_window_of_a_huge_image_is_read(tmp_path):
    side, tile = 200_000, 512
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=3,
        dtype="uint8",
        crs="EPSG:32632",
        transform=from_origin(LEFT, TOP, 1, 1),
        tiled=True,
        blockxsize=tile,
        blockysize=tile,
        interleave="pixel",
        compress="deflate",
        BIGTIFF="YES",
        SPARSE_OK="TRUE",
    ) as image:
        bright = np.full((3, tile, tile), 200, dtype=np.uint8)
        image.write(bright, window=Window(100 * tile, 100 * tile, tile, tile))
    assert path.stat().st_size < 10_000_000
    imagery = Imagery(path)
    assert imagery.shape == (side, side)
    left, top = LEFT + 100 * tile, TOP - 100 * tile
    view = imagery.view((left, top - 200, left + 200, top), UTM32, gsd_m=1)
    assert (view.rgb == 200).all()


def test_nothing_is_read_before_it_is_used(tmp_path):
    Imagery(tmp_path / "not there.tif")


def test_problems_of_bands_type_and_crs_are_reported(tmp_path):
    grey = _write(tmp_path / "grey.tif", np.zeros((1, 4, 4), dtype=np.uint8))
    assert grey.problems() == ["grey.tif has 1 bands instead of 3 (RGB)"]
    deep = _write(tmp_path / "deep.tif", np.zeros((3, 4, 4), dtype=np.uint16))
    assert deep.problems() == ["deep.tif holds uint16 instead of uint8"]
    nowhere = _write(tmp_path / "nowhere.tif", np.zeros((3, 4, 4), dtype=np.uint8), crs=None)
    assert nowhere.problems() == ["nowhere.tif has no coordinate system"]
    for imagery in (grey, deep, nowhere):
        with pytest.raises(BadInput, match="cannot be a city's image"):
            imagery.view((0, 0, 1, 1), UTM32, shape=(1, 1))
