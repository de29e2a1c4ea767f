"""What ours is without a part: taught once, kept beside the cities, each part for itself."""

from dataclasses import asdict
from pathlib import Path

import pytest

from netspatial.evaluate.forecast_ablations import Part, PretrainedAblations, Teachings
from netspatial.evaluate.forecast_models import DEFAULT_PARTS, PARTS
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.sim_mstnet import Options
from netspatial.forecast.training import TrainConfig
from tests.baselines.made_up_history import made_up_history

LITTLE = Teachings(TrainConfig(steps=2, batch=8, evaluate_every=2, most_validation=8), cities=2)
WITH_SPACE = Part({"space": True})


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PretrainedAblations:
    """Taught on made-up cities."""
    monkeypatch.setattr(PretrainedAblations, "_city", lambda *_: made_up_history(days=5))
    return PretrainedAblations(tmp_path, LITTLE)


def test_a_network_with_other_parts_is_taught_once(
    parts: PretrainedAblations, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = parts.folder(WITH_SPACE)
    assert NetworkForecaster.load(folder).options["space"] is True

    def again(*_: object) -> None:
        raise AssertionError("taught again")

    monkeypatch.setattr(PretrainedAblations, "_city", again)
    assert parts.folder(WITH_SPACE) == folder
    with pytest.raises(AssertionError, match="taught again"):
        parts.folder(PARTS[DEFAULT_PARTS])


def test_weights_of_tasks_are_those_of_the_part(parts: PretrainedAblations) -> None:
    made = NetworkForecaster.load(parts.folder(PARTS["dynamic weights"]))
    assert made.task_weights == "dynamic"
    assert made.options == asdict(Options(tied=True))


def test_each_part_and_each_budget_lies_in_a_folder_of_its_own(parts: PretrainedAblations) -> None:
    folders = [parts.folder(part) for part in (PARTS[DEFAULT_PARTS], WITH_SPACE)]
    longer = Teachings(TrainConfig(steps=3, batch=8, evaluate_every=3), cities=2)
    folders.append(PretrainedAblations(parts.work, longer).folder(WITH_SPACE))
    assert len(set(folders)) == 3
