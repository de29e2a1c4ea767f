from pathlib import Path

import pytest

from netspatial.city import City
from netspatial.errors import BadInput
from netspatial.evaluate import app
from netspatial.evaluate.app import AppReport, bench_app


def test_the_report_has_the_promised_names() -> None:
    wanted = {
        "first_result_s",
        "draw_to_rank_cold_s",
        "draw_to_rank_warm_s",
        "rerank_s",
        "cell_click_s",
        "sessions",
        "sessions_correct",
        "rss_growth_mb",
    }
    assert wanted < AppReport(1, 2, 3, 4, 5, 10, 10, 50, 3.5).record().keys()


def test_the_area_of_the_bench_is_the_middle_of_the_city(small_city: City) -> None:
    area = app._middle(small_city)(500.0)
    west, south, east, north = small_city.record.bounds
    assert (area.centroid.x, area.centroid.y) == pytest.approx(
        ((west + east) / 2, (south + north) / 2), abs=1e-5
    )
    assert area.area_km2 == pytest.approx(0.25, rel=0.01)


def test_without_an_app_beside_the_code_it_says_so(
    small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "APP", tmp_path / "app.py")
    with pytest.raises(BadInput, match=r"app\.py of a checkout"):
        bench_app(small_city.folder, sessions=1, generations=0)
