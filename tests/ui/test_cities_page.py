"""Cities and models: lists, simulation, fine-tuning, and accepted and rejected uploads."""

import gzip
from functools import partial
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from netspatial.bundled_weights import bundled
from netspatial.city.city import FILES, City
from netspatial.errors import BadInput
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Run, list_runs
from netspatial.runs.kinds.registry import resume
from netspatial.sources import SOURCES
from netspatial.sources.land_cover import corine_legend
from netspatial.ui.cities.models import installed_models
from netspatial.ui.cities.upload import Given, Upload, add_city, folder_name
from netspatial.ui.cities.upload_kinds import KINDS, MAX_MB, endings
from tests.ui import pages
from tests.ui.pages import text

opened = partial(pages.opened, "cities")


@pytest.fixture
def folders(own_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app's folders: a city that may be changed, and a runs folder without any run."""
    cities = tmp_path / "cities"
    cities.mkdir()
    own_city.folder.rename(cities / "tinytown")
    monkeypatch.setenv("NETSPATIAL_CITIES", str(cities))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr("netspatial.runs.jobs.worker.start", lambda _: None)
    monkeypatch.setattr("netspatial.runs.jobs.worker.keep_working", lambda *_: None)
    return cities


@pytest.mark.usefixtures("folders")
def test_every_city_is_listed_with_provenance_and_can_be_validated() -> None:
    app = opened()
    assert "Tinytown" in text(app)
    assert "simulated" in text(app)
    app.button(key="check-tinytown").click().run()
    assert "All parts are valid." in text(app)


def test_a_broken_city_is_reported_and_the_others_are_listed(folders: Path) -> None:
    (folders / "broken").mkdir()
    (folders / "broken" / "city.json").write_text("{}")
    app = opened()
    (sentence,) = [error.value for error in app.error]
    assert "city.json is not valid" in sentence
    assert "Tinytown" in text(app)


def test_without_a_city_the_page_explains_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(tmp_path))
    assert "There is no city yet" in text(opened())


@pytest.mark.usefixtures("folders")
def test_every_built_in_model_is_listed_with_its_model_card() -> None:
    app = opened(room="Models")
    for model in installed_models():
        assert model.card.strip() in [box.value for box in app.markdown]
    assert {model.folder for model in installed_models()} == {
        config.parent
        for room in ("models", "context", "encoders")
        for config in bundled(room, "").glob("*/config.json")
    }


def test_simulate_submits_a_run_that_creates_the_city(folders: Path) -> None:
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
    resume(run)
    city = City.open(folders / "ber-town")
    assert (len(city.stations), city.record.seed) == (5, 3)
    assert "is ready" in text(opened(run=run.name))


@pytest.mark.usefixtures("folders")
def test_an_existing_city_is_not_overwritten() -> None:
    app = opened(room="Simulate a city")
    app.text_input[0].set_value("Tinytown")
    app.button[0].click().run()
    assert app.error[0].value == "There is a city 'tinytown' already; choose another name."
    assert list_runs() == []


@pytest.mark.usefixtures("folders")
def test_fine_tuning_on_too_few_stations_is_rejected() -> None:
    app = opened(room="Fine-tune")
    app.button[0].click().run()
    assert "traffic of 6 stations; fine-tuning needs at least 20" in app.error[0].value
    assert list_runs() == []


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_failed_or_cancelled_run_can_be_resumed(
    folders: Path, tmp_path: Path, state: str
) -> None:
    request = {"city": str(folders / "new")}
    run = Run.create(tmp_path / "runs" / "simulate-new", "simulate", request)
    run.write_progress(RunProgress(state=state, error="The disk is full."))
    app = opened(run=run.name)
    assert app.button(key="resume")
    assert ("The disk is full." in text(app)) == (state == "failed")


def parts_of(city: City) -> dict:
    """The files of the small city as an upload."""
    stations = city.stations
    table = pd.DataFrame(stations.drop(columns="geometry")).assign(
        lon=stations.geometry.x, lat=stations.geometry.y
    )
    with city.traffic as traffic:
        hours = traffic["total"].to_dataframe().reset_index()
    pois = BytesIO()
    city.pois.to_parquet(pois)
    return {
        "imagery": given("geotiff", "../../image.TIF", city.path("imagery").read_bytes()),
        "pois": given("file", "pois.parquet", pois.getvalue()),
        "stations": given("file", "sites.csv", table.to_csv(index=False).encode()),
        "traffic": given("tidy", "hours.csv", hours.to_csv(index=False).encode()),
    }


def given(kind: str, name: str, content: bytes) -> Given:
    return Given(kind, [Upload(name, content)])


