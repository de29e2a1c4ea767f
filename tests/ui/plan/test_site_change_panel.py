"""Before and after on the plan page: the table, the switch, and a city without loads."""

import pytest

from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.run import Run
from netspatial.ui.plan.plan_view import shown, stamp
from netspatial.ui.plan.site_change_panel import change_of, change_table
from netspatial.viz.plan_map import short_id
from tests.ui.pages import opened, text


@pytest.fixture
def plan(planned: Run):
    settings = PlanSettings(utility="demand", sites=2, spacing_m=150.0)
    return shown(planned.folder, stamp(planned), settings.model_dump_json())


def test_the_table_is_that_of_the_sites_on_screen(plan) -> None:
    change = change_of(plan.folder, stamp(plan.run), plan.plan.settings.model_dump_json())
    table = change_table(change, plan.plan.sites)
    assert set(table["Site"]) <= {1, 2}
    assert set(table["Cell"]) <= set(plan.plan.sites["cell_id"].map(short_id))
    assert table["Station"].tolist() == change.stations["station"].tolist()
    assert change.totals == plan.site_change.totals


@pytest.mark.usefixtures("shown_town")
def test_the_switch_is_in_the_address_and_the_sentences_are_shown() -> None:
    app = opened(paint="load", when="before")
    assert not app.exception
    assert app.segmented_control(key="when").value == "before"
    assert "Built, the sites take over" in text(app)
    app.segmented_control(key="when").set_value("after").run()
    assert not app.exception
    assert "when" not in app.query_params
