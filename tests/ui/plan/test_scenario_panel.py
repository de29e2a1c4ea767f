"""The scenario editor: changes at a click, one message per mistake, saved beside the runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from netspatial.city.city import City
from netspatial.scenario.files import read_scenario
from netspatial.scenario.scenario import Scenario
from netspatial.ui.components.scenarios import in_one_line, saved_scenarios, stations_after
from netspatial.ui.plan.scenario_panel import EDITED, FORMS, scenario_marks
from tests.scenario.made_up_scenarios import every_change, middle, scenario_of
from tests.ui.pages import PATIENCE_S, text


def page() -> None:
    """The editor alone, over the city of the environment."""
    import os  # noqa: PLC0415  the script runs apart from this module

    import streamlit as st  # noqa: PLC0415

    from netspatial.city.city import City  # noqa: PLC0415
    from netspatial.scenario.scenario import Scenario  # noqa: PLC0415
    from netspatial.ui.plan.scenario_panel import scenario_panel  # noqa: PLC0415

    if refused := st.session_state.pop("refused", None):
        st.error(refused)
    scenario_panel(City.open(os.environ["TESTED_CITY"]), Scenario(), None)


@pytest.fixture
def editor(
    small_city: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[], AppTest]:
    """How to open the editor after a click into the middle of the city."""
    monkeypatch.setenv("TESTED_CITY", str(small_city.folder))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path))
    here = middle(small_city)

    def opened() -> AppTest:
        app = AppTest.from_function(page, default_timeout=PATIENCE_S)
        app.session_state["clicked"] = (here["lon"], here["lat"])
        app.run()
        assert not app.exception
        return app

    return opened


def test_a_mall_is_placed_named_and_saved(editor, tmp_path):
    app = editor()
    assert "No changes" in text(app)
    app.number_input(key="scenario-count").set_value(25).run()
    app.button(key="scenario-add").click().run()
    assert not app.error
    assert "A mall with 25 shops is built" in text(app)
    app.text_input(key="scenario-name").set_value("Mall 2027").run()
    app.button(key="scenario-save").click().run()
    saved = read_scenario(tmp_path / "scenarios" / "mall-2027.json")
    assert saved.name == "Mall 2027"
    assert saved.changes[0].count == 25
    assert list(saved_scenarios()) == ["Mall 2027"]
    app.button(key="scenario-clear").click().run()
    assert "No changes" in text(app)
    app.selectbox(key="scenario-saved").select("Mall 2027").run()
    assert app.session_state[EDITED] == saved


def test_a_contradiction_is_said_and_not_taken(editor):
    app = editor()
    app.selectbox(key="scenario-change").select("switch_off").run()
    app.button(key="scenario-add").click().run()
    assert "is switched off" in text(app)
    app.button(key="scenario-add").click().run()
    assert "switched off more than once" in app.error[0].value
    assert len(app.session_state[EDITED].changes) == 1
    app.button(key="scenario-off-0").click().run()
    assert "No changes" in text(app)


def test_growth_needs_an_area(editor):
    app = editor()
    app.selectbox(key="scenario-change").select("grow").run()
    assert app.button(key="scenario-add").disabled
    assert "Draw an area first" in text(app)


def test_every_change_has_a_form_and_those_at_a_place_a_mark(small_city):
    scenario = scenario_of(*every_change(small_city), name="All")
    assert set(FORMS) == {change.change for change in scenario.changes}
    assert len(scenario_marks(scenario)) == 4
    assert in_one_line(scenario).startswith("All: ")
    assert in_one_line(Scenario()) == "none"
    assert stations_after(["s0", "s1"], scenario) == ["s0", "new"]