def test_an_uploaded_city_contains_the_uploaded_parts(small_city: City, tmp_path: Path) -> None:
    city = add_city(
        tmp_path,
        "New Town",
        "Europe/Rome",
        parts_of(small_city),
        unit="MB",
        licence="CC0-1.0",
        attribution="made up",
    )
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
    ("part", "bad", "says"),
    [
        ("imagery", given("geotiff", "image.png", b"x"), "holds no imagery"),
        ("imagery", given("geotiff", "image.tif", b"not an image"), "holds something else"),
        ("imagery", given("geotiff", "image.tif", b"II*\x00 broken"), "no image that can be read"),
        ("imagery", given("geotiff", "image.tif", b"<VRTDataset>"), "holds something else"),
        ("stations", given("file", "sites", b"x"), "without an ending"),
        ("stations", given("file", "sites.csv", b"a,b\n1,2\n"), "has no columns of lon and lat"),
        (
            "stations",
            given("opencellid", "cells.csv", b"a,b\n1,2\n"),
            "not a cell list of OpenCellID",
        ),
        ("stations", given("file", "sites.gpkg", b"<OGRVRTDataSource>"), "holds something else"),
        ("stations", given("file", "sites.zip", b"PK"), "holds something else"),
        ("traffic", given("tidy", "hours.csv", b"a,b\n1,2\n"), "column"),
        ("traffic", given("wide", "hours.csv", b"a,b\n1,2\n"), "no column of the time"),
        ("traffic", given("telecom-italia", "day.txt", b"1\t2\n"), "format of Telecom Italia"),
        ("traffic", given("telecom-italia", "day.csv", b"1"), "“Telecom Italia's daily files”"),
        ("traffic", Given("tidy", [Upload("a.csv", b""), Upload("b.csv", b"")]), "2 files"),
        ("pois", given("file", "x.parquet", b"PAR1"), "no Parquet file"),
        ("pois", given("osm", "x.osm.pbf", b"nothing"), "cannot be read as an OpenStreetMap file"),
        ("landuse", given("file", "x.csv", b"a,b\n1,2\n"), "has no columns of lon and lat"),
    ],
)
def test_an_invalid_upload_is_reported_and_nothing_is_stored(
    small_city: City, tmp_path: Path, part, bad: Given, says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        add_city(tmp_path, "bad", "UTC", {**parts_of(small_city), part: bad}, unit="MB")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_too_large_upload_is_rejected(tmp_path: Path) -> None:
    large = given("file", "sites.csv", bytes(MAX_MB["stations"] * 1_000_000 + 1))
    with pytest.raises(BadInput, match="more than 50 MB"):
        add_city(tmp_path, "large", "UTC", {"stations": large}, bounds="0, 0, 1, 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "folder"), [("Milan", "milan"), ("../../etc", "etc"), ("a/b\\c", "a-b-c")]
)
def test_a_name_becomes_a_plain_folder(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@pytest.mark.parametrize("name", ["", "..", "/", "···"])
def test_a_name_without_letters_or_digits_is_rejected(name: str) -> None:
    with pytest.raises(BadInput, match="needs a name"):
        folder_name(name)


def test_every_source_that_reads_files_is_an_upload_kind() -> None:
    assert set(KINDS) == set(MAX_MB) == set(FILES)
    online = {"xyz", "sentinel2", "overpass", "overture"}
    for part, kinds in KINDS.items():
        sources = {kind.source or name for name, kind in kinds.items()}
        assert sources == set(SOURCES[part]) - online


@pytest.mark.usefixtures("folders")
def test_each_part_offers_all_its_kinds_of_files() -> None:
    app = opened(room="Add a city")
    for part, kinds in KINDS.items():
        if len(kinds) > 1:
            options = app.selectbox(key=f"add-kind-{part}").options
            assert options == [kind.title for kind in kinds.values()]
        assert set(endings(part)) >= {"gz" for kind in kinds.values() if "csv.gz" in kind.endings}


def hours_of(city: City) -> pd.DataFrame:
    """Traffic as one row per hour and one column per station."""
    with city.traffic as traffic:
        return traffic["total"].to_pandas().T.rename_axis("time").reset_index()


@pytest.mark.parametrize("name", ["hours.csv", "hours.csv.gz", "hours.parquet"])
def test_wide_traffic_is_read(small_city: City, tmp_path: Path, name: str) -> None:
    written = tmp_path / name
    table = hours_of(small_city)
    table.to_parquet(written) if written.suffix == ".parquet" else table.to_csv(
        written, index=False
    )
    wide = given("wide", name, written.read_bytes())
    city = add_city(
        tmp_path / "cities", "wide", "UTC", {**parts_of(small_city), "traffic": wide}, unit="MB"
    )
    with city.traffic as ours, small_city.traffic as theirs:
        assert float(ours["total"].sum()) == pytest.approx(float(theirs["total"].sum()), rel=1e-5)
        assert ours["total"].attrs["units"] == "MB"


def test_the_daily_files_of_telecom_italia_are_read_together(tmp_path: Path) -> None:
    begin = 1_383_260_400_000
    days = [
        "".join(
            f"{square}\t{begin + (day * 144 + step) * 600_000}\t39\t1\t2\t3\t4\t{square}\n"
            for step in range(144)
            for square in (1, 2)
        )
        for day in range(2)
    ]
    squares = "id,lon,lat\n1,9.1,45.4\n2,9.11,45.41\n"
    city = add_city(
        tmp_path,
        "Milano",
        "Europe/Rome",
        {
            "stations": given("file", "grid.csv", squares.encode()),
            "traffic": Given(
                "telecom-italia",
                [
                    Upload("one.txt.gz", gzip.compress(days[0].encode())),
                    Upload("two.txt", days[1].encode()),
                ],
            ),
        },
        bounds="9, 45.3, 9.2, 45.5",
        unit="is its own",
    )
    with city.traffic as traffic:
        assert dict(traffic.sizes) == {"station": 2, "time": 48}
        assert float(traffic["internet"].sel(station="2").mean()) == pytest.approx(12)
        assert float(traffic["call"].mean()) == pytest.approx(6 * 7)
        assert traffic["internet"].attrs["units"] == "activity"


def test_land_use_and_layers_of_places_are_read(small_city: City, tmp_path: Path) -> None:
    parts = parts_of(small_city)
    for part in ("landuse", "stations", "pois"):
        table = getattr(small_city, part)
        table.to_file(tmp_path / f"{part}.gpkg", engine="pyogrio")
        parts[part] = given("file", f"{part}.gpkg", (tmp_path / f"{part}.gpkg").read_bytes())
    city = add_city(tmp_path / "cities", "layers", "UTC", parts, unit="MB")
    assert set(city.parts) == set(FILES)
    assert len(city.stations) == len(small_city.stations)
    assert set(city.landuse["use"]) == set(small_city.landuse["use"])


def test_a_decompression_bomb_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(bytes(60_000_000))
    assert len(bomb) < 100_000
    monkeypatch.setitem(MAX_MB, "stations", 5)
    parts = {"stations": given("file", "s.csv.gz", bomb)}
    with pytest.raises(BadInput, match="is longer than 1 MB"):
        add_city(tmp_path, "bomb", "UTC", parts, bounds="0, 0, 0.1, 0.1")
    assert list(tmp_path.iterdir()) == []


def test_a_corrupt_gzip_file_is_rejected(tmp_path: Path) -> None:
    broken = gzip.compress(b"id,lon,lat\n" * 50)[:-30] + bytes(30)
    parts = {"stations": given("file", "s.csv.gz", broken)}
    with pytest.raises(BadInput, match="cannot be unpacked"):
        add_city(tmp_path, "broken", "UTC", parts, bounds="0, 0, 0.1, 0.1")


def test_a_raster_of_corine_classes_is_read_as_land_use(small_city: City, tmp_path: Path) -> None:
    classes = tmp_path / "corine.tif"
    with rasterio.open(small_city.path("imagery")) as image:
        profile = {**image.profile, "count": 1, "nodata": None, "photometric": "minisblack"}
        with rasterio.open(classes, "w", **profile) as raster:
            raster.write(np.full(image.shape, 10, np.uint8), 1)
    raster = given("raster", "corine.tif", classes.read_bytes())
    parts = {**parts_of(small_city), "landuse": raster}
    city = add_city(tmp_path / "cities", "corine", "UTC", parts, unit="MB")
    assert set(city.landuse["use"]) == {corine_legend()[10]}


def test_road_lines_are_read_as_surfaces(small_city: City, tmp_path: Path) -> None:
    west, south, east, north = small_city.record.bounds
    middle = (south + north) / 2
    across = shapely.LineString([(west, middle), (east, middle)])
    lines = gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[across], crs="EPSG:4326")
    roads = given("roads", "roads.geojson", lines.to_json().encode())
    parts = {**parts_of(small_city), "landuse": roads}
    city = add_city(tmp_path / "cities", "roads", "UTC", parts, unit="MB")
    assert set(city.landuse["use"]) == {"road"}
    surface = city.landuse.to_crs(small_city.record.crs).area.sum()
    assert surface == pytest.approx(1500 * 10, rel=0.05)  # usual width of a primary road
