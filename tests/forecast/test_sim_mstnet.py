"""Sim-MSTNet and its seasonal baseline: every part has an effect, absent features have none."""

import numpy as np
import pytest
import torch

from netspatial.errors import BadInput
from netspatial.forecast.fitting import PRESETS
from netspatial.forecast.forecaster import LEVELS, MEDIAN
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.panel import Panel, from_grid
from netspatial.forecast.seasonal_baseline import SeasonalBaseline
from netspatial.forecast.sim_mstnet import CORRECTION_SCALES, SimMSTNet, build_sim_mstnet
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.windows import Windows, WindowSpec

TINY = {"d": 8, "heads": 2, "dropout": 0.0, "patch_hours": 6}
PAPER = {**PRESETS["paper"].options, "d": 8, "heads": 2}


def _built(windows: Windows, **options: float) -> SimMSTNet:
    panel = windows.panels[0]
    spec = NetworkSpec(
        context_length=windows.shape.context_length,
        horizon=windows.shape.horizon,
        tasks=len(windows.tasks),
        side=panel.side,
        steps_per_day=panel.steps_per_day,
        options=TINY | options,
    )
    torch.manual_seed(0)
    return build_sim_mstnet(spec).eval()


def _perturbed(network: SimMSTNet) -> SimMSTNet:
    """Perturb all parameters, so that parts initialised with zero have an effect."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return network


@pytest.fixture
def batch(windows: Windows) -> WindowBatch:
    return windows.batch(np.arange(6))


@pytest.mark.parametrize(
    "options",
    [{}, PAPER, {"interaction": False}, {"space": True}, {"template": False}, {"tied": True}],
)
def test_every_variant_gives_quantiles_of_every_task(windows: Windows, batch: WindowBatch, options):
    quantiles = _perturbed(_built(windows, **options))(batch)
    assert quantiles.shape == (6, 12, 2, len(LEVELS))
    assert torch.isfinite(quantiles).all()


@pytest.mark.parametrize("steps", [(30, 7), (5, 3)])
def test_input_and_horizon_of_any_length_are_forecast(panel: Panel, steps):
    windows = Windows.cut([panel], WindowSpec(*steps), every=60)
    batch = windows.batch(np.arange(3))
    assert _perturbed(_built(windows))(batch).shape == (3, steps[1], 2, len(LEVELS))


def test_ten_minute_steps_are_forecast(make_panel):
    windows = Windows.cut([make_panel(days=3, step_minutes=10)], WindowSpec(144, 18), every=40)
    network = _perturbed(_built(windows))
    assert network.time.tokens == 4
    assert network(windows.batch(np.arange(3))).shape == (3, 18, 2, len(LEVELS))


def _moved(batch: WindowBatch, **new: torch.Tensor) -> WindowBatch:
    known = {name: getattr(batch, name) for name in batch.__dataclass_fields__}
    return WindowBatch(**(known | new))


def _with_other_task(batch: WindowBatch) -> WindowBatch:
    """The batch with another second task."""
    x = batch.x.clone()
    x[..., 1] = x[..., 1].flip(1) * 2
    return _moved(batch, x=x)


def _with_other_neighbours(batch: WindowBatch) -> WindowBatch:
    x = batch.x.flip(1) * 2
    x[:, :, 2, 2] = batch.own
    return _moved(batch, x=x)


@pytest.mark.parametrize(("interaction", "alike"), [(True, False), (False, True)])
def test_tasks_depend_on_each_other_only_through_the_interaction(
    windows: Windows, batch: WindowBatch, interaction, alike
):
    network = _perturbed(_built(windows, interaction=interaction))
    one, other = (network(each)[:, :, 0] for each in (batch, _with_other_task(batch)))
    assert torch.allclose(one, other, atol=1e-6) is alike


@pytest.mark.parametrize(("space", "alike"), [(True, False), (False, True)])
def test_neighbours_have_an_effect_only_through_the_spatial_encoder(
    windows: Windows, batch: WindowBatch, space, alike
):
    network = _perturbed(_built(windows, space=space))
    one, other = (network(each) for each in (batch, _with_other_neighbours(batch)))
    assert torch.allclose(one, other, atol=1e-6) is alike


def test_an_hour_of_the_horizon_does_not_depend_on_later_ones(windows: Windows, batch: WindowBatch):
    network = _perturbed(_built(windows))
    calendar = batch.calendar.clone()
    calendar[:, 24 + 6 :] += 1
    one, other = (network(each) for each in (batch, _moved(batch, calendar=calendar)))
    torch.testing.assert_close(one[:, :6], other[:, :6])
    assert not torch.allclose(one[:, 6:], other[:, 6:])


def test_a_tied_network_does_not_depend_on_the_order_of_tasks(windows: Windows):
    network = _perturbed(_built(windows, tied=True))
    turned = windows.with_tasks(("data", "call"))
    one, other = (each.batch(np.arange(4)) for each in (windows, turned))
    torch.testing.assert_close(network(one), network(other).flip(2), atol=1e-4, rtol=1e-4)


def test_before_training_the_median_is_the_seasonal_baseline(windows: Windows, batch: WindowBatch):
    network = _built(windows)
    first, _ = network.template(batch)
    torch.testing.assert_close(network(batch)[..., MEDIAN], first)


def test_weekdays_have_no_effect_before_training(windows: Windows, batch: WindowBatch):
    network = _built(windows)
    torch.nn.init.normal_(network.decoders[0].out.weight)
    calendar = batch.calendar.clone()
    calendar[..., 4:] = 1 - calendar[..., 4:]  # other weekdays
    one, other = (network(each) for each in (batch, _moved(batch, calendar=calendar)))
    torch.testing.assert_close(one, other)


def test_the_seasonal_baseline_of_a_periodic_week_is_that_week(make_panel):
    windows = Windows.cut(
        [make_panel(days=21, noise=0.0)], WindowSpec(48, 24), first=15 * 24, every=24
    )
    batch = windows.batch(np.arange(len(windows)))
    first, candidates = SeasonalBaseline(2, 24)(batch)
    assert candidates.shape == (len(windows), 24, 2, 2 * 6)
    weekday = (batch.hour[:, 48:] < 120)[..., None] & ~batch.y.isnan()
    error = (first.detach() - batch.y).abs()[weekday]
    assert float(error.mean()) < 0.15  # in mean absolute deviations of a day


def test_the_seasonal_baseline_is_the_input_mean_without_history(make_panel):
    panel = make_panel(days=2)
    batch = Windows.cut([panel], WindowSpec(10, 12), first=10, last=22).batch(np.arange(11))
    first, _ = SeasonalBaseline(2, 24)(batch)
    assert (first == 0).all()


def test_the_correction_scale_minimises_the_median_error(windows: Windows, batch: WindowBatch):
    network = _built(windows)
    with torch.no_grad():
        network.decoders[0].out.bias += 0.0
        network.decoders[1].out.bias += 5.0  # wrong correction of the second task
    off = (batch.y - network.template(batch)[0])[:, :, 0].median()
    with torch.no_grad():
        network.decoders[0].out.bias += off  # right correction of the first task
    network.fit_correction_scale([batch])
    assert network.correction_scale[0] == 1
    assert network.correction_scale[1] == 0
    torch.testing.assert_close(network(batch)[:, :, 1, MEDIAN], network.template(batch)[0][:, :, 1])
    assert CORRECTION_SCALES[0] == 1


def test_an_error_on_an_unknown_option_names_the_known_ones(windows: Windows):
    with pytest.raises(BadInput, match="no option 'depth'; it has d, dropout, heads"):
        _built(windows, depth=3)


def test_zero_and_unknown_places_give_finite_quantiles(panel: Panel):
    values = panel.values.copy()
    values[0] = 0
    values[1, :40] = np.nan
    cells = np.delete(np.arange(12), 5)
    spoilt = from_grid(values, *np.divmod(cells, 4), panel.times, "UTC", panel.tasks)
    windows = Windows.cut([spoilt], WindowSpec(24, 12), first=24, last=90, every=12)
    quantiles = _perturbed(_built(windows))(windows.batch(np.arange(len(windows))))
    assert torch.isfinite(quantiles).all()
