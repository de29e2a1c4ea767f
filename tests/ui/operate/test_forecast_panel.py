"""The forecast tab: its states, its requests, and what it shows of a finished run."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from netspatial.city.city import City
from netspatial.content import file_sha256
from netspatial.forecast.configurations import Configuration, weights_by_configuration
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Run, list_runs
from netspatial.runs.kinds import forecasting
from netspatial.runs.kinds.forecasting import ForecastRequest
from netspatial.runs.kinds.registry import resume
from netspatial.viz.forecast_charts import errors_table, hours_chart, weights_chart
from tests.ui import pages

opened = partial(pages.opened, "operate")


@pytest.fixture(scope="module")
def forecast(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run that was trained for two steps."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NETSPATIAL_RUNS", str(tmp_path_factory.mktemp("runs")))
        services = small_city.services[:1]
        run = forecasting.submit(
            small_city, services, context_length=24, horizon=12, steps=2, init="scratch"
        )
        resume(run)
    return run


@pytest.fixture
def folders(small_city: City, forecast: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(forecast.folder.parent))
    monkeypatch.setattr("netspatial.runs.jobs.worker.start", lambda _: None)
    monkeypatch.setattr("netspatial.runs.jobs.worker.keep_working", lambda *_: None)
    yield forecast.folder.parent
    for run in list_runs(forecast.folder.parent):
        if run.name != forecast.name:
            run.delete()


def tab(app: AppTest) -> AppTest:
    app.segmented_control(key="op-view").set_value("forecast").run()
    assert not app.exception
    return app


@pytest.mark.usefixtures("folders")
def test_the_newest_forecast_is_shown_with_its_baselines(forecast: Run) -> None:
    app = tab(opened())
    (shown,) = [frame.value for frame in app.dataframe]
    mae = forecasting.ForecastRun.open(forecast.folder).scores[0]["mae"]
    assert shown["Forecast"].tolist() == [mae["forecast"]]
    assert shown["Mean week"].tolist() == [mae["hour-of-week"]]
    assert any("simulated" in str(one.proto) for one in app.get("html"))


@pytest.mark.usefixtures("folders")
def test_a_link_opens_its_forecast(forecast: Run) -> None:
    app = opened(forecast=forecast.name)
    assert app.segmented_control(key="op-view").value == "forecast"
    assert app.dataframe


@pytest.mark.usefixtures("folders")
def test_weights_of_cities_are_shown_only_if_there_are_any(forecast: Run) -> None:
    assert len(tab(opened()).get("plotly_chart")) == 1
    path = forecast.path(forecasting.SIMULATION_WEIGHTS)
    empty = path.read_bytes()
    cities = [Configuration(seed=0, number=number) for number in range(3)]
    config, weights = np.array([0, 1, 2]), np.array([0.4, 1.6, 1.0], dtype=np.float32)
    weights_by_configuration(cities, config, weights).to_parquet(path, index=False)
    forecast.path(forecasting.SCORES).touch()  # a rewritten run is read again
    stage = forecast.manifest.stages["learn"]
    written = {**stage.outputs, forecasting.SIMULATION_WEIGHTS: file_sha256(path)}
    forecast.record_stage("learn", stage.model_copy(update={"outputs": written}), {})
    try:
        _, chart = tab(opened()).get("plotly_chart")
    finally:
        path.write_bytes(empty)
        forecast.record_stage("learn", stage, {})
        forecast.path(forecasting.SCORES).touch()
    assert "city 1" in chart.proto.spec


@pytest.mark.usefixtures("folders")
def test_forecast_submits_the_settings(small_city: City) -> None:
    app = tab(opened())
    app.selectbox(key="fc-days").select(3)
    app.selectbox(key="fc-from").select("reweighted")
    app.button(key="fc-begin").click().run()
    assert not app.exception
    asked = ForecastRequest.of(
        Run.open(list_runs()[0].folder.parent / app.query_params["forecast"])
    )
    assert (asked.days, asked.init) == (3, "reweighted")
    assert set(asked.services) <= set(small_city.services)


@pytest.mark.usefixtures("folders")
def test_a_failed_forecast_shows_its_reason(small_city: City) -> None:
    run = forecasting.submit(small_city, small_city.services[:1])
    run.write_progress(RunProgress(state="failed", error="The history is too short."))
    app = opened(forecast=run.name)
    assert "The history is too short." in [error.value for error in app.error]
    assert app.button(key="resume")


@pytest.mark.parametrize("name", ["nobody", "../x", "<b>"])
@pytest.mark.usefixtures("folders")
def test_an_unknown_forecast_is_reported(name: str) -> None:
    app = opened(forecast=name)
    assert any(in_markdown(f"There is no run '{name}'") in warning.value for warning in app.warning)
    assert app.dataframe


def test_without_a_forecast_the_tab_explains_what_to_do(
    small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path))
    assert any("Nothing is forecast yet" in box.value for box in tab(opened()).info)


def test_charts_show_the_values_of_the_tables(forecast: Run) -> None:
    shown = forecasting.ForecastRun.open(forecast.folder)
    rows = shown.table[shown.table["place"] == shown.table["place"].iloc[0]].reset_index(drop=True)
    figure = hours_chart(rows, {"persistence": "Last hour"}, "Europe/Rome")
    band, median, truth, baseline = figure.data
    assert list(median.y) == rows["forecast"].tolist()
    assert list(truth.y) == rows["truth"].tolist()
    assert list(baseline.y) == rows["persistence"].tolist()
    assert min(band.y) == rows["q0.05"].min()
    table = errors_table(shown.scores, {"forecast": "Forecast", "persistence": "Last hour"})
    assert table["Last hour"].tolist() == [shown.scores[0]["mae"]["persistence"]]


def test_the_city_with_the_largest_weight_is_on_top() -> None:
    names = (
        "density",
        "height",
        "tilt_deg",
        "carrier_ghz",
        "load",
        "workers",
        "visitors",
        "calls",
        "messages",
        "residual_scale",
    )
    table = pd.DataFrame({"number": [4, 1], "weight": [1.6, 0.4], **dict.fromkeys(names, 1.0)})
    (bars, *_) = weights_chart(table).data
    assert list(bars.y) == ["city 1", "city 4"]
    assert "density 1" in bars.customdata[0]
