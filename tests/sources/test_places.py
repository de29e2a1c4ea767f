"""Places and stations of any table are in degrees, in one vocabulary, without duplicates."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from netspatial.area import Area
from netspatial.context.features.categories import kind_of
from netspatial.errors import BadInput
from netspatial.progress import silent
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.sources.same_places import merge_places, name_key
from netspatial.sources.sites import merge_sectors
from netspatial.sources.vocabulary import TAGS, tag_of

AREA = Area.from_bounds(9.0, 45.0, 9.1, 45.1)
UTM = CRS.from_epsg(32632)
METRES_EAST = 1 / 78_800
"""Degrees of longitude in a metre at 45 north."""


def load(part, path, options="", kind="file"):
    _, source = open_source(part, f"{kind}:{path}#{options}", SourceSettings())
    return source.fetch(AREA, path.parent, silent)


def places(*rows, source="one"):
    """Rows of (name, category, metres east of the corner)."""
    names, categories, metres = zip(*rows, strict=True)
    frame = {
        "name": list(names),
        "category": list(categories),
        "category_original": list(categories),
        "address": "",
        "source": source,
    }
    points = gpd.points_from_xy(9.05 + np.array(metres) * METRES_EAST, [45.05] * len(rows))
    return gpd.GeoDataFrame(frame, geometry=points, crs=4326)


def test_every_tag_is_a_kind_of_place_and_stays_itself():
    assert [tag for tag in TAGS if tag_of(tag) != tag] == []
    assert [tag for tag in TAGS if kind_of(tag) == "other"] == []


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_mapping_a_category_twice_changes_nothing(word):
    assert tag_of(tag_of(word)) == tag_of(word)


def test_categories_are_mapped_and_the_source_s_own_are_kept(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("name,category,lon,lat\nDa Rita,Pizzeria,9.05,45.05\nX,zorb,9.05,45.06\n")
    fetched = load("pois", path)
    assert list(fetched.data["category"]) == ["amenity=restaurant", "zorb"]
    assert list(fetched.data["category_original"]) == ["Pizzeria", "zorb"]
    assert list(fetched.data["source"]) == ["p.csv", "p.csv"]
    assert "zorb" in fetched.notes[0]


def test_any_file_and_coordinate_system_gives_the_same_places(tmp_path):
    table = places(("A", "cafe", 0), ("B", "bar", 500))
    metric = table.to_crs(UTM)
    metric.to_parquet(tmp_path / "m.parquet")
    table.to_file(tmp_path / "g.geojson")
    flat = pd.DataFrame(metric.drop(columns="geometry"))
    flat.assign(x=metric.geometry.x, y=metric.geometry.y).to_csv(tmp_path / "c.csv", index=False)
    for name, options in [("m.parquet", ""), ("g.geojson", ""), ("c.csv", "crs=EPSG:32632")]:
        found = load("pois", tmp_path / name, options).data
        assert found.crs.to_epsg() == 4326
        assert list(found["category"]) == ["amenity=cafe", "amenity=bar"]
        np.testing.assert_allclose(found.geometry.x, table.geometry.x, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("name,category,lon,lat\nA,cafe,45.05,9.05\n", "", "look swapped"),
        ("name,category,lon,lat\nA,cafe,514000,5033000\n", "", "not degrees"),
        ("name,category,lon,lat\nA,cafe,9.05,145.0\n", "", "look swapped"),
        ("name,category,lon,lat\nA,cafe,19.05,45.0\n", "", "None of the 1 places lies"),
        ('name;category;lon;lat\nA;cafe;"9,05";45.05\n', "", "decimal="),
        ("name,category,east,north\nA,cafe,9.05,45.05\n", "", "no columns of lon and lat"),
        ("name,lon,lat\nA,9.05,45.05\n", "", "no column of categories"),
        ("name,category,lon,lat\n", "", "no places"),
        ("name,category,lon,lat\nA,cafe,9.05,45.05\n", "category=sort", "no column 'sort'"),
        ("name,category,lon,lat\nA,cafe,9.05,45.05\n", "crs=moon", "not a coordinate system"),
        ("name,category,lon,lat\nA,cafe,9.05,45.05\n", "licence", "not name=value"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path, text, options, sentence):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match=sentence):
        load("pois", path, options)


def test_the_same_place_of_two_sources_is_one_place():
    one = places(("Café Zoë", "amenity=cafe", 0), ("Bar", "amenity=bar", 200))
    two = places(("cafe zoe", "amenity=cafe", 20), ("Bar", "amenity=bar", 400), source="two")
    two["address"] = "Main Street 1"
    merged, notes = merge_places([one, two], UTM)
    assert sorted(merged["name"]) == ["Bar", "Bar", "Café Zoë"]
    kept = merged.set_index("name").loc["Café Zoë"]
    assert kept["source"] == "one; two"
    assert kept["address"] == "Main Street 1"
    assert "1 places" in notes[0]


def test_both_sides_of_a_street_keep_their_stop_and_nameless_places_stay():
    one = places(("Duomo", "highway=bus_stop", 0), ("Duomo", "highway=bus_stop", 20))
    two = places(("", "amenity=bench", 0), ("", "amenity=bench", 1), source="two")
    three = places(("", "amenity=bench", 0), source="three")
    assert len(merge_places([one, two, three], UTM)[0]) == 5


named = st.tuples(
    st.sampled_from(["A", "B", "á", ""]), st.just("amenity=cafe"), st.integers(0, 300)
)


@settings(max_examples=20)
@given(st.lists(named, min_size=1, max_size=8), st.lists(named, min_size=1, max_size=8))
def test_no_two_sources_list_the_same_place(first, second):
    merged, _ = merge_places([places(*first), places(*second, source="two")], UTM)
    metric = merged.to_crs(UTM)
    for row in range(len(metric)):
        for other in range(row):
            alike = name_key(metric["name"][row]) == name_key(metric["name"][other]) != ""
            near = metric.geometry[row].distance(metric.geometry[other]) <= 50
            sources = {metric["source"][row], metric["source"][other]}
            assert not (alike and near and sources == {"one", "two"})
    assert len(merged) >= len(set(first))


def sectors(*rows):
    """Rows of (id, operator, metres east)."""
    ids, operators, metres = zip(*rows, strict=True)
    points = gpd.points_from_xy(9.05 + np.array(metres) * METRES_EAST, [45.05] * len(rows))
    frame = {
        "station_id": list(ids),
        "operator": list(operators),
        "technology": "LTE",
        "capacity": 10.0,
    }
    return gpd.GeoDataFrame(frame, geometry=points, crs=4326)


def test_co_located_sectors_of_one_operator_are_merged():
    cells = sectors(("b", "X", 0), ("a", "X", 40), ("c", "Y", 10), ("d", "X", 400))
    sites, notes = merge_sectors(cells, UTM)
    assert list(sites["station_id"]) == ["a", "c", "d"]
    assert list(sites["capacity"]) == [20, 10, 10]
    assert list(sites["sectors"]) == [2, 1, 1]
    assert list(sites["sector_ids"]) == [["a", "b"], ["c"], ["d"]]
    assert "4 sectors were merged into 3 sites" in notes[0]


rows = st.lists(st.tuples(st.sampled_from("XY"), st.integers(0, 2000)), min_size=1, max_size=15)


@settings(max_examples=20)
@given(rows)
def test_sites_include_every_sector_and_do_not_depend_on_row_order(found):
    cells = sectors(*((f"{n:02d}", operator, east) for n, (operator, east) in enumerate(found)))
    sites, _ = merge_sectors(cells, UTM)
    assert sites["sectors"].sum() == len(cells)
    assert sites["capacity"].sum() == cells["capacity"].sum()
    assert sites["station_id"].is_unique
    shuffled, _ = merge_sectors(cells.iloc[::-1].reset_index(drop=True), UTM)
    assert list(shuffled["station_id"]) == list(sites["station_id"])


@pytest.mark.parametrize("headed", [True, False])
def test_cells_of_opencellid_are_merged_into_sites(tmp_path, headed):
    head = (
        "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,"
        "averageSignal\n"
    )
    cells = [
        ("GSM", 222, 1, 7, 11, 9.05),
        ("LTE", 222, 1, 7, 12, 9.0501),
        ("LTE", 222, 10, 7, 13, 9.05),
        ("LTE", 222, 1, 7, 14, 19.0),
    ]
    lines = [
        f"{radio},{mcc},{net},{area},{cell},0,{lon},45.05,1000,5,1,1,2,0"
        for radio, mcc, net, area, cell, lon in cells
    ]
    path = tmp_path / "222.csv"
    path.write_text((head if headed else "") + "\n".join(lines) + "\n")
    fetched = load("stations", path, kind="opencellid")
    assert list(fetched.data["station_id"]) == ["222-1-7-11", "222-10-7-13"]
    assert fetched.data["technology"][0] == "GSM LTE"
    assert fetched.licence == "CC-BY-SA-4.0"
    only = load("stations", path, "operator=222-10", kind="opencellid")
    assert len(only.data) == 1
    path.write_text(head)
    with pytest.raises(BadInput, match="lists no cell"):
        load("stations", path, kind="opencellid")


def test_a_station_outside_the_area_is_left_out_with_a_note(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("station_id,lon,lat\na,9.05,45.05\nb,9.5,45.05\n")
    fetched = load("stations", path)
    assert list(fetched.data["station_id"]) == ["a"]
    assert fetched.notes == ("1 of 2 stations lie outside the area and were left out.",)
    path.write_text("station_id,lon,lat\na,9.05,45.05\na,9.06,45.05\n")
    with pytest.raises(BadInput, match="'a' occurs more than once"):
        load("stations", path)


def test_polygons_are_mapped_to_land_use(tmp_path):
    shapes = places(("A", "x", 0), ("B", "y", 300)).to_crs(UTM)
    shapes["geometry"] = shapes.buffer(50)
    shapes.assign(landuse=["retail", "moonbase"]).to_file(tmp_path / "l.geojson")
    fetched = load("landuse", tmp_path / "l.geojson")
    assert list(fetched.data["use"]) == ["commercial"]
    assert "moonbase" in fetched.notes[0]
    assert list(load("landuse", tmp_path / "l.geojson", "use=park").data["use"]) == ["park"] * 2


def test_a_table_larger_than_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "p.csv"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)  # a hole: nothing is written
    with pytest.raises(BadInput, match="holds 50,000 MB, more than the limit of 4,000"):
        load("pois", path)
