"""A city built of files is complete, valid and attributed; an incomplete one is never written."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr

from netspatial.city.city import City, unfinished
from netspatial.errors import BadInput
from netspatial.sources import SOURCES
from netspatial.sources.build import Incomplete, Order, build_city, estimates
from netspatial.sources.contract import Estimate, Fetched, SourceSettings


def order(files, **other):
    return Order("Tiny", files.area, SourceSettings(files.timezone), files.sources(**other))


def test_a_city_built_of_the_files_of_a_city_equals_it(files, small_city, tmp_path):
    built = build_city(order(files), tmp_path / "city")
    assert built.validate() == []
    assert built.parts == ["imagery", "pois", "stations", "traffic", "landuse"]
    xr.testing.assert_allclose(
        built.traffic["total"].load(), small_city.traffic["total"].load(), rtol=1e-6
    )
    built.traffic.close()
    assert list(built.stations["station_id"]) == list(small_city.stations["station_id"])
    with (
        rasterio.open(built.path("imagery")) as ours,
        rasterio.open(small_city.path("imagery")) as theirs,
    ):
        np.testing.assert_array_equal(ours.read(), theirs.read())
    assert built.record.licences["imagery"] == "CC0-1.0"
    assert built.record.licences["stations"] == "not stated"
    assert built.record.attribution == ["Us"]
    assert built.record.units == {"total": "MB"}
    assert str(tmp_path) not in (tmp_path / "city" / "city.json").read_text()
    assert not unfinished(tmp_path / "city").exists()


def test_a_zone_that_nobody_knows_is_told_before_anything_is_done(files, tmp_path):
    wrong = order(files)
    wrong = replace(wrong, settings=replace(wrong.settings, timezone="cpu:99"))
    with pytest.raises(BadInput, match="'cpu:99' is not an IANA timezone"):
        build_city(wrong, tmp_path / "city")
    assert not unfinished(tmp_path / "city").exists()


def test_the_same_files_make_the_same_city(files, tmp_path):
    for name in ("one", "two"):
        build_city(order(files), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_traffic_of_merged_sectors_is_summed(files, small_city, tmp_path):
    """Each station is given as three sectors; the third one of the last site has no traffic."""
    stations = small_city.stations
    rows = [
        (f"{name}-{sector}", place.x, place.y + sector * 1e-4)
        for name, place in zip(stations["station_id"], stations.geometry, strict=True)
        for sector in range(3)
    ]
    table = pd.DataFrame(rows, columns=["station_id", "lon", "lat"])
    table.to_csv(files.folder / "sectors.csv", index=False)
    traffic = pd.read_csv(files.folder / "traffic.csv")
    share = [0.2, 0.3, 0.5]
    sectors = pd.concat(
        traffic.assign(station=traffic["station"] + f"-{sector}", total=traffic["total"] * part)
        for sector, part in enumerate(share)
    )
    sectors[sectors["station"] != "s5-2"].to_csv(files.folder / "sectors-traffic.csv", index=False)
    asked = order(
        files,
        stations=[f"{files.folder / 'sectors.csv'}#merge_m=50"],
        traffic=[f"tidy:{files.folder / 'sectors-traffic.csv'}#unit=MB&value=total"],
    )
    built = build_city(asked, tmp_path / "city")
    assert built.validate() == []
    assert list(built.stations["station_id"]) == [f"s{number}-0" for number in range(6)]
    assert built.stations["sector_ids"][0] == "s0-0; s0-1; s0-2"
    ours, theirs = built.traffic["total"].load(), small_city.traffic["total"].load()
    built.traffic.close()
    assert ours.attrs["units"] == "MB"
    assert ours.dims == theirs.dims
    carried = np.where(np.arange(6) == 5, 0.5, 1.0)[:, None] * theirs.to_numpy()
    np.testing.assert_allclose(ours.to_numpy(), carried, rtol=1e-5)
    notes = built.record.parameters["notes"]
    assert "The traffic of 17 sectors was summed to 6 sites." in notes
    assert "1 sectors of these sites have no traffic." in notes


def test_traffic_by_site_stays_unchanged(files, small_city, tmp_path):
    asked = order(files, stations=[f"{files.folder / 'stations.csv'}#merge_m=50"])
    built = build_city(asked, tmp_path / "city")
    xr.testing.assert_allclose(
        built.traffic["total"].load(), small_city.traffic["total"].load(), rtol=1e-6
    )
    built.traffic.close()
    assert built.record.parameters["notes"] == []


class Flaky:
    """A source that counts its fetches, and fails until `broken` is False."""

    def __init__(self, real):
        self.real, self.asked, self.broken = real, 0, True

    def estimate(self, _area):
        return Estimate("something", None, from_net=True)

    def fetch(self, area, work, progress):
        self.asked += 1
        if self.broken:
            raise BadInput("The server is down.")
        return self.real.fetch(area, work, progress)


def test_a_broken_source_leaves_no_city_and_the_same_command_resumes(files, tmp_path, monkeypatch):
    made = {}

    def flaky(part, kind, *, broken):
        real = SOURCES[part][kind]

        def build(spec, settings):
            made.setdefault(part, Flaky(None)).real = real(spec, settings)
            made[part].broken = broken.get(part, False)
            return made[part]

        monkeypatch.setitem(SOURCES[part], kind, build)

    broken = {"stations": True}
    for part in ("pois", "stations", "imagery"):
        flaky(part, next(iter(SOURCES[part])), broken=broken)
    out = tmp_path / "city"
    with pytest.raises(Incomplete, match=r"stations.*The server is down.*same command"):
        build_city(order(files), out)
    assert not out.exists()
    for asked in (out, unfinished(out)):
        with pytest.raises(BadInput, match=r"is incomplete: .*incomplete\.json' lists"):
            City.open(asked)
    with pytest.raises(BadInput, match=r"There is no city folder '.*elsewhere'\.$"):
        City.open(tmp_path / "elsewhere")
    state = json.loads((unfinished(out) / "incomplete.json").read_text())
    assert [missing["part"] for missing in state["missing"]] == ["stations"]
    assert state["missing"][0]["why"] == "The server is down."
    assert len(state["there"]) == 4
    assert [there for _, _, there in estimates(order(files), out)].count(False) == 1
    broken.clear()
    assert build_city(order(files), out).validate() == []
    assert {part: source.asked for part, source in made.items()} == {
        "pois": 1,
        "imagery": 1,
        "stations": 2,
    }


@pytest.mark.parametrize("name", ["diary.txt", "incomplete.json"])
def test_a_users_folder_with_the_name_of_the_working_folder_is_not_changed(files, tmp_path, name):
    theirs = unfinished(tmp_path / "city")
    theirs.mkdir()
    (theirs / name).write_text('{"city": "mine"}')
    with pytest.raises(
        BadInput, match=r"not a folder of NetSpatial's, known by its incomplete\.json"
    ):
        build_city(order(files), tmp_path / "city")
    assert [path.name for path in theirs.iterdir()] == [name]
    assert [path.name for path in tmp_path.glob("*city*")] == [theirs.name]


def test_a_run_killed_before_its_mark_was_written_is_resumed(files, tmp_path):
    begun = unfinished(tmp_path / "city")
    begun.mkdir()
    for kind in ("draft", "lock"):
        (begun / f".incomplete.json.netspatial-{kind}").write_text("")
    build_city(order(files), tmp_path / "city")
    assert [path.name for path in tmp_path.glob("*city*")] == ["city"]


def test_a_changed_file_is_read_again(files, tmp_path):
    out = tmp_path / "city"
    with pytest.raises(Incomplete):
        build_city(order(files, imagery=[str(files.folder / "pois.geojson")]), out)
    stations = files.folder / "stations.csv"
    kept = stations.read_text().splitlines()[:4]
    stations.write_text("\n".join(kept) + "\n")
    built = build_city(order(files), out)
    assert len(built.stations) == 3
    assert built.traffic.sizes["station"] == 3
    built.traffic.close()
    assert any("3 stations" in note for note in built.record.parameters["notes"])


def test_a_changed_legend_is_read_again(files, tmp_path):
    (files.folder / "legend.csv").write_text("value,use\n1,park\n")
    asked = order(
        files, landuse=[f"raster:{files.folder / 'scene.tif'}#legend={files.folder / 'legend.csv'}"]
    )
    before = [there.key for there, _, _ in estimates(asked, tmp_path / "city")]
    (files.folder / "legend.csv").write_text("value,use\n1,water\n")
    after = [there.key for there, _, _ in estimates(asked, tmp_path / "city")]
    assert sum(key not in before for key in after) == 1


def test_a_long_address_is_not_taken_for_a_file(files, tmp_path):
    key = "k" * 300
    asked = order(
        files, imagery=[f"xyz:https://tiles.example/{{z}}/{{x}}/{{y}}?{key}#zoom=12&attribution=T"]
    )
    assert estimates(asked, tmp_path / "city")[0][1].from_net


def test_a_killed_run_loses_only_the_source_being_fetched(files, tmp_path, monkeypatch):
    def killed(_spec, _settings):
        class Killed:
            def estimate(self, _area):
                return Estimate("", None)

            def fetch(self, _area, _work, _progress) -> Fetched:
                raise KeyboardInterrupt

        return Killed()

    out = tmp_path / "city"
    with monkeypatch.context() as patched:
        patched.setitem(SOURCES["stations"], "file", killed)
        with pytest.raises(KeyboardInterrupt):
            build_city(order(files), out)
    state = json.loads((unfinished(out) / "incomplete.json").read_text())
    assert [missing["part"] for missing in state["missing"]] == ["stations", "traffic"]
    assert not out.exists()
    assert build_city(order(files), out).validate() == []


def test_an_old_city_stays_until_the_new_one_is_complete(files, tmp_path):
    out = tmp_path / "city"
    build_city(order(files), out)
    before = (out / "city.json").read_bytes()
    (files.folder / "traffic.csv").write_text("station,time,total\nx,2024-01-01T00:00Z,1\n")
    with pytest.raises(BadInput, match=r"'x'.*is among the stations"):
        build_city(order(files), out)
    assert (out / "city.json").read_bytes() == before
    assert City.open(out).validate() == []
    state = json.loads((unfinished(out) / "incomplete.json").read_text())
    assert "'x'" in state["problems"][0]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"stations": []}, "Traffic needs stations"),
        ({"imagery": ["nowhere.tif"]}, "There is no file 'nowhere.tif'"),
        ({"imagery": ["ftp:nowhere"]}, "There is no source 'ftp'"),
        ({"imagery": ["https://tiles.example/{z}/{x}/{y}.png"]}, "has no kind of source"),
        ({"imagery": ["geotiff:nowhere.tif"]}, "There is no file 'nowhere.tif'"),
        ({"pois": ["file:nowhere.csv"]}, "There is no file"),
        ({"imagery": ["a.tif", "b.tif"]}, "come from one source"),
        ({"pois": ["~nobody-here/places.csv"]}, "There is no file '~nobody-here"),
        ({"pois": ["x" * 300 + ".csv"]}, "There is no file 'xxx"),
        ({"pois": [""]}, "is empty"),
    ],
)
def test_a_wrong_order_is_refused_before_anything_is_fetched(files, tmp_path, other, sentence):
    with pytest.raises(BadInput, match=sentence):
        build_city(order(files, **other), tmp_path / "city")
    assert not unfinished(tmp_path / "city").exists()
