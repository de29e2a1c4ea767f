"""Ablations are pretrained once and kept in one folder each."""

from dataclasses import asdict
from pathlib import Path

import pytest

from netspatial.evaluate.forecast_ablations import Part, PretrainedAblations, PretrainingSize
from netspatial.evaluate.forecast_models import DEFAULT_PARTS, PARTS
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.sim_mstnet import Options
from netspatial.forecast.training import TrainConfig
from tests.baselines.made_up_history import made_up_history

LITTLE = PretrainingSize(
    TrainConfig(steps=2, batch=8, evaluate_every=2, most_validation=8), cities=2
)
WITH_SPACE = Part({"space": True})


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PretrainedAblations:
    """Ablations pretrained on synthetic cities."""
    monkeypatch.setattr(PretrainedAblations, "_city", lambda *_: made_up_history(days=5))
    return PretrainedAblations(tmp_path, LITTLE)


def test_an_ablation_is_pretrained_once(
    parts: PretrainedAblations, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = parts.folder(WITH_SPACE)
    assert NetworkForecaster.load(folder).options["space"] is True

    def again(*_: object) -> None:
        raise AssertionError("pretrained again")

    monkeypatch.setattr(PretrainedAblations, "_city", again)
    assert parts.folder(WITH_SPACE) == folder
    with pytest.raises(AssertionError, match="pretrained again"):
        parts.folder(PARTS[DEFAULT_PARTS])


def test_an_ablation_has_its_weights_of_tasks(parts: PretrainedAblations) -> None:
    made = NetworkForecaster.load(parts.folder(PARTS["dynamic weights"]))
    assert made.task_weights == "dynamic"
    assert made.options == asdict(Options(tied=True))


def test_each_ablation_and_each_budget_has_its_own_folder(parts: PretrainedAblations) -> None:
    folders = [parts.folder(part) for part in (PARTS[DEFAULT_PARTS], WITH_SPACE)]
    longer = PretrainingSize(TrainConfig(steps=3, batch=8, evaluate_every=3), cities=2)
    folders.append(PretrainedAblations(parts.work, longer).folder(WITH_SPACE))
    assert len(set(folders)) == 3
