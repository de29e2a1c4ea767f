"""Cities for the learned correction: a simulated one is drawn again, and kept in a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netspatial.context.embed import load_context
from netspatial.errors import BadInput
from netspatial.generate.correction_cities import correction_city
from netspatial.generate.generator import Generator
from netspatial.generate.measured import measure_city
from netspatial.kriging.correction_network import CorrectionNetwork, NetworkSettings
from netspatial.kriging.kernels import GROUPS
from netspatial.kriging.learned_correction import (
    CorrectionConfig,
    LearnedCorrection,
    save_correction,
)
from netspatial.simulate import simulate


@pytest.fixture(scope="module")
def models():
    return load_context(), Generator.load()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town") / "town"
    return simulate(folder, seed=5, size_km=2, stations=8, pois=200, weeks=1)


def test_a_simulated_city_is_drawn_again_and_kept(town, models, tmp_path: Path) -> None:
    made = correction_city(town, *models, redraws=2, kept=tmp_path)
    assert made.levels.shape == (2, 8)
    measured = np.log(town.traffic["total"].mean("time").to_numpy())
    assert not np.allclose(made.levels[0], measured, atol=0.05)
    assert np.abs(made.levels.mean() - measured.mean()) < 1.5
    (file,) = tmp_path.glob("*.npz")
    written = file.read_bytes()
    again = correction_city(town, *models, redraws=2, kept=tmp_path)
    assert file.read_bytes() == written
    assert np.array_equal(again.levels, made.levels)
    assert all(
        np.array_equal(again.places.features[name], made.places.features[name]) for name in GROUPS
    )


def test_of_another_city_its_own_levels_are_used(small_city, models, tmp_path: Path) -> None:
    made = correction_city(small_city, *models, redraws=2, kept=tmp_path)
    measured = np.log(small_city.traffic["total"].mean("time").to_numpy())
    assert made.levels.shape == (1, len(measured))
    assert np.allclose(made.levels[0], measured, atol=0.1)
    context, generator = models
    knows = replace(generator, facts=replace(generator.facts, sources=(small_city.name,)))
    with pytest.raises(BadInput, match="the correction needs other cities"):
        correction_city(small_city, context, knows, redraws=2, kept=tmp_path / "other")


def test_a_correction_is_applied_with_its_weight_or_refused(
    small_city, models, tmp_path: Path
) -> None:
    context, generator = models
    made = correction_city(small_city, *models, redraws=1, kept=tmp_path)
    sizes = {name: made.places.features[name].shape[1] for name in ("embedding", "counts")}
    settings = NetworkSettings({**sizes, "network": made.places.features["network"].shape[1]})
    network = CorrectionNetwork(settings)
    own = CorrectionConfig(settings, context.fingerprint, (), {})
    loaded = save_correction(network, tmp_path / "own", own, "# Card")
    city = measure_city(small_city, context, generator, correction=loaded)
    assert city.correction_weight is not None
    assert 0 <= city.correction_weight <= 1
    assert measure_city(small_city, context, generator).correction_weight is None
    other = CorrectionConfig(settings, "another", (), {})
    save_correction(network, tmp_path / "other", other, "# Card")
    foreign = LearnedCorrection.load(tmp_path / "other")
    with pytest.raises(BadInput, match="train it again"):
        measure_city(small_city, context, generator, correction=foreign)
