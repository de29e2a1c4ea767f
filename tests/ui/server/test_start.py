"""What is in memory before the app's first visitor comes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspatial.ui.components import cache, queries
from netspatial.ui.plan import plan_view
from netspatial.ui.server import start
from tests.ui.pages import opened
from tests.ui.test_plan_page import names, table


@pytest.mark.usefixtures("shown_town")
def test_the_first_visitor_waits_for_no_picture_and_no_ranking(
    planned, small_city, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", os.path.relpath(small_city.folder.parent))
    cache._backdrop.clear()
    start.prepare()

    def again(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(queries, "backdrop", again)
    monkeypatch.setattr(plan_view.PlanRun, "replan", again)
    city_version = (small_city.folder / "city.json").stat().st_mtime_ns
    assert cache.backdrop(small_city.folder, city_version).uri.startswith("data:image/webp")
    assert table(opened()) == names(planned)


def test_without_a_city_there_is_nothing_to_prepare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(tmp_path))
    start.prepare()


def test_what_is_prepared_is_swept_no_more(tmp_path: Path) -> None:
    code = "import gc; from netspatial.ui import start; start.prepare(); "
    code += "print(len(gc.get_objects()) < gc.get_freeze_count())"
    metadata = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"NETSPATIAL_CITIES": str(tmp_path)},
    )  # fmt: skip
    assert metadata.stdout.strip() == "True"


def test_neither_what_a_worker_needs_is_loaded_nor_what_needs_a_server_that_runs(
    tmp_path: Path,
) -> None:
    code = "import sys; from netspatial.ui import start; start.prepare(); "
    code += (
        "print(sorted({'torch', 'transformers', 'osmium', 'streamlit_folium'} & set(sys.modules)))"
    )
    metadata = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"NETSPATIAL_CITIES": str(tmp_path)},
    )  # fmt: skip
    assert metadata.stdout.strip() == "[]"
    assert metadata.stderr == ""
