"""The small city with a finished plan, shown first as its example."""

from pathlib import Path

import pytest

from netspatial.city.city import City
from netspatial.runs.jobs.run import Run
from tests.ui.plan_runs import write_made_up_run


@pytest.fixture(autouse=True)
def no_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages start no worker that loads the built-in models."""
    monkeypatch.setattr("netspatial.runs.jobs.worker.warm_up", lambda *_: None)


@pytest.fixture(scope="session")
def planned(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished plan in a runs folder of its own."""
    return write_made_up_run(small_city, tmp_path_factory.mktemp("runs") / "example-tinytown")


@pytest.fixture
def shown_town(small_city: City, planned: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app's folders: the small city, and the runs with its example."""
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(planned.folder.parent))
    return planned.folder.parent
