import json
from pathlib import Path

import numpy as np
import pytest

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.ui.components.drawing import chosen_overlay, drawing_map, last_click, view_of
from netspatial.ui.server import static_files
from netspatial.viz.city_queries import backdrop

ROOT = Path(__file__).parents[3]


def test_without_the_files_there_are_no_links(tmp_path: Path) -> None:
    assert static_files.leaflet_links(tmp_path) is None


def test_installed_scripts_are_served_by_the_app(tmp_path: Path) -> None:
    for name in (*static_files.SCRIPTS.values(), *static_files.STYLES.values()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    links = static_files.leaflet_links(tmp_path)
    assert links is not None
    assert [name for name, _ in links.js] == list(static_files.SCRIPTS)
    assert all(address.startswith("../") for _, address in (*links.js, *links.css))


def test_the_served_scripts_are_those_of_package_json() -> None:
    wanted = set(json.loads((ROOT / "assets/web/package.json").read_text())["dependencies"])
    used = {
        path.split("/")[0]
        for path in (*static_files.SCRIPTS.values(), *static_files.STYLES.values())
    }
    assert used == wanted


def test_the_lock_file_contains_no_download_address() -> None:
    text = (ROOT / "assets/web/package-lock.json").read_text()
    assert "resolved" not in text
    assert "http" not in text


def test_a_picture_is_served_under_the_hash_of_its_content() -> None:
    first, again = (static_files.picture_address(b"picture", ".webp") for _ in range(2))
    assert first == again != static_files.picture_address(b"another", ".webp")
    assert static_files.within_frame(first).startswith("../")


@pytest.mark.parametrize("links", [None, static_files.LeafletLinks([("leaflet", "../x/l.js")], [])])
def test_the_drawing_map_requests_no_tiles(small_city: City, links) -> None:
    board = drawing_map(small_city, backdrop(small_city.folder), links)
    page = board.get_root().render()
    assert "tile" not in page.lower()
    assert ("cdn" in page) == (links is None)


def test_the_selected_area_is_an_overlay_and_clears_the_drawing(small_city: City) -> None:
    area = Area.around(9.185, 45.455, 500)
    board = drawing_map(small_city, None, None)
    chosen_overlay(area).add_to(board)
    page = board.get_root().render()
    assert "drawnItems.clearLayers()" in page
    assert "45.45" in page


def test_the_view_shows_the_area_or_the_city(small_city: City) -> None:
    area = Area.around(9.185, 45.455, 300)
    near, centre = view_of(area, small_city)
    far, _ = view_of(None, small_city)
    assert near > far
    np.testing.assert_allclose(centre, (45.455, 9.185), atol=1e-4)


def test_last_click_returns_lon_lat() -> None:
    assert last_click({"last_clicked": {"lat": 45.0, "lng": 9.0}}) == (9.0, 45.0)
    assert last_click({"last_clicked": None}) is None
    assert last_click(None) is None
