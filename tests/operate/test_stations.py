"""Stations of a city to operate: selection, checks, and interference from the others."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr

from netspatial.area import Area
from netspatial.city.city import FILES, City
from netspatial.errors import BadInput
from netspatial.operate.power import power_model
from netspatial.operate.stations import district, stations_of
from netspatial.radio.service_graph import service_graph


def rewritten(city, change):
    """The city with another table of stations."""
    path = city.folder / FILES["stations"]
    change(gpd.read_parquet(path)).to_parquet(path)
    return City.open(city.folder)


def with_traffic(city, change):
    path = city.folder / FILES["traffic"]
    with xr.open_dataset(path, engine="h5netcdf") as series:
        changed = change(series.load())
    changed.to_netcdf(path, engine="h5netcdf")
    return City.open(city.folder)


def test_all_stations_with_their_traffic_capacity_and_tier(small_city):
    chosen = stations_of(small_city)
    assert chosen.ids == ("s0", "s1", "s2", "s3", "s4", "s5")
    assert chosen.capacity.tolist() == [1000.0] * 6
    assert chosen.coverage.tolist() == [True, False] * 3
    assert chosen.traffic.shape == (6, 14 * 24)
    assert chosen.traffic.attrs == {
        "units": "MB",
        "timezone": "Europe/Rome",
        "provenance": "simulated",
    }


def test_some_stations_by_ids_in_the_order_given(small_city):
    chosen = stations_of(small_city, "s4, s1")
    assert chosen.ids == ("s4", "s1")
    total = small_city.traffic["total"]
    assert np.allclose(chosen.traffic, total.sel(station=["s4", "s1"]))
    assert stations_of(small_city, ["s4", "s1"]).ids == chosen.ids


def test_stations_within_an_area(small_city, tmp_path):
    places = small_city.stations.geometry
    area = Area.from_geometry(shapely.box(*places.iloc[[0, 1]].total_bounds).buffer(1e-4))
    assert stations_of(small_city, area).ids == ("s0", "s1")
    file = tmp_path / "area.geojson"
    gpd.GeoDataFrame(geometry=[area.geometry], crs="EPSG:4326").to_file(file)
    assert stations_of(small_city, str(file)).ids == ("s0", "s1")
    with pytest.raises(BadInput, match="no station"):
        stations_of(small_city, Area.from_bounds(9.0, 45.0, 9.001, 45.001))


def renamed(city, names):
    """The city with other ids of its stations."""
    changed = rewritten(city, lambda table: table.assign(station_id=names))
    return with_traffic(changed, lambda series: series.assign_coords(station=names))


def test_ids_may_contain_dots_and_file_suffixes(own_city):
    names = ["310.410.7", "310.410.8", "a.json", "s3", "s4", "s5"]
    city = renamed(own_city, names)
    assert stations_of(city, "310.410.7").ids == ("310.410.7",)
    assert stations_of(city, "s3, 310.410.8").ids == ("s3", "310.410.8")
    assert stations_of(city, "a.json").ids == ("a.json",)
    with pytest.raises(BadInput, match=r"There is no station '310\.410\.9'"):
        stations_of(city, "310.410.9")


@pytest.mark.parametrize("name", ["nowhere.geojson", "nowhere.KML"])
def test_a_missing_area_file_is_an_error(small_city, name):
    with pytest.raises(BadInput, match=f"There is no file '{name}'"):
        stations_of(small_city, name)


def test_stations_left_out_still_interfere(small_city):
    some = stations_of(small_city, "s1,s2")
    table = small_city.stations.to_crs(small_city.crs)
    alone = service_graph(table.iloc[[1, 2]])
    own = some.service_graph.server == some.service_graph.owner[some.service_graph.pixel]
    own_alone = alone.server == alone.owner[alone.pixel]
    quieter = alone.efficiency[own_alone].mean()
    assert some.service_graph.efficiency[own].mean() <= quieter + 1e-9
    assert some.service_graph.pixels == alone.pixels == 24
    assert set(some.service_graph.server) <= {0, 1}


def test_a_network_of_both_tiers_powers(small_city):
    tall, small = power_model("earth-macro"), power_model("earth-micro")
    network = stations_of(small_city).network(tall, small)
    assert [model.name for model in network.power] == ["earth-macro", "earth-micro"] * 3
    assert not network.may_sleep[::2].any()


def test_a_single_station_never_sleeps_and_has_a_note(small_city):
    chosen = stations_of(small_city, "s1")
    assert "never sleeps" in chosen.notes[0]
    assert not chosen.network(power_model("earth-macro")).may_sleep.any()


def test_without_tiers_every_station_may_sleep(own_city):
    chosen = stations_of(rewritten(own_city, lambda table: table.drop(columns="tier")))
    assert not chosen.coverage.any()
    assert "no column 'tier'" in chosen.notes[-1]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t.drop(columns="capacity"), "no column 'capacity'"),
        (lambda t: t.assign(capacity=[1000, 0, 5, 5, 5, 5]), "Station 's1' has no capacity"),
        (lambda t: t.assign(capacity=np.nan), "6 of 6"),
        (lambda t: t.assign(capacity_unit="GB/h"), "'GB/h' and the traffic is in 'MB'"),
        (lambda t: t.assign(capacity=[1, 1000, 1000, 1000, 1000, 1000]), "in every hour"),
    ],
)
def test_invalid_capacities_are_refused(own_city, change, problem):
    with pytest.raises(BadInput, match=problem):
        stations_of(rewritten(own_city, change))


def test_load_above_capacity_in_some_hours_has_a_note(own_city):
    peak = float(own_city.traffic["total"].sel(station="s1").quantile(0.9))
    city = rewritten(own_city, lambda t: t.assign(capacity=[1000, peak, *[1000] * 4]))
    assert "1 stations carry more" in stations_of(city).notes[0]


def test_an_error_on_negative_traffic_names_the_station(own_city):
    def spoil(series):
        series["total"][2, 7] = -1.0
        return series

    with pytest.raises(BadInput, match="'s2' has negative traffic"):
        stations_of(with_traffic(own_city, spoil))


def test_gaps_are_filled_up_to_six_hours(own_city):
    def gap(hours):
        def cut(series):
            series["total"][2, 50 : 50 + hours] = np.nan
            return series

        return cut

    assert np.isfinite(stations_of(with_traffic(own_city, gap(6))).traffic).all()
    with pytest.raises(BadInput, match="gap of 7 hours"):
        stations_of(with_traffic(own_city, gap(7)))


@pytest.mark.parametrize(
    ("choice", "problem"), [("s9", "There is no station 's9'"), ([], "No station was selected")]
)
def test_an_unknown_or_empty_selection_is_refused(small_city, choice, problem):
    with pytest.raises(BadInput, match=problem):
        stations_of(small_city, choice)


def test_an_error_on_an_unknown_service_names_the_known_ones(small_city):
    with pytest.raises(BadInput, match="total"):
        stations_of(small_city, service="video")


def test_hours_are_the_requested_ones(small_city):
    chosen = stations_of(small_city)
    first = pd.Timestamp("2024-01-08T00:00")
    assert np.allclose(chosen.hours(first, 24), chosen.traffic.to_numpy()[:, 168:192])


def test_a_district_is_the_densest_neighbourhood(small_city):
    assert len(district(small_city, 3)) == 3
    assert district(small_city, 6) == [f"s{n}" for n in range(6)]


def opened_late(city, station, hour):
    """The city with nothing measured at a station before an hour of the history."""

    def change(series):
        hours = np.arange(series.sizes["time"])
        started = xr.DataArray(hours >= hour, dims="time", coords={"time": series["time"]})
        return series.where(started | (series["station"] != station))

    return with_traffic(city, change)


def test_a_station_that_opened_late_carried_nothing_before_and_is_named(own_city):
    city = opened_late(own_city, "s1", 11 * 24)
    chosen = stations_of(city)
    assert (chosen.traffic[1, : 11 * 24] == 0).all()
    assert np.isnan(chosen.measured[1, : 11 * 24]).all()
    assert np.allclose(chosen.traffic[1, 11 * 24 :], city.traffic["total"][1, 11 * 24 :])
    (note,) = [note for note in chosen.notes if "little history" in note]
    assert note.startswith("1 station has little history ('s1': 72 hours)")
    assert not any("little history" in note for note in stations_of(city, "s0,s2").notes)


def test_a_long_gap_in_the_middle_is_still_refused(own_city):
    def change(series):
        hours = np.arange(series.sizes["time"])
        there = xr.DataArray(
            (hours < 48) | (hours > 90), dims="time", coords={"time": series["time"]}
        )
        return series.where(there)

    with pytest.raises(BadInput, match="gap of 43 hours"):
        stations_of(with_traffic(own_city, change))
