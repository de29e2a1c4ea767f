"""A city folder is opened and read lazily, checked, described and written atomically."""

import json
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspatial.city.city import FILES, City, write_city
from netspatial.errors import BadInput, MissingPart

words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
numbers = st.floats(0, 1e6, width=32)


@st.composite
def drafts(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, xr.Dataset]:
    """POIs, stations and traffic of any names, places and values."""
    ids = draw(st.lists(words, min_size=1, max_size=4, unique=True))
    hours = draw(st.integers(1, 30))
    values = draw(st.lists(numbers, min_size=len(ids) * hours, max_size=len(ids) * hours))
    west, south = draw(st.floats(9.18, 9.19)), draw(st.floats(45.451, 45.46))
    points = gpd.points_from_xy([west] * len(ids), [south] * len(ids))
    pois = gpd.GeoDataFrame({"name": ids, "category": "cafe"}, geometry=points, crs=4326)
    stations = gpd.GeoDataFrame({"station_id": ids}, geometry=points, crs=4326)
    times = pd.date_range("2024-02-28", periods=hours, freq="h")
    traffic = xr.Dataset(
        {"total": (("station", "time"), np.reshape(values, (len(ids), hours)), {"units": "MB"})},
        coords={"station": ids, "time": times},
    )
    return pois, stations, traffic


@given(drafts())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tmp_path, small_city, draft):
    pois, stations, traffic = draft
    with write_city(tmp_path / "city", small_city.record) as written:
        written.write_pois(pois)
        written.write_stations(stations)
        written.write_traffic(traffic)
    city = City.open(tmp_path / "city")
    assert city.record == small_city.record
    assert city.parts == ["pois", "stations", "traffic"]
    pd.testing.assert_frame_equal(pd.DataFrame(city.pois), pd.DataFrame(pois))
    pd.testing.assert_frame_equal(pd.DataFrame(city.stations), pd.DataFrame(stations))
    xr.testing.assert_equal(city.traffic.load(), traffic.astype("float32"))
    city.traffic.close()


def test_the_same_city_is_the_same_bytes(small_city, write_small_city, tmp_path):
    again = write_small_city(tmp_path / "again")
    for part in FILES:
        assert again.path(part).read_bytes() == small_city.path(part).read_bytes()


def test_opening_reads_nothing_but_the_record(small_city, monkeypatch):
    def refuse(*_arguments: object, **_options: object) -> None:
        pytest.fail("opening a city read one of its parts")

    for owner, name in ((rasterio, "open"), (gpd, "read_parquet"), (xr, "open_dataset")):
        monkeypatch.setattr(owner, name, refuse)
    city = City.open(small_city.folder)
    assert city.name == "Tinytown"
    assert city.parts == list(FILES)
    assert city.has("traffic")


def test_traffic_is_read_only_where_it_is_asked_for(small_city):
    traffic = City.open(small_city.folder).traffic
    assert not traffic["total"].variable._in_memory
    assert traffic["total"].isel(station=0, time=slice(3)).to_numpy().shape == (3,)
    assert not traffic["total"].variable._in_memory
    traffic.close()


def test_total_is_the_first_service(small_city):
    assert small_city.services == ["total", "data"]


@pytest.mark.parametrize("part", list(FILES))
def test_a_missing_part_says_which_and_how_to_get_it(own_city, part):
    (own_city.folder / FILES[part]).unlink()
    with pytest.raises(MissingPart, match=rf"has no {part} .*put .* there as {FILES[part]}"):
        getattr(own_city, part)
    assert part in own_city.describe()["missing"]
    assert own_city.validate() == []


def test_a_valid_city_has_no_problems(small_city):
    assert small_city.validate() == []


def test_a_city_is_described_in_numbers(small_city):
    described = small_city.describe()
    assert json.loads(json.dumps(described)) == described | {
        "size_km": list(described["size_km"]),
        "bounds": list(described["bounds"]),
    }
    assert described["size_km"] == pytest.approx((1.5, 1.5), abs=0.01)
    assert described["parts"]["imagery"] == {
        "columns": 150,
        "rows": 150,
        "gsd_m": 10.0,
        "crs": "EPSG:32632",
    }
    assert described["parts"]["stations"]["tier"] == {"coverage": 3, "capacity": 3}
    assert described["parts"]["traffic"]["hours"] == 336
    assert described["parts"]["traffic"]["services"]["total"]["unit"] == "MB"
    assert described["parts"]["landuse"]["km2"] == {"residential": 1.7, "water": 0.3, "park": 0.25}
    assert described["provenance"] == "simulated"


def _rewrite_table(city: City, part: str, change) -> None:
    table = gpd.read_parquet(city.path(part))
    change(table).to_parquet(city.path(part), index=False)


