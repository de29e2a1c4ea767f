"""Further settings of a plan: a blend, required and excluded cells, model, first day, weeks."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from netspatial.bundled_weights import bundled
from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.manifest import RunProgress, StageRecord
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.finetuning import KIND, OUTPUTS
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.viz.plan_map import short_id
from tests.ui.test_plan_page import opened, table, text

pytestmark = pytest.mark.usefixtures("shown_town")


def replanned(run: Run, **changes: object) -> list[str]:
    """The sites of a run with other settings, computed without the page."""
    shown = PlanRun.open(run.folder)
    settings = PlanSettings.read({**shown.request.settings.model_dump(), **changes})
    return [short_id(name) for name in shown.replan(settings).sites["cell_id"]]


def listed(app: AppTest, name: str) -> list[str]:
    return app.query_params[name].split(",")


def test_a_blend_is_ranked_at_once_by_its_weights(planned: Run) -> None:
    app = opened()
    app.selectbox(key="utility").select("blend").run()
    assert table(app) == replanned(planned, utility="blend", weights={"demand": 1.0, "lsi": 1.0})
    app.number_input(key="blend-lsi").set_value(9.0).run()
    heavy = replanned(planned, utility="blend", weights={"demand": 1.0, "lsi": 9.0})
    assert table(app) == heavy
    assert app.query_params["blend"] == "lsi:9,demand:1"
    link = {name: app.query_params[name] for name in ("utility", "blend")}
    assert table(opened(**link)) == heavy


@pytest.mark.parametrize("weights", ["", "nobody:1", "lsi:-1", "lsi:much", "lsi"])
def test_invalid_weights_in_a_link_are_ignored(weights: str) -> None:
    app = opened(utility="blend", blend=weights)
    assert app.number_input(key="blend-demand").value == 1.0


def test_an_empty_blend_is_reported() -> None:
    app = opened(utility="blend")
    app.pills(key="blend-of").set_value([]).run()
    (sentence,) = [error.value for error in app.error]
    assert "needs a weight above zero" in sentence


def test_a_required_cell_is_selected_and_can_be_removed_again(planned: Run) -> None:
    run = PlanRun.open(planned.folder)
    outsider = run.cells.loc[run.cells["rank"].isna() & (run.cells["feasible"] != "no")].iloc[-1]
    app = opened(cell=outsider["cell_id"])
    before = table(app)
    assert short_id(outsider["cell_id"]) not in before
    app.button(key="cell-required").click().run()
    assert listed(app, "required") == [outsider["cell_id"]]
    assert short_id(outsider["cell_id"]) in table(app)
    app.button(key=f"off-{outsider['cell_id']}").click().run()
    assert table(app) == before
    assert "required" not in app.query_params


def test_an_excluded_cell_is_in_no_plan_and_in_the_link(planned: Run) -> None:
    best = str(PlanRun.open(planned.folder).sites["cell_id"].iloc[0])
    app = opened(cell=best)
    app.button(key="cell-excluded").click().run()
    assert table(app) == replanned(planned, excluded=(best,))
    assert short_id(best) not in table(opened(excluded=best))
    assert any("You excluded this cell" in str(one.proto) for one in app.get("html"))
    app.button(key="cell-off").click().run()
    assert table(app)[0] == short_id(best)


def test_an_unknown_required_cell_in_the_link_is_reported_and_can_be_removed() -> None:
    app = opened(required="u1-2-3")
    (sentence,) = [error.value for error in app.error]
    assert "There is no cell 'u1-2-3'" in sentence
    app.button(key="off-u1-2-3").click().run()
    assert not app.error
    assert table(app)


def made_model(runs: Path) -> Run:
    """Return a finished fine-tuning run; its model is a copy of the bundled one."""
    run = Run.create(runs / "finetune-tinytown", KIND, {"city": "tinytown"})
    shutil.copytree(bundled("models", "small"), run.path(OUTPUTS[0]).parent)
    facts = {"city": {"name": "Tinytown", "provenance": "simulated"}}
    record = StageRecord(key="made up", seconds=1.0, outputs={})
    run.record_stage("finetune", record, facts)
    run.write_progress(RunProgress(state="finished"))
    return run


def test_generate_submits_model_first_day_and_weeks(
    shown_town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr("netspatial.runs.jobs.worker.start", asked.append)
    monkeypatch.setattr("netspatial.runs.jobs.worker.keep_working", lambda *_: None)
    model = made_model(shown_town)
    app = opened(model=model.name, start="2026-03-30", weeks="2")
    assert "You changed: model, first day, weeks." in text(app)
    assert "Fine-tuned on Tinytown" in app.selectbox(key="model").format_func(model.name)
    app.segmented_control(key="view").set_value("area").run()
    assert "samples of 2 weeks each" in text(app)
    app.button(key="generate").click().run()
    assert not app.exception
    (folder,) = asked
    request = json.loads((folder / "manifest.json").read_text())["request"]
    assert request["model"] == str(model.path("model").resolve())
    assert (request["start"], request["weeks"]) == ("2026-03-30", 2)
    assert not {"model", "start"} & set(app.query_params)
    for run in (Run.open(folder), model):
        run.delete()


@pytest.mark.parametrize(
    "link", [{"model": "../../etc"}, {"start": "yesterday"}, {"start": "9999-12-31"}]
)
def test_invalid_settings_in_a_link_are_ignored(link: dict[str, str], planned: Run) -> None:
    app = opened(**link)
    assert not app.error
    assert app.selectbox(key="model").value == "built-in"
    assert table(app) == replanned(planned)
