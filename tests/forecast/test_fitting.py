"""Training on a history: validation split and required length."""

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.forecast.fitting import PRESETS, fit_history, split_history
from netspatial.forecast.panel import Panel
from netspatial.forecast.windows import WindowSpec


@pytest.mark.parametrize("days", [3, 5, 10, 15])
def test_training_and_validation_horizons_are_disjoint(make_panel, days: int):
    shape = WindowSpec(48, 24)
    training, validation = split_history(make_panel(days=days), shape)
    assert (training.origin + shape.horizon).max() <= validation.origin.min()
    assert len(np.unique(training.place)) == len(np.unique(validation.place)) == 11


@pytest.mark.parametrize(
    ("days", "shape", "problem"),
    [
        (
            2,
            WindowSpec(48, 24),
            r"\(2.0 days\); training on a context of 48 steps and a horizon of 24 needs 72",
        ),
        (7, WindowSpec(168, 24), r"needs 192 \(8.0 days\)"),
    ],
)
def test_an_error_on_a_short_history_names_the_required_days(make_panel, days, shape, problem):
    with pytest.raises(BadInput, match=problem):
        split_history(make_panel(days=days), shape)


def test_the_required_days_are_enough(make_panel):
    training, validation = split_history(make_panel(days=8), WindowSpec(168, 24))
    assert len(training)
    assert len(validation)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_training_from_scratch_needs_only_a_history(panel: Panel, preset: str):
    made = fit_history(panel, WindowSpec(24, 6), init="scratch", preset=preset, steps=2)
    assert made.trained_on == ("measured",)
    assert made.task_weights == PRESETS[preset].task_weights
    assert np.isfinite(made.predict_quantiles(panel, made.shape.horizon)).all()


def test_simulations_of_other_steps_are_refused(make_panel):
    panel = make_panel(days=3, step_minutes=30)
    with pytest.raises(BadInput, match="Simulations are hourly and this history has 48 steps"):
        fit_history(panel, WindowSpec(48, 12), init="simulation")


@pytest.mark.parametrize(
    ("choice", "problem"),
    [
        (
            {"init": "rumours"},
            "no initialisation 'rumours'; there are pretrained, simulation, reweighted, scratch",
        ),
        ({"preset": "huge"}, "no preset 'huge'; there are default, paper"),
    ],
)
def test_an_error_on_an_unknown_choice_names_the_known_ones(panel: Panel, choice, problem):
    with pytest.raises(BadInput, match=problem):
        fit_history(panel, WindowSpec(24, 6), **choice)
