"""The city page without a browser: its states, its controls and its address."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from netspatial.city.city import FILES, City
from netspatial.plain_text import in_markdown
from tests.ui import pages
from tests.ui.pages import numbers

opened = partial(pages.opened, "city")


@pytest.fixture
def town(own_city: City, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A city folder that the test may change, alone in the cities folder."""
    monkeypatch.setenv("NETSPATIAL_CITIES", str(own_city.folder.parent))
    return own_city.folder


def words(app: AppTest) -> str:
    return " ".join(info.value for info in app.info)


def test_without_a_city_the_page_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(tmp_path))
    app = opened()
    assert app.title[0].value == "No city yet"
    assert app.code[0].value == f"netspatial simulate --seed 7 --out {tmp_path / 'demo'}"
    assert not app.error


@pytest.mark.usefixtures("town")
def test_a_city_opens_with_the_sum_of_its_stations() -> None:
    app = opened()
    assert app.title[0].value == "Tinytown"
    assert app.selectbox(key="station").value is None
    assert set(numbers(app)) == {"Mean", "Peak hour", "95th percentile", "Capacity use"}
    assert not app.error


@pytest.mark.usefixtures("town")
def test_simulated_traffic_is_labelled_simulated() -> None:
    assert any("simulated" in text.value for text in opened().markdown)


@pytest.mark.usefixtures("town")
def test_a_station_can_be_selected_from_the_list() -> None:
    app = opened()
    together = numbers(app)["Mean"]
    app.selectbox(key="station").select("s2").run()
    assert not app.exception
    assert numbers(app)["Mean"] != together


def test_the_address_names_city_and_station(town: Path) -> None:
    shutil.copytree(town, town.with_name("another"))
    app = opened(city=town.name, station="s4")
    assert app.selectbox(key="city").value == town.name
    assert app.selectbox(key="station").value == "s4"


@pytest.mark.parametrize("station", ["nobody", "<script>", ""])
@pytest.mark.usefixtures("town")
def test_an_unknown_station_in_the_address_shows_the_sum_of_all_stations(station: str) -> None:
    app = opened(station=station)
    assert app.selectbox(key="station").value is None
    assert numbers(app)
    assert [warning.value for warning in app.warning] == (
        [f"Tinytown has no station '{in_markdown(station)}'; the sum of all stations is shown."]
        if station
        else []
    )


@pytest.mark.parametrize("part", list(FILES))
def test_a_city_without_one_part_still_opens(town: Path, part) -> None:
    (town / FILES[part]).unlink()
    app = opened()
    assert app.title[0].value == "Tinytown"
    assert not app.error
    if part in {"stations", "traffic"}:
        assert f"has no {part} yet" in words(app)
    else:
        assert numbers(app)


def test_a_broken_city_is_reported_in_one_error_message(town: Path) -> None:
    (town / "city.json").write_text("{}")
    app = pages.opened()
    (sentence,) = [error.value for error in app.error]
    assert "city.json is not valid" in sentence


@pytest.mark.parametrize("look", ["flat", "raised"])
@pytest.mark.usefixtures("town")
def test_both_views_and_every_service_can_be_shown(look: str) -> None:
    app = opened()
    app.segmented_control(key="look").set_value(look).run()
    app.segmented_control(key="service").set_value("data").run()
    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("town")
def test_all_layers_can_be_hidden() -> None:
    app = opened()
    app.pills(key="layers").set_value([]).run()
    assert not app.exception
