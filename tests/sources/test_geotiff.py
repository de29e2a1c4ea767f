"""Images of any depth, band order and size become 8-bit RGB over the area, with a note."""

import os
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.imagery import Imagery
from netspatial.progress import silent
from netspatial.sources import open_source
from netspatial.sources.build import Order, build_city
from netspatial.sources.contract import SourceSettings

AREA = Area.from_bounds(9.001, 45.001, 9.009, 45.009)


def write(path, pixels, crs="EPSG:4326", nodata=None):
    bands, rows, columns = pixels.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=bands,
        dtype=pixels.dtype,
        crs=crs,
        transform=from_origin(9.0, 45.01, 0.01 / columns, 0.01 / rows),
        nodata=nodata,
    ) as image:
        image.write(pixels)
    return path


def load(path, options=""):
    _, source = open_source("imagery", f"{path}#{options}", SourceSettings())
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    return source.fetch(AREA, work, silent)


def test_bytes_stay_bytes_and_bands_are_chosen(tmp_path):
    pixels = np.random.default_rng(1).integers(1, 256, (4, 100, 100), dtype=np.uint8)
    fetched = load(write(tmp_path / "i.tif", pixels), "bands=3,2,1")
    with rasterio.open(fetched.data) as image:
        np.testing.assert_array_equal(image.read(), pixels[[2, 1, 0], 10:90, 10:90])
    assert Imagery(fetched.data).problems() == []


def test_sixteen_bits_are_stretched_in_order_and_nodata_stays_black(tmp_path):
    ramp = np.linspace(100, 9000, 10_000).reshape(100, 100).astype(np.uint16)
    pixels = np.stack([ramp, ramp, ramp])
    pixels[:, 40:45] = 65535
    pixels[0, 60, 60] = 65535  # a pixel without data in one band has no colour
    fetched = load(write(tmp_path / "i.tif", pixels, nodata=65535), "stretch=0,100")
    with rasterio.open(fetched.data) as image:
        colours = image.read()
        red = colours[0].astype(int)
        valid = image.dataset_mask() > 0
    assert not valid[30:35].any()
    assert not colours[:, 50, 50].any()
    assert (red[~valid] == 0).all()
    seen = red[valid]
    assert seen.min() == 1
    assert seen.max() == 255
    order = np.argsort(ramp[10:90, 10:90][valid])
    assert (np.diff(seen[order]) >= 0).all()
    assert "percentiles 0 and 100" in fetched.notes[0]


@pytest.mark.parametrize(
    ("pixels", "crs", "options", "sentence"),
    [
        (np.ones((1, 9, 9), np.uint8), "EPSG:4326", "", "has 1 bands"),
        (np.ones((3, 9, 9), np.uint8), None, "", "no coordinate system"),
        (np.ones((3, 9, 9), np.uint8), "EPSG:32632", "", "another place"),
        (np.full((3, 9, 9), np.nan, np.float32), "EPSG:4326", "", "no data in the area"),
        (np.ones((3, 9, 9), np.uint8), "EPSG:4326", "bands=1,2", "three numbers"),
        (np.ones((3, 9, 9), np.uint8), "EPSG:4326", "stretch=98,2", "percentiles"),
        (np.ones((3, 9, 9), np.uint8), "EPSG:4326", "zoom=3", "no option 'zoom'"),
    ],
)
def test_a_wrong_image_is_refused(tmp_path, pixels, crs, options, sentence):
    path = write(tmp_path / "i.tif", pixels, crs)
    with pytest.raises(BadInput, match=sentence):
        load(path, options)


GHENT = (
    Path(os.environ.get("NETSPATIAL_REAL_DATA") or Path(__file__).parents[3] / "shared" / "data")
    / "ghent"
)


@pytest.mark.skipif(not GHENT.is_dir(), reason="the real data of Ghent are not next to the project")
def test_the_sentinel_2_scene_of_ghent_becomes_a_city_with_its_parks(tmp_path):
    order = Order(
        "Ghent",
        Area.from_bounds(3.68, 51.03, 3.76, 51.08),
        SourceSettings("Europe/Brussels"),
        {
            "imagery": [
                f"{GHENT / 'sentinel2_true_color_2020-09-17.tif'}#attribution=Copernicus Sentinel-2"
            ],
            "landuse": [f"{GHENT / 'parks.geojson'}#use=park&licence=CC-BY-4.0"],
        },
    )
    city = build_city(order, tmp_path / "ghent")
    assert city.validate() == []
    with rasterio.open(city.path("imagery")) as image:
        rgb = image.read()
        assert image.dtypes == ("uint8",) * 3
    assert rgb.std() > 20
    notes = city.record.parameters["sources"][0]["notes"]
    assert "uint16 was stretched linearly" in notes[0]
    assert len(city.landuse) > 50
    view = city.imagery.view((549_000, 5_654_500, 552_000, 5_657_500), city.crs, gsd_m=50)
    assert view.valid.all()