def _rewrite_traffic(city: City, change) -> None:
    with xr.open_dataset(city.path("traffic"), engine="h5netcdf") as traffic:
        changed = change(traffic.load())
    changed.to_netcdf(city.path("traffic"), engine="h5netcdf")


def _at(table: gpd.GeoDataFrame, geometry: object) -> gpd.GeoDataFrame:
    shapes = table.geometry.to_numpy().copy()
    shapes[0] = geometry
    return table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs))


def _with(traffic: xr.Dataset, value: float) -> xr.Dataset:
    changed = traffic.copy(deep=True)
    changed["total"][2, 5:8] = value
    return changed


TABLES = {
    "a station twice": (
        "stations",
        lambda t: t.assign(station_id=["s0", "s0", "s2", "s3", "s4", "s5"]),
        "station_id 's0' occurs more than once",
    ),
    "a station without id": (
        "stations",
        lambda t: t.assign(station_id=["s0", "s1", "s2", "s3", "s4", None]),
        "1 stations have no station_id",
    ),
    "a negative capacity": (
        "stations",
        lambda t: t.assign(capacity=[-1.0, 1, 1, 1, 1, 1]),
        "1 stations have a negative capacity",
    ),
    "a station far away": (
        "stations",
        lambda t: _at(t, shapely.Point(0, 0)),
        "1 of 6 rows lie outside the bounds",
    ),
    "a station as a polygon": (
        "stations",
        lambda t: _at(t, t.geometry.iloc[0].buffer(0.001)),
        "holds a Polygon; Point is needed",
    ),
    "a POI nowhere": ("pois", lambda t: _at(t, None), "1 of 20 rows have no geometry"),
    "a POI without category": (
        "pois",
        lambda t: t.assign(category=[None, *t["category"][1:]]),
        "1 of 20 points have no category",
    ),
    "an unknown land use": (
        "landuse",
        lambda t: t.assign(use=["water", "lava", "residential"]),
        "the use 'lava' is not known",
    ),
    "no column name": ("pois", lambda t: t.drop(columns="name"), "has no column 'name'"),
    "no CRS": (
        "pois",
        lambda t: t.set_crs(None, allow_override=True),
        "has no coordinate system",
    ),
}

SERIES = {
    "a gap": (lambda t: t.isel(time=[*range(10), *range(12, 336)]), "1 of its 333 steps"),
    "half hours": (
        lambda t: t.assign_coords(time=pd.date_range("2024-01-01", periods=336, freq="30min")),
        "335 of its 335 steps are not an hour",
    ),
    "hours out of order": (
        lambda t: t.isel(time=[1, 0, *range(2, 336)]),
        "its times do not increase",
    ),
    "no time stamps": (
        lambda t: t.assign_coords(time=np.arange(336.0)),
        "its times are not time stamps",
    ),
    "an unknown station": (
        lambda t: t.assign_coords(station=["s0", "s1", "s2", "s3", "s4", "s9"]),
        "station 's9' is not in stations.parquet",
    ),
    "a station twice": (
        lambda t: t.assign_coords(station=["s0", "s0", "s2", "s3", "s4", "s5"]),
        "station 's0' occurs more than once",
    ),
    "gaps in the values": (
        lambda t: _with(t, np.nan),
        "3 of the 2,016 hours of 'total' are missing (NaN)",
    ),
    "negative values": (lambda t: _with(t, -1), "3 of the 2,016 hours of 'total' are negative"),
    "infinite values": (lambda t: _with(t, np.inf), "'total' are infinite"),
    "another dimension": (
        lambda t: t.assign(extra=("time", np.zeros(336), {"units": "MB"})),
        "'extra' has dimensions (time), not (station, time)",
    ),
    "no unit": (
        lambda t: t.assign(calls=(("station", "time"), np.zeros((6, 336)))),
        "traffic.nc and city.json have no unit of 'calls'",
    ),
    "no services": (lambda t: t.drop_vars(["total", "data"]), "holds no service"),
    "no stations": (lambda t: t.drop_vars("station"), "has no coordinate 'station'"),
    "words for numbers": (
        lambda t: t.assign(total=t["total"].astype(str)),
        "'total' holds <U",
    ),
}


@pytest.mark.parametrize("what", list(TABLES))
def test_validate_finds_what_is_wrong_with_a_table(own_city, what):
    part, change, words = TABLES[what]
    _rewrite_table(own_city, part, change)
    _assert_found(own_city, words)


@pytest.mark.parametrize("what", list(SERIES))
def test_validate_finds_what_is_wrong_with_traffic(own_city, what):
    change, words = SERIES[what]
    _rewrite_traffic(own_city, change)
    _assert_found(own_city, words)


