"""Contract of the baseline forecasters, without foresight."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from netspatial.baselines.forecast import BASELINES, MULTI_TASK, SINGLE_TASK, PerTask
from netspatial.forecast.forecaster import LEVELS, Forecaster
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.training import TrainConfig, validation_loss
from netspatial.forecast.windows import Windows, WindowSpec
from tests.baselines.made_up_history import made_up_history

SHAPE = WindowSpec(30, 7)
PANEL = made_up_history(days=5)
TASKS = PANEL.tasks
TRAIN = Windows.cut([PANEL.span(0, 72)], SHAPE, every=2, least=6)
STOP = Windows.cut([PANEL.span(0, 96)], SHAPE, first=72, every=6)
LATER = Windows.cut([PANEL], SHAPE, first=96, every=7)
SHORT = TrainConfig(steps=3, batch=16, evaluate_every=3)
NETWORKS = {**SINGLE_TASK, **MULTI_TASK}
BLIND_TO_HOLES = ["itransformer", "stgcn", "dcrnn", "staeformer", "ast-mtl"]


@pytest.fixture(scope="module")
def fitted() -> dict[str, Forecaster]:
    return {
        name: make(SHAPE, TASKS, SHORT).fit(TRAIN, STOP, seed=1) for name, make in BASELINES.items()
    }


@pytest.mark.parametrize("name", list(BASELINES))
def test_quantiles_of_a_baseline_rise_and_are_not_negative(
    name: str, fitted: dict[str, Forecaster]
) -> None:
    quantiles = fitted[name].quantiles_of(LATER)
    assert quantiles.shape == (len(LATER), 7, 2, len(LEVELS))
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    assert np.array_equal(fitted[name].median_of(LATER), quantiles[..., LEVELS.index(0.5)])


@pytest.mark.parametrize("name", list(BASELINES))
def test_a_baseline_has_no_foresight(name: str, fitted: dict[str, Forecaster]) -> None:
    changed = PANEL.values.copy()
    changed[:, 96:] *= 3
    begin = Windows.cut([PANEL], SHAPE, first=96, last=103)
    other = Windows.cut([replace(PANEL, values=changed)], SHAPE, first=96, last=103)
    known, unknown = (fitted[name].quantiles_of(windows) for windows in (begin, other))
    assert np.array_equal(known, unknown)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_a_forecast_does_not_depend_on_other_windows(
    name: str, fitted: dict[str, Forecaster]
) -> None:
    together = fitted[name].quantiles_of(LATER)
    alone = fitted[name].quantiles_of(LATER.take(np.array([5])))
    np.testing.assert_allclose(alone[0], together[5], rtol=1e-4)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_training_halves_the_validation_loss(name: str) -> None:
    train_config = TrainConfig(steps=40, batch=32, lr=1e-2, evaluate_every=10)
    forecaster = NetworkForecaster(name, NETWORKS[name], SHAPE, TASKS, train_config)
    before = validation_loss(forecaster.begin(TRAIN), STOP)
    forecaster.finetune(TRAIN, STOP)
    assert forecaster.network is not None
    assert validation_loss(forecaster.network, STOP) < 0.5 * before


@pytest.mark.parametrize("name", list(NETWORKS))
def test_weekdays_absent_from_training_have_no_effect(name: str) -> None:
    forecaster = NetworkForecaster(name, NETWORKS[name], SHAPE, TASKS, SHORT).fit(TRAIN, STOP)
    # the history is from Monday to Wednesday; index 0 is the weekend feature
    weights = forecaster.network.weekday.weight
    assert (weights[:, [0, 4, 5, 6, 7]] == 0).all()
    assert (weights[:, 1:4] != 0).any()


@pytest.mark.parametrize("name", BLIND_TO_HOLES)
def test_an_empty_position_has_no_effect(name: str) -> None:
    torch.manual_seed(0)
    network = NETWORKS[name](NetworkSpec(30, 7, 2, 3, 24)).eval()
    batch = LATER.batch(np.arange(12))
    empty = ~batch.seen.any(dim=-1).any(dim=1)
    assert empty.any()
    x = torch.where(empty[:, None, ..., None], 9.0, batch.x)
    with torch.no_grad():
        before, after = network(batch), network(replace(batch, x=x))
    torch.testing.assert_close(before, after)


@pytest.mark.parametrize("name", ["itransformer", "convlstm", "stgcn", "dcrnn", "staeformer"])
def test_a_spatial_baseline_uses_neighbours(name: str) -> None:
    torch.manual_seed(0)
    network = NETWORKS[name](NetworkSpec(30, 7, 2, 3, 24)).eval()
    batch = LATER.batch(np.arange(12))
    x = batch.x.clone()
    x[:, :, 0, 1] += 1  # the neighbour above, present for the lower rows
    with torch.no_grad():
        moved = (network(replace(batch, x=x)) - network(batch)).abs().amax(dim=(1, 2, 3))
    present = batch.seen[:, -1, 0, 1, 0]
    assert (moved[present] > 0).all()


def test_a_single_task_baseline_does_not_depend_on_other_tasks() -> None:
    forecaster = BASELINES["lstm"](SHAPE, TASKS, SHORT).fit(TRAIN, STOP)
    changed = PANEL.values.copy()
    changed[:, :, 1] = 7
    other = Windows.cut([replace(PANEL, values=changed)], SHAPE, first=96, every=7)
    ours, theirs = forecaster.median_of(LATER), forecaster.median_of(other)
    assert np.array_equal(ours[:, :, 0], theirs[:, :, 0])
    assert not np.array_equal(ours[:, :, 1], theirs[:, :, 1])


def test_the_chain_of_tasks_reads_forward_only() -> None:
    torch.manual_seed(0)
    network = NETWORKS["cslsl"](NetworkSpec(30, 7, 2, 3, 24)).eval()
    batch = LATER.batch(np.arange(3))
    with torch.no_grad():
        before = network(batch)
        network.method.links[0].weight_ih_l0.add_(0.1)
        after = network(batch)
    assert (before != after).any(dim=-1).all(dim=1).all()  # the second task reads the first
    with torch.no_grad():
        network.method.links[1].weight_ih_l0.add_(0.1)
    assert torch.equal(network(batch)[:, :, 0], after[:, :, 0])


@pytest.mark.parametrize("name", ["lstm", "stgcn"])
def test_networks_of_single_tasks_are_saved_and_read(
    name: str, fitted: dict[str, Forecaster], tmp_path
) -> None:
    fitted[name].save(tmp_path / "model")
    again = PerTask.load(tmp_path / "model", SINGLE_TASK)
    assert again.tasks == TASKS
    assert np.array_equal(again.quantiles_of(LATER), fitted[name].quantiles_of(LATER))
