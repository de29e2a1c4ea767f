import numpy as np
import pytest
from PIL import Image

from netspatial.city.city import City
from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.run import Run
from netspatial.ui.plan.cell_detail import (
    PATCH_PX,
    patch_picture,
    poi_mix,
    range_words,
    reason_html,
    verdict,
)
from netspatial.ui.plan.plan_view import shown, stamp


@pytest.fixture
def plan(planned: Run):
    settings = PlanSettings(sites=3, spacing_m=150.0, excluded=())
    return shown(planned.folder, stamp(planned), settings.model_dump_json())


def test_every_cell_has_a_reason(plan) -> None:
    cells = plan.plan.cells
    said = {row["cell_id"]: verdict(plan, row) for _, row in cells.iterrows()}
    sites = plan.plan.sites
    assert [said[name] for name in sites["cell_id"]] == sites["rationale"].tolist()
    starts = {
        "not feasible": "Building is not allowed here: mostly outside the area",
        "below minimum demand": "Not considered:",
    }
    for _, row in cells[cells["rank"].isna()].iterrows():
        assert said[row["cell_id"]].startswith(starts.get(row["status"], "Not among the 3 sites"))
    assert set(cells["status"]) >= {"not feasible", "below minimum demand", "candidate"}


def test_a_reason_is_escaped_and_folded_after_its_first_sentence() -> None:
    text = reason_html("First <b>. Then. More")
    assert "&lt;b&gt;" in text
    assert text.index("First") < text.index("<details>") < text.index("Then. More")
    assert "<details>" not in reason_html("Only one.")


def test_the_poi_mix_starts_with_the_most_frequent_kind(plan) -> None:
    assert poi_mix(plan.plan.cells.iloc[0]) == [("food", 4), ("shop", 3)]


def test_a_cell_says_how_much_wider_the_range_is_far_from_any_station(plan) -> None:
    row = plan.plan.cells.iloc[0]
    assert range_words(row) == "± 26 %; far from any station ± 61 %, 135 % wider"
    same = row.copy()
    same["level_sd"] = same["level_sd_far"]
    assert range_words(same) == "± 61 %, as far from any station"


def test_the_patch_shows_the_image_around_the_cell(plan, small_city: City) -> None:
    cells = plan.plan.cells
    shape = cells.geometry.iloc[len(cells) // 2]
    picture = patch_picture(small_city, shape, cells.crs)
    assert isinstance(picture, Image.Image)
    assert picture.size == (PATCH_PX, PATCH_PX)
    pixels = np.asarray(picture)
    half = PATCH_PX * 100 / 640 / 2
    middle = PATCH_PX // 2
    edge = pixels[middle, [round(middle - half), round(middle + half)]]
    assert (edge.max(axis=-1) == 255).all()
    assert pixels.std() > 10


def test_without_an_image_there_is_no_patch(plan, own_city: City) -> None:
    (own_city.folder / "imagery.tif").unlink()
    cells = plan.plan.cells
    city = City.open(own_city.folder)
    assert patch_picture(city, cells.geometry.iloc[0], cells.crs) is None