def _assert_found(city: City, words: str) -> None:
    problems = City.open(city.folder).validate()
    assert any(words in problem for problem in problems), problems
    assert all(problem.endswith(".") and "\n" not in problem for problem in problems)


def test_validate_finds_a_wrong_image(own_city):
    with rasterio.open(own_city.path("imagery"), "r+") as image:
        image.crs = "EPSG:32635"
    _assert_found(own_city, "imagery.tif shows another place")


def test_validate_finds_a_crs_that_distorts(own_city):
    record = own_city.record.model_copy(update={"crs": "EPSG:3857"})
    (own_city.folder / "city.json").write_text(record.model_dump_json())
    _assert_found(own_city, "EPSG:3857 distorts areas")


def test_validate_finds_a_missing_licence(own_city):
    record = own_city.record.model_copy(update={"licences": {}})
    (own_city.folder / "city.json").write_text(record.model_dump_json())
    _assert_found(own_city, "has no licence for the pois")


@pytest.mark.parametrize("part", list(FILES))
def test_a_damaged_part_is_reported(own_city, part):
    own_city.path(part).write_bytes(b"not at all what it should be")
    _assert_found(own_city, "holds something else" if part == "imagery" else "can be read")


def test_a_rewritten_city_is_not_mixed_with_the_old(own_city):
    seen = len(own_city.pois)
    with write_city(own_city.folder, own_city.record) as draft:
        draft.write_pois(own_city.pois.iloc[:5])
        draft.write_stations(own_city.pois.assign(station_id="x").iloc[:1])
    assert len(own_city.pois) == seen
    with pytest.raises(BadInput, match="was rewritten since it was opened"):
        _ = own_city.stations
    assert len(City.open(own_city.folder).stations) == 1


def test_opening_restores_a_city_whose_replacement_was_interrupted(own_city):
    folder = own_city.folder
    os.rename(folder, folder.with_name(f".{folder.name}.netspatial-previous"))  # noqa: PTH104  as a kill leaves it
    assert City.open(folder).name == "Tinytown"


def test_a_part_that_is_no_file_is_told_and_not_passed_over(own_city: City) -> None:
    own_city.path("pois").unlink()
    (own_city.folder / "pois.parquet").symlink_to("/dev/zero")
    assert any("pois.parquet is not a file" in problem for problem in own_city.validate())


def test_it_shows_its_parts_and_a_map_without_fetching(small_city: City) -> None:
    page = small_city._repr_html_()
    assert "City Tinytown" in page
    assert page.count("CC0-1.0") == len(FILES)
    assert 'src="data:image/svg+xml;base64,' in page
    assert "http" not in page
    assert repr(small_city).startswith("<City 'Tinytown' (simulated) in ")


def test_a_city_without_parts_and_with_a_hostile_name_shows_itself(own_city: City) -> None:
    bad = "<script>alert(1)</script>"
    for file in FILES.values():
        (own_city.folder / file).unlink()
    record = own_city.record.model_copy(update={"name": bad, "attribution": [bad]})
    page = City(own_city.folder, record)._repr_html_()
    assert page.count(">missing</td>") == len(FILES)
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_its_charts_are_the_traffic_of_all_stations_or_of_one(small_city: City) -> None:
    with small_city.traffic as traffic:
        every = traffic["data"].sum("station").to_numpy()
        one = traffic["total"].sel(station="s3").to_numpy()
    np.testing.assert_allclose(small_city.plot("data").data[0].y, every, rtol=1e-6)
    np.testing.assert_allclose(small_city.plot_station("s3").data[0].y, one)
    with pytest.raises(BadInput, match="has no service 'video'; it has total, data"):
        small_city.plot("video")
    with pytest.raises(BadInput, match="has no station 's9'"):
        small_city.plot_station("s9")


def test_its_map_has_every_station_and_place(small_city: City) -> None:
    layers = {layer.id.partition("-")[0]: layer for layer in small_city.explore().layers}
    assert len(layers["stations"].data) == len(small_city.stations)
    assert len(layers["pois"].data) == len(small_city.pois)
    assert "image" in layers


def test_its_tables_are_written_with_their_origin(small_city: City, tmp_path: Path) -> None:
    table = gpd.read_file(small_city.to_file(tmp_path / "stations.gpkg"))
    assert table["station_id"].tolist() == small_city.stations["station_id"].tolist()
    uses = gpd.read_parquet(small_city.to_file(tmp_path / "uses.parquet", "landuse"))
    assert set(uses["licence"]) == {"CC0-1.0"}
    assert set(uses["note"]) == {"simulated city 'Tinytown'"}
    with pytest.raises(BadInput, match="'traffic' is no table of a city; give one of pois"):
        small_city.to_file(tmp_path / "x.csv", "traffic")
