"""True-colour imagery from a STAC catalogue with tiny COGs, read by the real clients."""

import json

import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.imagery import Imagery
from netspatial.progress import silent
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.sources.net import CannotFetch, Net
from tests.sources.server import Answer, serving

# odc-geo 0.5 still calls what shapely 2.2 has given a new name
pytestmark = pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")

LEFT, TOP, SIDE = 514_000.0, 5_036_000.0, 3000.0
SCENE = transform_bounds("EPSG:32632", "EPSG:4326", LEFT, TOP - SIDE, LEFT + SIDE, TOP)
AREA = Area.from_bounds(SCENE[0] + 0.008, SCENE[1] + 0.008, SCENE[2] - 0.008, SCENE[3] - 0.008)
LEVELS = {"red": 1500, "green": 900, "blue": 300}
"""Digital numbers of each band: reflectances 0.15, 0.09, 0.03."""


def cog(level):
    pixels = np.full((1, 300, 300), level, dtype=np.uint16)
    with MemoryFile() as file:
        with file.open(
            driver="COG",
            width=300,
            height=300,
            count=1,
            dtype="uint16",
            crs="EPSG:32632",
            transform=from_origin(LEFT, TOP, 10, 10),
            nodata=0,
        ) as image:
            image.write(pixels)
        return file.read()


def scene(name, day, cloud, address, shift=0, bounds=SCENE, **properties):
    west, south, east, north = bounds
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "collection": "sentinel-2-l2a",
        "stac_extensions": [],
        "bbox": list(bounds),
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": f"{day}T10:30:00Z", "eo:cloud_cover": cloud} | properties,
        "links": [],
        "assets": {
            band: {
                "href": f"{address}/cog/{level + shift}.tif",
                "roles": ["data"],
                "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            }
            for band, level in LEVELS.items()
        },
    }


class Catalogue:
    """Answers of a STAC API over some scenes."""

    def __init__(self, scenes):
        self.scenes, self.sent, self.address = scenes, [], ""

    def __call__(self, path, sent):
        if path.startswith("/cog/"):
            return Answer(cog(int(path[5:].partition(".")[0])), kind="image/tiff")
        if path.startswith("/search"):
            self.sent.append(json.loads(sent))
            found = [make(self.address) for make in self.scenes]
            return self._json({"type": "FeatureCollection", "features": found, "links": []})
        rules = ["core", "item-search", "item-search#query"]
        return self._json(
            {
                "type": "Catalog",
                "id": "tests",
                "stac_version": "1.0.0",
                "description": "tests",
                "conformsTo": [f"https://api.stacspec.org/v1.0.0/{rule}" for rule in rules],
                "links": [
                    {"rel": "self", "href": self.address, "type": "application/json"},
                    {"rel": "root", "href": self.address, "type": "application/json"},
                    {
                        "rel": "search",
                        "href": f"{self.address}/search",
                        "method": "POST",
                        "type": "application/geo+json",
                    },
                ],
            }
        )

    @staticmethod
    def _json(content):
        return Answer(json.dumps(content).encode(), kind="application/json")


def fetch(catalogue, folder, options="", **other):
    net = Net(**({"consent": True, "private": True, "tries": 2, "pause_s": 0.0} | other))
    with serving(catalogue) as server:
        if isinstance(catalogue, Catalogue):
            catalogue.address = server.address
        where = f"sentinel2:2024-05-01/2024-09-30#catalogue={server.address}{options}"
        _, source = open_source("imagery", where, SourceSettings(net=net))
        assert source.estimate(AREA).from_net
        return source.fetch(AREA, folder, silent)


def colours(path):
    with rasterio.open(path) as image:
        middle = image.read(window=((40, 60), (40, 60)))
        return tuple(int(band.mean()) for band in middle)


TRUE = tuple(round(1 + 254 * level / 3000) for level in LEVELS.values())


