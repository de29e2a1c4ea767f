"""Cities and models: what is installed, and new ones made, added, and refused."""

import json
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from netspatial.city import FILES, City
from netspatial.errors import BadInput
from netspatial.runs.kinds import carry_on
from netspatial.runs.record import Progress
from netspatial.runs.run import Run, list_runs
from netspatial.shipped import shipped
from netspatial.ui.cities_models import installed_models
from netspatial.ui.cities_upload import KINDS, MOST_MB, Upload, add_city, folder_name

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def folders(own_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app's folders: a city that may be changed, and a runs folder without any run."""
    cities = tmp_path / "cities"
    cities.mkdir()
    own_city.folder.rename(cities / "tinytown")
    monkeypatch.setenv("NETSPATIAL_CITIES", str(cities))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr("netspatial.runs.worker.start", lambda _: None)
    monkeypatch.setattr("netspatial.runs.worker.keep_working", lambda *_: None)
    return cities


def opened(**address: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page("screens/cities.py").run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    boxes = [*app.info, *app.warning, *app.error, *app.success, *app.markdown, *app.caption]
    return " ".join(box.value for box in boxes)


@pytest.mark.usefixtures("folders")
def test_every_city_is_listed_with_provenance_and_can_be_checked() -> None:
    app = opened()
    assert "Tinytown" in text(app)
    assert "simulated" in text(app)
    app.button(key="check-tinytown").click().run()
    assert "All parts are in order." in text(app)


def test_a_broken_city_is_one_sentence_and_hides_no_other(folders: Path) -> None:
    (folders / "broken").mkdir()
    (folders / "broken" / "city.json").write_text("{}")
    app = opened()
    (sentence,) = [error.value for error in app.error]
    assert "city.json is not valid" in sentence
    assert "Tinytown" in text(app)


def test_without_a_city_the_page_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(tmp_path))
    assert "There is no city yet" in text(opened())


@pytest.mark.usefixtures("folders")
def test_every_shipped_model_is_listed_with_its_card() -> None:
    app = opened(room="Models")
    for model in installed_models():
        assert model.card.strip() in [box.value for box in app.markdown]
    assert {model.folder for model in installed_models()} == {
        config.parent
        for room in ("models", "context", "encoders")
        for config in shipped(room, "").glob("*/config.json")
    }


def test_simulate_asks_for_a_run_that_makes_the_city(folders: Path) -> None:
    app = opened(room="Simulate a city")
    app.text_input[0].set_value("Über / Town")
    box = {one.label: one for one in app.number_input}
    box["Seed"].set_value(3)
    box["Side, km"].set_value(2.0)
    box["Stations"].set_value(5)
    box["Points of interest"].set_value(20)
    app.button[0].click().run()
    assert not app.exception
    (run,) = list_runs()
    assert app.query_params["run"] == run.name
    carry_on(run)
    city = City.open(folders / "ber-town")
    assert (len(city.stations), city.record.seed) == (5, 3)
    assert "is there" in text(opened(run=run.name))


@pytest.mark.usefixtures("folders")
def test_a_city_that_is_there_is_not_written_over() -> None:
    app = opened(room="Simulate a city")
    app.text_input[0].set_value("Tinytown")
    app.button[0].click().run()
    assert app.error[0].value == "There is a city 'tinytown' already; choose another name."
    assert list_runs() == []


@pytest.mark.usefixtures("folders")
def test_fine_tuning_on_too_few_stations_is_refused_in_a_sentence() -> None:
    app = opened(room="Fine-tune")
    app.button[0].click().run()
    assert "traffic of 6 stations; fine-tuning needs at least 20" in app.error[0].value
    assert list_runs() == []


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_run_that_ended_badly_can_be_resumed(folders: Path, tmp_path: Path, state: str) -> None:
    request = {"city": str(folders / "new")}
    run = Run.create(tmp_path / "runs" / "simulate-new", "simulate", request)
    run.write_progress(Progress(state=state, error="The disk is full."))
    app = opened(run=run.name)
    assert app.button(key="resume")
    assert ("The disk is full." in text(app)) == (state == "failed")


def parts_of(city: City) -> dict:
    """The small city as somebody would upload it."""
    stations = city.stations
    table = pd.DataFrame(stations.drop(columns="geometry")).assign(
        lon=stations.geometry.x, lat=stations.geometry.y
    )
    with city.traffic as traffic:
        hours = traffic["total"].to_dataframe().reset_index()
    pois = BytesIO()
    city.pois.to_parquet(pois)
    return {
        "imagery": Upload("../../image.TIF", city.path("imagery").read_bytes()),
        "pois": Upload("pois.parquet", pois.getvalue()),
        "stations": Upload("sites.csv", table.to_csv(index=False).encode()),
        "traffic": Upload("hours.csv", hours.to_csv(index=False).encode()),
    }


def test_an_uploaded_city_holds_what_was_given(small_city: City, tmp_path: Path) -> None:
    city = add_city(
        tmp_path, "New Town", "Europe/Rome", parts_of(small_city), unit="MB", licence="CC0-1.0",
        attribution="made up",
    )  # fmt: skip
    assert city.folder == tmp_path / "new-town"
    assert city.record.provenance == "measured"
    assert set(city.parts) == {"imagery", "pois", "stations", "traffic"}
    assert city.validate() == []
    assert len(city.stations) == len(small_city.stations)
    assert city.record.licences["stations"] == "CC0-1.0"
    with city.traffic as ours, small_city.traffic as theirs:
        assert float(ours["total"].sum()) == pytest.approx(float(theirs["total"].sum()), rel=1e-5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new-town"]


@pytest.mark.parametrize(
    ("part", "upload", "says"),
    [
        ("imagery", Upload("image.png", b"x"), "holds no imagery"),
        ("imagery", Upload("image.tif", b"not an image"), "not a GeoTIFF"),
        ("stations", Upload("sites", b"x"), "without an ending"),
        ("stations", Upload("sites.csv", b"a,b\n1,2\n"), "has no columns of lon and lat"),
        ("traffic", Upload("hours.csv", b"a,b\n1,2\n"), "column"),
        ("pois", Upload("x.parquet", b"PAR1"), "read"),
    ],
)
def test_a_bad_upload_is_a_sentence_and_nothing_is_stored(
    small_city: City, tmp_path: Path, part, upload: Upload, says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        add_city(tmp_path, "bad", "UTC", {**parts_of(small_city), part: upload}, unit="MB")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_too_large_an_upload_is_refused(tmp_path: Path) -> None:
    large = Upload("sites.csv", bytes(MOST_MB["stations"] * 1_000_000 + 1))
    with pytest.raises(BadInput, match="more than 50 MB"):
        add_city(tmp_path, "large", "UTC", {"stations": large}, bounds="0, 0, 1, 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "folder"), [("Milan", "milan"), ("../../etc", "etc"), ("a/b\\c", "a-b-c")]
)
def test_a_name_becomes_a_plain_folder(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@pytest.mark.parametrize("name", ["", "..", "/", "···"])
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="needs a name"):
        folder_name(name)


def test_every_part_that_can_be_uploaded_is_one_of_a_city() -> None:
    assert set(KINDS) == set(MOST_MB) <= set(FILES)
    assert json.dumps(KINDS)
