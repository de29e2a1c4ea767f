"""A user compares two saved plans."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from netspatial.city.city import City
from netspatial.runs.jobs.run import Run
from tests.browser.conftest import Watched
from tests.browser.visitor import choose, go_to
from tests.ui.plan_runs import write_made_up_run

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


@pytest.fixture
def two_plans(cities: Path, runs: Path) -> Iterator[list[str]]:
    city = City.open(cities / "tinytown")
    made = [write_made_up_run(city, runs / f"plan-{k}", k=k) for k in (2, 5)]
    yield [run.name for run in made]
    for run in made:
        Run.open(run.folder).delete()


def test_two_plans_are_compared(watched: Watched, address: str, two_plans: list[str]) -> None:
    page = watched.page
    go_to(page, address, "Compare", "Compare two runs")
    maps = page.get_by_test_id("stDeckGlJsonChart").locator("canvas")
    expect(maps.first).to_be_visible()
    choose(page, "Second run", r"\b2 sites")
    expect(page.get_by_text("sites are in both plans")).to_be_visible()
    expect(page.get_by_text("Different settings")).to_be_visible()
    expect(page.get_by_test_id("stDeckGlJsonChart")).to_have_count(2)
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    expect(page).to_have_url(re.compile(f"b={two_plans[0]}"))
    assert watched.strangers == set()
    assert watched.complaints == []
