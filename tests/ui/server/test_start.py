"""What `start.prepare` loads and caches before the first visitor."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspatial.ui.components import cache
from netspatial.ui.plan import plan_view
from netspatial.ui.server import start
from netspatial.viz import city_queries
from tests.ui.pages import opened
from tests.ui.test_plan_page import names, table


@pytest.mark.usefixtures("shown_town")
def test_image_and_ranking_of_the_example_are_cached(
    planned, small_city, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", os.path.relpath(small_city.folder.parent))
    cache._backdrop.clear()
    start.prepare()

    def again(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(city_queries, "backdrop", again)
    monkeypatch.setattr(plan_view.PlanRun, "replan", again)
    city_version = (small_city.folder / "city.json").stat().st_mtime_ns
    assert cache.backdrop(small_city.folder, city_version).uri.startswith("data:image/webp")
    assert table(opened()) == names(planned)


def test_without_a_city_prepare_does_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(tmp_path))
    start.prepare()


def test_prepared_objects_are_excluded_from_garbage_collection(tmp_path: Path) -> None:
    code = "import gc; from netspatial.ui.server import start; start.prepare(); "
    code += "print(len(gc.get_objects()) < gc.get_freeze_count())"
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"NETSPATIAL_CITIES": str(tmp_path)},
    )
    assert done.stdout.strip() == "True"


def test_prepare_imports_no_heavy_or_server_only_library(
    tmp_path: Path,
) -> None:
    code = "import sys; from netspatial.ui.server import start; start.prepare(); "
    code += (
        "print(sorted({'torch', 'transformers', 'osmium', 'streamlit_folium'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"NETSPATIAL_CITIES": str(tmp_path)},
    )
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
