"""Network forecaster: training, forecasts, saving, loading, tables."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import torch

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.panel import Panel
from netspatial.forecast.sim_mstnet import Options, build_sim_mstnet
from netspatial.forecast.tables import predict_df
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.windows import Windows, WindowSpec

LITTLE = TrainConfig(steps=40, batch=32, lr=5e-3, evaluate_every=20)
OPTIONS = {"d": 8, "heads": 2, "patch_hours": 6}
TASKS = ("call", "data")


@pytest.fixture(scope="module")
def parts(panel: Panel) -> dict[str, Windows]:
    """Eight days for training, one for validation, one for testing."""
    shape = WindowSpec(24, 12)
    return {
        "train": Windows.cut([panel], shape, last=192, every=4),
        "stop": Windows.cut([panel], shape, first=192, last=216, every=4),
        "test": Windows.cut([panel], shape, first=216, every=6),
    }


@pytest.fixture(scope="module")
def fitted(parts: dict[str, Windows]) -> NetworkForecaster:
    return _new().fit(parts["train"], parts["stop"])


def _new(**given: object) -> NetworkForecaster:
    known = {"train_config": LITTLE, "options": OPTIONS} | given
    return NetworkForecaster("sim-mstnet", build_sim_mstnet, WindowSpec(24, 12), TASKS, **known)


def test_quantiles_are_not_negative_and_never_fall(fitted, parts):
    quantiles = fitted.quantiles_of(parts["test"])
    assert quantiles.shape == (len(parts["test"]), 12, 2, len(LEVELS))
    assert quantiles.dtype == np.float32
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles) >= 0).all()
    np.testing.assert_array_equal(
        fitted.median_of(parts["test"]), quantiles[..., LEVELS.index(0.5)]
    )


def test_it_forecasts_better_than_the_same_hour_yesterday(fitted, parts):
    truth = parts["test"].truth()
    ours = np.abs(fitted.median_of(parts["test"]) - truth).mean(axis=(0, 1))
    yesterday = np.abs(parts["test"].past()[:, :12] - truth).mean(axis=(0, 1))
    assert (ours < yesterday).all()


def test_a_saved_forecaster_gives_the_same_forecast(fitted, parts, tmp_path):
    fingerprint = fitted.save(tmp_path / "model")
    loaded = NetworkForecaster.load(tmp_path / "model")
    np.testing.assert_array_equal(
        loaded.quantiles_of(parts["test"]), fitted.quantiles_of(parts["test"])
    )
    assert loaded.save(tmp_path / "again") == fingerprint
    assert (loaded.tasks, loaded.shape, loaded.train_config) == (TASKS, WindowSpec(24, 12), LITTLE)
    card = (tmp_path / "model" / "card.md").read_text()
    assert "trained on: measured history" in card
    assert {path.name for path in (tmp_path / "model").iterdir()} == {
        "weights.safetensors",
        "config.json",
        "card.md",
    }


def test_an_error_on_an_unknown_network_names_it(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    with pytest.raises(BadInput, match="holds a network 'sim-mstnet'; known are other"):
        NetworkForecaster.load(tmp_path / "model", {"other": build_sim_mstnet})


def test_a_config_that_was_changed_is_refused(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    config["spec"]["options"]["d"] = 16
    (tmp_path / "model" / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="its config calls for"):
        NetworkForecaster.load(tmp_path / "model")


@pytest.mark.parametrize("name", ["factors.x", "network/x", "other"])
def test_an_unknown_tensor_is_refused(fitted, name):
    tensors, config = fitted.written()
    with pytest.raises(BadInput, match=f"has a tensor '{name.split('/')[-1]}'"):
        NetworkForecaster.read({**tensors, name: np.zeros(2, np.float32)}, config, "x")


def test_a_network_depends_on_its_seed_only(parts):
    few = {"train": parts["train"].take(np.arange(60)), "stop": parts["stop"]}
    train_config = TrainConfig(steps=6, batch=32, evaluate_every=6, lr=1e-3)
    one, same, other = (
        _new(train_config=train_config).fit(few["train"], few["stop"], seed) for seed in (1, 1, 2)
    )
    first = torch.cat([value.flatten() for value in one.network.state_dict().values()])
    for forecaster, alike in ((same, True), (other, False)):
        state = torch.cat([value.flatten() for value in forecaster.network.state_dict().values()])
        assert torch.equal(first, state) is alike


def test_the_order_of_windows_does_not_matter(fitted, parts):
    order = np.random.default_rng(0).permutation(len(parts["test"]))
    np.testing.assert_allclose(
        fitted.median_of(parts["test"].take(order)),
        fitted.median_of(parts["test"])[order],
        rtol=2e-4,
        atol=1e-4,
    )


def test_finetuning_starts_from_the_trained_parameters(fitted, parts, tmp_path):
    fitted.save(tmp_path / "model")
    again = NetworkForecaster.load(tmp_path / "model")
    again.train_config = TrainConfig(steps=2, batch=8, lr=1e-6, evaluate_every=2)
    again.finetune(parts["train"], parts["stop"])
    np.testing.assert_allclose(
        again.median_of(parts["test"]), fitted.median_of(parts["test"]), rtol=0.05, atol=0.05
    )


def test_intervals_are_calibrated_only_on_request(parts):
    train_config = TrainConfig(steps=2, batch=8, evaluate_every=2)
    raw = _new(train_config=train_config, calibrated=False).fit(parts["train"], parts["stop"])
    assert raw.factors is None
    truth = parts["stop"].truth()

    def covered(forecaster: NetworkForecaster) -> float:
        quantiles = forecaster.quantiles_of(parts["stop"])
        return float(((truth >= quantiles[..., 0]) & (truth <= quantiles[..., -1])).mean())

    raw.calibrated = True
    assert covered(raw.calibrate(parts["stop"])) == pytest.approx(0.9, abs=0.03)


def test_a_table_is_forecast_as_a_table(fitted, panel: Panel):
    n, T, K = panel.values.shape
    table = pd.DataFrame(
        {
            "place": np.repeat(panel.ids, T * K),
            "time": np.tile(np.repeat(panel.times, K), n),
            "task": np.tile(panel.tasks, n * T),
            "value": panel.values.ravel(),
        }
    )
    # tasks in another order, and an extra one
    extra = table[table["task"] == "call"].assign(task="sms")
    out = predict_df(fitted, pd.concat([extra, table.iloc[::-1]]), 12, levels=(0.1, 0.5, 0.9))
    assert len(out) == n * 12 * K
    assert list(out.columns) == [
        "place",
        "time",
        "task",
        "unit",
        "forecast",
        "q0.1",
        "q0.5",
        "q0.9",
    ]
    assert out["time"].min() == panel.coming(1)[0].tz_localize("UTC")
    one = out[(out["place"] == panel.ids[4]) & (out["task"] == "data")]
    assert one["forecast"].mean() == pytest.approx(panel.values[4, -24:-12, 1].mean(), rel=0.5)


def test_windows_of_other_tasks_shape_or_step_are_refused(fitted, parts, panel: Panel, make_panel):
    shape = WindowSpec(24, 12)
    with pytest.raises(BadInput, match="is for the tasks call, data; the windows have data"):
        fitted.median_of(parts["test"].with_tasks(("data",)))
    with pytest.raises(
        BadInput, match="context length 24 and horizon 12; the windows have 24 and 6"
    ):
        fitted.median_of(Windows.cut([panel], WindowSpec(24, 6)))
    half_hours = make_panel(days=2, step_minutes=30)
    with pytest.raises(BadInput, match="needs steps per day = 24; the windows have 48"):
        fitted.median_of(Windows.cut([half_hours], shape))


def test_all_options_are_saved_defaults_included(fitted, tmp_path):
    fitted.save(tmp_path / "kept")
    options = json.loads((tmp_path / "kept" / "config.json").read_text())["spec"]["options"]
    assert options == asdict(Options(**OPTIONS))


def test_an_untrained_network_is_neither_forecast_nor_saved(parts, tmp_path):
    with pytest.raises(BadInput, match="has not been trained yet"):
        _new().median_of(parts["test"])
    with pytest.raises(BadInput, match="has not been trained yet"):
        _new().save(tmp_path / "model")
