import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from netspatial.errors import BadInput
from netspatial.imagery import Imagery
from netspatial.simulate.canvas import Canvas
from netspatial.simulate.image import make_scene, render, render_window
from netspatial.simulate.light import cast_shadows
from netspatial.simulate.town import Use, make_town

SIZE_M = 1600.0


@pytest.fixture(scope="module")
def town():
    return make_town(7, "train", SIZE_M)


@pytest.fixture(scope="module")
def picture(town, tmp_path_factory):
    path = tmp_path_factory.mktemp("picture") / "imagery.tif"
    seen: list[float] = []
    render(town, 5.0, path, lambda _, share: seen.append(share))
    return path, seen


def test_the_picture_lies_where_the_town_lies(town, picture):
    path, _ = picture
    image = Imagery(path)
    assert image.problems() == []
    assert image.shape == (320, 320)
    assert image.crs == town.crs
    assert image.bounds == (town.left, town.bottom, town.left + SIZE_M, town.bottom + SIZE_M)


def test_the_picture_is_cloud_optimised_and_has_no_holes(picture):
    path, _ = picture
    with rasterio.open(path) as image:
        assert image.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert image.overviews(1) or max(image.shape) <= 512
        assert image.profile["tiled"]
        assert image.read().std() > 8


def test_progress_grows_to_one(town, tmp_path):
    seen: list[float] = []
    render(town, 2.0, tmp_path / "several_tiles.tif", lambda _, share: seen.append(share))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 2


def test_tiles_agree_for_any_tiling(town):
    scene = make_scene(town, 5.0)
    whole = render_window(scene, Window(40, 60, 150, 110))
    parts = [
        np.concatenate(
            [render_window(scene, Window(c, r, w, h)) for c, w in ((40, 83), (123, 67))], axis=2
        )
        for r, h in ((60, 47), (107, 63))
    ]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_two_processes_write_the_same_bytes(tmp_path):
    program = (
        "import sys; from pathlib import Path; from netspatial.simulate.image import render; "
        "from netspatial.simulate.town import make_town; "
        "render(make_town(3, 'unseen', 1000.0), 5.0, Path(sys.argv[1]))"
    )
    digests = []
    for number, threads in enumerate(("1", "2")):
        path = tmp_path / f"{number}.tif"
        setting = os.environ | {"OMP_NUM_THREADS": threads, "PYTHONHASHSEED": str(number)}
        subprocess.run([sys.executable, "-c", program, str(path)], check=True, env=setting)  # noqa: S603 our own program
        digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
    assert digests[0] == digests[1]


@pytest.mark.parametrize("gsd_m", [0.0, 0.5, 25.0, float("nan")])
def test_a_resolution_out_of_range_is_refused(town, tmp_path, gsd_m):
    with pytest.raises(BadInput, match="m per pixel"):
        render(town, gsd_m, tmp_path / "imagery.tif")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("gsd_m", [2.0, 10.0])
def test_other_resolutions_show_the_same_place(town, picture, gsd_m):
    path, _ = picture
    scene = make_scene(town, gsd_m)
    side = round(400 / gsd_m)
    other = render_window(scene, Window(side, side, side, side)).mean(axis=(1, 2))
    with rasterio.open(path) as image:
        same = image.read(window=Window(80, 80, 80, 80)).mean(axis=(1, 2))
    assert np.abs(other - same).max() < 6


def test_uses_look_different():
    town = make_town(7, "train", 3600.0)
    scene = make_scene(town, 10.0)
    rgb = render_window(scene, Window(0, 0, 360, 360)).astype(float)
    use = np.kron(town.use, np.ones((2, 2), dtype=np.uint8))
    greenness = rgb[1] - (rgb[0] + rgb[2]) / 2
    brightness = rgb.mean(axis=0)
    assert greenness[use == Use.PARK].mean() > greenness[use == Use.RESIDENTIAL].mean() + 2
    assert greenness[use == Use.RESIDENTIAL].mean() > greenness[use == Use.COMMERCIAL].mean()
    assert brightness[use == Use.INDUSTRIAL].mean() > brightness[use == Use.RESIDENTIAL].mean() + 5


def test_a_wall_casts_its_shadow_away_from_the_sun(town):
    ticks = np.arange(100) * 2.5 + 1.25
    look = make_scene(town, 5.0).look | {"sun_azimuth": 180.0, "sun_elevation": 45.0}
    canvas = Canvas(town, look, ticks, ticks[::-1], 2.5)
    canvas.rgb[:] = 100.0
    canvas.height.reshape(100, 100)[49:52, 20:80] = 20.0
    cast_shadows(canvas)
    light = canvas.rgb[1].reshape(100, 100)
    assert (light[43:48, 30:70] < 60).all()
    assert (light[54:60, 30:70] == 100).all()
    assert (light[30:38, 30:70] == 100).all()
