"""The objective: flow matching and likelihoods; auxiliary terms only in the published preset."""

from dataclasses import asdict, replace

import pytest
import torch

from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.objective import Batch, TrainingRng, objective
from netspatial.generate.presets import PRESETS, Preset, preset_from
from tests.generate.made_up_stations import TINY, WIDTH, made_up_stations

OURS = {"scale", "peak", "daily", "weekly", "residual", "residual_scale"}


def terms(preset: Preset) -> dict[str, torch.Tensor]:
    data = made_up_stations(16, weeks=2)
    x, hours = torch.from_numpy(data.x), torch.from_numpy(data.hours.astype("int64"))
    model = HierarchicalFlow(preset, WIDTH, one_week=False)
    model.fit_statistics(x, hours, torch.from_numpy(data.context))
    rng = TrainingRng(torch.Generator().manual_seed(0), torch.device("cpu"))
    return objective(model, Batch(x, hours, torch.from_numpy(data.context)), rng)


def test_the_objective_is_flow_matching_and_likelihoods_alone() -> None:
    assert set(terms(TINY)) == OURS


def test_the_published_preset_has_the_published_auxiliary_terms() -> None:
    published = PRESETS["paper"]
    small = {name: getattr(TINY, name) for name in ("condition_width", "series_width")}
    found = terms(replace(published, **small, vector_width=16, vector_depth=1, series_depth=1))
    assert set(found) == (OURS | {"auxiliary"}) - {"scale", "residual_scale"}
    assert float(found["auxiliary"].detach()) > 0
    assert published.auxiliary_weight == pytest.approx(0.1)


@pytest.mark.parametrize(("stored", "weight"), [("one_step", 0.0), ("rollout", 0.3)])
def test_weights_that_name_an_auxiliary_term_still_load(stored: str, weight: float) -> None:
    settings = {**asdict(TINY), "auxiliary": stored, "auxiliary_weight": 0.3}
    assert preset_from(settings, "a test") == replace(TINY, auxiliary_weight=weight)
