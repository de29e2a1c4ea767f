"""Fixtures: a very small generator, trained for a few steps."""

from collections.abc import Callable

import pytest

from netspatial.generate.generator import Generator
from netspatial.generate.pipelines import make_generator
from netspatial.generate.presets import Preset
from tests.generate.made_up_stations import TINY, made_up_stations


@pytest.fixture(scope="session")
def tiny_generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    """A generator trained, written and loaded as by a user."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return make_generator(folder, made_up_stations(), TINY, validate_every=6)


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Preset, int], Generator]:
    """Train a model of a preset on that many weeks."""

    def make(preset: Preset, weeks: int) -> Generator:
        folder = tmp_path_factory.mktemp("models") / preset.name
        return make_generator(folder, made_up_stations(weeks=weeks), preset, validate_every=6)

    return make
