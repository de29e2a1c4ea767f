"""A planned run over the made-up city, with a generator trained for a few steps."""

from collections.abc import Callable
from pathlib import Path

import pytest

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.generate.pipelines import make_generator
from netspatial.plan.settings import PlanSettings
from netspatial.runs.kinds import planning
from netspatial.runs.kinds.plan_result import PlanRun
from tests.generate.made_up_stations import TINY, made_up_stations
from tests.runs.made_up_context import fusion

SETTINGS = PlanSettings(sites=3, spacing_m=200)
SMALL = {"cell_m": 100.0, "samples": 3, "weeks": 1}


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a very small generator."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    make_generator(folder, made_up_stations(n=24, weeks=2), TINY, validate_every=6)
    return folder


@pytest.fixture(scope="session")
def small_area(small_city: City) -> Area:
    """Return the made-up city without its edge: about 150 cells of 100 m, in three blocks."""
    west, south, east, north = small_city.record.bounds
    return Area.around((west + east) / 2, (south + north) / 2, 1150)


@pytest.fixture(autouse=True)
def made_up_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make runs use the made-up context of the tiny generator."""
    monkeypatch.setattr(planning, "warm_context", fusion)


@pytest.fixture(scope="session")
def plan_here(small_city: City, small_area: Area, model_folder: Path) -> Callable[..., PlanRun]:
    """Return a function that plans over the made-up city into a folder."""

    def plan(out: Path, **choices: object) -> PlanRun:
        wanted = {"settings": SETTINGS, "model": model_folder, **SMALL, **choices}
        with pytest.MonkeyPatch.context() as patched:  # session fixtures precede those of a test
            patched.setattr(planning, "warm_context", fusion)
            return planning.plan_sites(small_city, small_area, out=out, **wanted)

    return plan


@pytest.fixture(scope="session")
def planned(plan_here, tmp_path_factory: pytest.TempPathFactory) -> PlanRun:
    """Return a finished run that tests do not change."""
    return plan_here(tmp_path_factory.mktemp("runs") / "planned")
