"""A network pre-trained on many cities, used in any place with any number of services."""

from pathlib import Path

import numpy as np
import pytest
import torch

from netspatial.errors import BadInput
from netspatial.forecast import pretrained
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.panel import Panel
from netspatial.forecast.pretrained import PretrainedForecaster, pretrain
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.windows import Windows, WindowSpec

SHAPE = WindowSpec(24, 12)
LITTLE = TrainConfig(steps=3, batch=8, evaluate_every=3)


@pytest.fixture(scope="module")
def folder(make_panel, tmp_path_factory) -> Path:
    """A network pre-trained on three cities, on disk."""
    where = tmp_path_factory.mktemp("pretrained") / "model"
    cities = [make_panel(days=days) for days in (3, 4, 5)]
    pretrain(cities, SHAPE, train_config=LITTLE, options={"d": 8, "heads": 2}).save(where)
    return where


def _parts(panel: Panel) -> tuple[Windows, Windows]:
    stop = len(panel.times) - 24
    return (
        Windows.cut([panel], SHAPE, last=stop),
        Windows.cut([panel], SHAPE, first=stop, every=6),
    )


def _started(
    folder: Path, tasks: tuple[str, ...], shape: WindowSpec = SHAPE
) -> PretrainedForecaster:
    return PretrainedForecaster("sim-mstnet", build_sim_mstnet, shape, tasks, LITTLE, start=folder)


@pytest.mark.parametrize("tasks", [("data",), ("call", "data"), ("data", "call")])
def test_any_services_start_from_the_same_weights(folder: Path, panel: Panel, tasks):
    training, validation = _parts(panel.with_tasks(tasks))
    made = _started(folder, tasks).fit(training, validation)
    known = NetworkForecaster.load(folder).network.state_dict()
    assert all(torch.equal(value, known[name]) for name, value in made.network.state_dict().items())
    assert made.median_of(validation).shape == (len(validation), 12, len(tasks))
    assert made.factors.shape[0] == made.network.correction_scale.shape[0] == len(tasks)


def test_an_adapted_network_is_saved_and_loaded_like_any_other(folder, panel, tmp_path):
    training, validation = _parts(panel.with_tasks(("data",)))
    made = _started(folder, ("data",)).fit(training, validation)
    made.save(tmp_path / "own")
    loaded = NetworkForecaster.load(tmp_path / "own")
    np.testing.assert_array_equal(loaded.quantiles_of(validation), made.quantiles_of(validation))


def test_a_long_history_is_used_for_finetuning(folder: Path, make_panel, monkeypatch):
    monkeypatch.setattr(pretrained, "FEW_DAYS", 5)
    long, short = (
        _started(folder, ("call", "data")).fit(*_parts(make_panel(days=days))) for days in (9, 4)
    )
    assert long.trained_on == ("measured",)
    assert long.trained is not None
    assert short.trained is None


def test_every_day_but_the_first_of_a_short_history_is_used_for_calibration(
    folder: Path, panel: Panel, monkeypatch
):
    calibrated: list[Windows] = []
    monkeypatch.setattr(
        PretrainedForecaster, "calibrate", lambda self, by: calibrated.append(by) or self
    )
    training, validation = _parts(panel)
    _started(folder, panel.tasks).fit(training, validation)
    (by,) = calibrated
    known = set(by.origin.tolist())
    assert known >= set(validation.origin.tolist())
    assert min(known) == panel.steps_per_day
    assert all(origin % 6 == 0 for origin in known)


def test_an_error_on_another_shape_or_step_names_the_needed_one(folder: Path, panel, make_panel):
    other = Windows.cut([panel], WindowSpec(24, 6))
    with pytest.raises(BadInput, match=r"horizon 12, 24 steps per day .*; 24, 6, 24 and 5"):
        _started(folder, panel.tasks, WindowSpec(24, 6)).fit(other, other)
    half_hours = Windows.cut([make_panel(days=2, step_minutes=30)], SHAPE)
    with pytest.raises(BadInput, match="; 24, 12, 48 and 5 were requested"):
        _started(folder, panel.tasks).fit(half_hours, half_hours)


def test_only_a_pretrained_network_can_be_the_start(panel: Panel, tmp_path: Path):
    training, validation = _parts(panel)
    made = NetworkForecaster("sim-mstnet", build_sim_mstnet, SHAPE, panel.tasks, LITTLE)
    made.fit(training, validation).save(tmp_path / "own")
    with pytest.raises(BadInput, match="must come from `netspatial forecast pretrain`"):
        _started(tmp_path / "own", panel.tasks).fit(training, validation)


def test_one_city_is_too_few_for_pretraining(panel: Panel):
    with pytest.raises(BadInput, match="At least two cities are needed"):
        pretrain([panel], SHAPE)


def test_the_bundled_network_beats_yesterday_with_three_measured_days(make_panel):
    shape = WindowSpec(48, 24)
    panel = make_panel(days=3).with_tasks(("data",))
    training = Windows.cut([panel], shape, last=48, least=12)
    validation = Windows.cut([panel], shape, first=48)
    made = PretrainedForecaster("sim-mstnet", build_sim_mstnet, shape, ("data",)).fit(
        training, validation
    )
    assert made.trained_on == ("simulated",)
    yesterday = np.abs(validation.past()[:, -24:] - validation.truth()).mean()
    assert np.abs(made.median_of(validation) - validation.truth()).mean() < yesterday
