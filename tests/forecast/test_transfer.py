"""Contract of all transfer methods, on a small linear network."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from netspatial.errors import BadInput
from netspatial.forecast.cutting_plane import CuttingPlane
from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.meta_weight import MetaWeight
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_problem import problem_of, window_losses
from netspatial.forecast.panel import from_grid
from netspatial.forecast.training import TrainConfig, task_losses, validation_loss
from netspatial.forecast.transfer import (
    METHODS,
    Simulated,
    TransferConfig,
    adapt,
    check_apart,
    set_meta_apart,
    train,
)
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.randomness import stream

SHAPE = WindowSpec(24, 6)
TRAIN_CONFIG = TrainConfig(steps=40, batch=32, lr=2e-2, evaluate_every=10)
EFFORT = TransferConfig(
    adapting=replace(TRAIN_CONFIG, steps=10, evaluate_every=5),
    meta=MetaWeight(steps=60, batch=32, lr=2e-2, weight_lr=5e-2, every=1),
    planes=CuttingPlane(steps=20, batch=16, plane_every=5, inner_steps=2),
)


class Linear(nn.Module):
    """Linear in yesterday's same hours and the calendar."""

    def __init__(self, spec):
        super().__init__()
        self.horizon, self.tasks = spec.horizon, spec.tasks
        self.out = nn.Linear(spec.context_length + spec.calendar, len(LEVELS))

    def forward(self, batch):
        own = batch.own.transpose(1, 2)  # (B, K, L)
        hours = batch.calendar[:, -self.horizon :]
        shifted = [torch.roll(own, -step, dims=2) for step in range(self.horizon)]
        past = torch.stack(shifted, dim=1)  # (B, H, K, L)
        when = hours[:, :, None].expand(-1, -1, self.tasks, -1)
        return self.out(torch.cat([past, when], dim=-1))


def panel(seed, days, *, wrong=False):
    """Six cells with a daily profile; with `wrong`, hours are permuted."""
    random = stream(seed, "transfer")
    hours = np.arange(24 * days)
    values = 5 + 3 * np.sin(2 * np.pi * (hours - 9) / 24) + random.normal(0, 0.3, (6, len(hours)))
    if wrong:
        values = random.permuted(values, axis=1)
    return from_grid(
        values[:, :, None],
        np.arange(6) // 3,
        np.arange(6) % 3,
        times=pd.date_range("2026-01-05", periods=len(hours), freq="h"),
        timezone="UTC",
        tasks=("data",),
        side=1,
    )


@pytest.fixture(scope="module")
def simulated():
    panels = [panel(number, 5, wrong=number >= 3) for number in range(6)]
    windows = Windows.cut(panels, SHAPE, every=3, config=np.arange(6))
    return Simulated(windows, np.zeros((6, 0), dtype=np.float32))


@pytest.fixture(scope="module")
def real():
    little = panel(99, 4)
    all_train = Windows.cut([little], SHAPE, last=72)
    return set_meta_apart(all_train, Windows.cut([little], SHAPE, first=72))


def forecaster():
    return NetworkForecaster("linear", Linear, SHAPE, ("data",), TRAIN_CONFIG)


@pytest.fixture(scope="module", params=METHODS)
def trained_by(request, simulated, real):
    return request.param, train(request.param, forecaster(), simulated, real, 1, EFFORT)


def test_every_method_gives_a_forecaster_and_its_weights(trained_by, simulated, real):
    method, found = trained_by
    quantiles = found.forecaster.quantiles_of(real.stop)
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    if method == "real-only":
        assert found.weights is None
        assert found.forecaster.trained_on == ("measured",)
    else:
        assert found.weights.shape == (len(simulated.windows),)
        assert found.weights.mean() == pytest.approx(1, abs=1e-4)
        assert (found.weights >= 0).all()


def test_the_result_depends_on_the_seed_only(trained_by, simulated, real):
    method, found = trained_by
    again = train(method, forecaster(), simulated, real, 1, EFFORT)
    assert np.array_equal(
        found.forecaster.median_of(real.stop), again.forecaster.median_of(real.stop)
    )


def test_meta_weighting_prefers_uncorrupted_configurations(simulated, real):
    found = train("meta-weight", forecaster(), simulated, real, 0, EFFORT)
    by_config = [found.weights[simulated.windows.config == number].mean() for number in range(6)]
    assert min(by_config[:3]) > max(by_config[3:])


def test_finetuning_never_raises_the_validation_loss(simulated, real):
    trained = forecaster().fit(simulated.windows, real.stop, 0)
    before = validation_loss(trained.network, real.stop)
    wild = replace(EFFORT.adapting, lr=10.0)
    adapt(trained, real.all_train, real.stop, wild)
    assert validation_loss(trained.network, real.stop) <= before
    assert trained.train_config == TRAIN_CONFIG


def test_losses_of_windows_average_to_the_training_loss(simulated, real):
    network = forecaster().begin(simulated.windows)
    problem, phi = problem_of(network, simulated.windows, simulated.parameters, real.meta)
    rows = np.arange(40)
    batch = simulated.windows.batch(rows)
    losses = problem.simulated(phi, rows)
    assert torch.allclose(losses, window_losses(network(batch), batch))
    assert losses.mean().item() == pytest.approx(task_losses(network(batch), batch).mean().item())
    assert problem.real_count == len(real.meta)


def test_windows_without_measurements_have_zero_loss(simulated):
    batch = simulated.windows.batch(np.arange(4))
    quantiles = torch.zeros(*batch.y.shape, len(LEVELS))
    hidden = replace(batch, y=torch.full_like(batch.y, float("nan")))
    assert window_losses(quantiles, hidden).tolist() == [0, 0, 0, 0]


def test_training_and_reweighting_places_are_disjoint(real):
    assert not set(real.train.place) & set(real.meta.place)
    assert len(real.all_train) == len(real.train) + len(real.meta)


def test_overlapping_parts_are_refused(real):
    check_apart(real)
    early = Windows.cut(real.stop.panels, SHAPE, first=70)
    with pytest.raises(BadInput, match="Windows of 'train' and of 'stop' forecast the same steps"):
        check_apart(replace(real, stop=early))


def test_unknown_methods_and_too_few_places_are_errors(simulated, real):
    with pytest.raises(BadInput, match="no method 'hope'"):
        train("hope", forecaster(), simulated, real)
    alone = real.train.take(np.flatnonzero(real.train.place == real.train.place[0]))
    with pytest.raises(BadInput, match="1 places cannot be split"):
        set_meta_apart(alone, real.stop)