def test_the_least_cloudy_day_becomes_true_colour(tmp_path):
    catalogue = Catalogue(
        [
            lambda a: scene("cloudy", "2024-06-01", 25, a, shift=900),
            lambda a: scene("clear", "2024-07-01", 2, a),
        ]
    )
    fetched = fetch(catalogue, tmp_path)
    assert colours(fetched.data) == TRUE
    image = Imagery(fetched.data)
    assert image.problems() == []
    assert image.crs.to_epsg() == 32632
    west, south, east, north = AREA.bounds
    shown = image.lonlat_bounds
    assert shown[0] <= west
    assert shown[1] <= south
    assert shown[2] >= east
    assert shown[3] >= north
    assert "2024-07-01, 2 % cloud: clear" in fetched.notes[0]
    assert fetched.attribution == ("Contains modified Copernicus Sentinel data 2024",)
    assert catalogue.sent[0]["query"] == {"eo:cloud_cover": {"lte": 30.0}}
    assert catalogue.sent[0]["datetime"].startswith("2024-05-01")


def test_a_day_that_covers_all_is_preferred_to_a_clearer_one_that_covers_half(tmp_path):
    west, south, east, north = SCENE
    half = (west, south, (west + east) / 2, north)
    catalogue = Catalogue(
        [
            lambda a: scene("whole", "2024-06-01", 9, a),
            lambda a: scene("half", "2024-07-01", 0, a, bounds=half),
        ]
    )
    fetched = fetch(catalogue, tmp_path)
    assert "whole" in fetched.notes[0]
    assert not any("of the area" in note for note in fetched.notes)
    alone = fetch(Catalogue(catalogue.scenes[1:]), tmp_path)
    assert alone.notes[-1] == "The scenes cover 50% of the area."


def test_the_offset_of_newer_processing_is_removed(tmp_path):
    newer = {"s2:processing_baseline": "05.10"}
    shifted = Catalogue([lambda a: scene("x", "2024-07-01", 1, a, shift=1000, **newer)])
    assert colours(fetch(shifted, tmp_path).data) == TRUE
    applied = newer | {"earthsearch:boa_offset_applied": True}
    done = Catalogue([lambda a: scene("x", "2024-07-01", 1, a, **applied)])
    assert colours(fetch(done, tmp_path).data) == TRUE


def test_a_missing_scene_catalogue_or_band_raises_an_error(tmp_path):
    with pytest.raises(CannotFetch, match="no scene of 2024-05-01"):
        fetch(Catalogue([]), tmp_path)
    with pytest.raises(CannotFetch, match="did not answer"):
        fetch(lambda _path, _sent: Answer(status=503), tmp_path)
    with pytest.raises(CannotFetch, match="did not answer"):
        fetch(lambda _path, _sent: Answer(b"<html>", kind="text/html"), tmp_path)
    with pytest.raises(BadInput, match="no band 'B04'"):
        fetch(Catalogue([lambda a: scene("x", "2024-07-01", 1, a)]), tmp_path, "&bands=B04,B03,B02")


def test_unreadable_pixels_leave_no_image(tmp_path):
    class Broken(Catalogue):
        def __call__(self, path, sent):
            return Answer(status=404) if path.startswith("/cog/") else super().__call__(path, sent)

    with pytest.raises(CannotFetch, match="could not be read"):
        fetch(Broken([lambda a: scene("x", "2024-07-01", 1, a)]), tmp_path)
    assert not (tmp_path / "imagery.tif").exists()


def test_scenes_inside_private_networks_are_refused(tmp_path):
    with pytest.raises(BadInput, match="private network"):
        fetch(Catalogue([]), tmp_path, private=False)
    with pytest.raises(BadInput, match="not an http"):
        fetch(Catalogue([lambda _a: scene("x", "2024-07-01", 1, "file:///etc")]), tmp_path)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("sentinel2:summer", "needs two days"),
        ("sentinel2:2024-05-01/2024-09-30#cloud=much", "cloud .* is 'much'"),
        ("sentinel2:2024-05-01/2024-09-30#bands=red", "names red, green and blue"),
    ],
)
def test_a_wrong_source_is_refused(asked, sentence):
    with pytest.raises(BadInput, match=sentence):
        open_source("imagery", asked, SourceSettings())
