import io
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest

from netspatial.plan.settings import PlanSettings
from netspatial.runs.exports import EXPORTS
from netspatial.runs.jobs.run import Run
from netspatial.ui.plan.downloads import NAMES, making, map_picture
from netspatial.ui.plan.plan_view import shown, stamp


@pytest.fixture
def plan(planned: Run):
    settings = PlanSettings(utility="demand", sites=2, spacing_m=150.0)
    return shown(planned.folder, stamp(planned), settings.model_dump_json())


@pytest.mark.parametrize("name", list(EXPORTS))
def test_every_export_can_be_downloaded(plan, name: str) -> None:
    assert len(making(plan, name, "cells")()) > 200
    assert name in NAMES


def test_a_download_contains_the_plan_on_screen(plan) -> None:
    table = gpd.read_parquet(io.BytesIO(making(plan, "geoparquet", "sites")()))
    assert table["cell_id"].tolist() == plan.plan.sites["cell_id"].tolist()
    assert len(gpd.read_parquet(io.BytesIO(making(plan, "geoparquet", "cells")()))) == len(
        plan.plan.cells
    )


def test_the_map_picture_is_a_valid_svg(plan) -> None:
    picture = ET.fromstring(map_picture(plan))  # noqa: S314 our own
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
