"""From a history to a forecaster: what is set aside, and how much is needed."""

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.forecast.fitting import PRESETS, fit_history, split_history
from netspatial.forecast.panel import Panel
from netspatial.forecast.windows import WindowSpec


@pytest.mark.parametrize("days", [3, 5, 10, 15])
def test_nothing_that_says_when_to_stop_was_learnt_from(make_panel, days: int):
    shape = WindowSpec(48, 24)
    learnt, judged = split_history(make_panel(days=days), shape)
    assert (learnt.origin + shape.horizon).max() <= judged.origin.min()
    assert len(np.unique(learnt.place)) == len(np.unique(judged.place)) == 11


@pytest.mark.parametrize(
    ("days", "shape", "said"),
    [
        (
            2,
            WindowSpec(48, 24),
            r"has 48 steps \(2.0 days\); learning to go from 48 steps to 24 needs 72",
        ),
        (7, WindowSpec(168, 24), r"needs 192 \(8.0 days\)"),
    ],
)
def test_a_history_that_is_too_short_says_how_many_days_are_needed(make_panel, days, shape, said):
    with pytest.raises(BadInput, match=said):
        split_history(make_panel(days=days), shape)


def test_as_many_days_as_were_said_to_be_needed_are_enough(make_panel):
    learnt, judged = split_history(make_panel(days=8), WindowSpec(168, 24))
    assert len(learnt)
    assert len(judged)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_history_alone_is_enough_to_learn_from(panel: Panel, preset: str):
    made = fit_history(panel, WindowSpec(24, 6), init="history", preset=preset, steps=2)
    assert made.learnt_from == ("measured",)
    assert made.task_weights == PRESETS[preset].task_weights
    assert np.isfinite(made.predict_quantiles(panel, made.shape.horizon)).all()


def test_simulations_of_other_steps_are_refused(make_panel):
    panel = make_panel(days=3, step_minutes=30)
    with pytest.raises(BadInput, match="Simulations are hourly and this history has 48 steps"):
        fit_history(panel, WindowSpec(48, 12), init="simulation")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"learn_from": "rumours"},
            "no way to learn 'rumours'; there are taught, simulation, weighed, history",
        ),
        ({"preset": "huge"}, "no preset 'huge'; there are default, paper"),
    ],
)
def test_unknown_choices_are_named_with_those_there_are(panel: Panel, asked, said):
    with pytest.raises(BadInput, match=said):
        fit_history(panel, WindowSpec(24, 6), **asked)
