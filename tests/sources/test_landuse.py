"""Land use from rasters of classes, lines of roads and parks, and its feasibility masks."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS, Transformer
from rasterio.transform import from_origin

from netspatial.area import Area
from netspatial.city.checks import LAND_USES
from netspatial.errors import BadInput
from netspatial.feasibility import feasibility
from netspatial.grid import make_grid
from netspatial.progress import silent
from netspatial.sources import geotiff, open_source
from netspatial.sources.build import Order, build_city
from netspatial.sources.contract import SourceSettings
from netspatial.sources.land_cover import corine_legend, read_legend
from netspatial.sources.roads import OTHER_M, surfaces, widths_m
from netspatial.user_files.limits import COMMAND_LINE

UTM = CRS.from_epsg(32632)
LEFT, TOP, PIXEL_M = 514_000.0, 5_033_000.0, 100.0
AREA = Area.around(9.1798, 45.446, 1600)
"""Area around the north-west corner of every made-up raster."""
REAL = Path(os.environ.get("NETSPATIAL_REAL_DATA") or Path(__file__).parents[3] / "shared" / "data")
needs_ghent = pytest.mark.skipif(
    not (REAL / "ghent").is_dir(), reason="the real data of Ghent are not next to the project"
)
LEGEND = "code,value,class\n112,2,Homes\n141,10,Green\n512,41,Lakes\n999,7,Moonbase\n"


def raster(path, values, crs=UTM, nodata=None):
    profile = {"driver": "GTiff", "count": 1, "dtype": values.dtype, "crs": crs, "nodata": nodata}
    height, width = values.shape
    with rasterio.open(
        path,
        "w",
        width=width,
        height=height,
        transform=from_origin(LEFT, TOP, PIXEL_M, PIXEL_M),
        **profile,
    ) as image:
        image.write(values, 1)
    return path


def load(path, options, kind="raster", area=AREA):
    _, source = open_source("landuse", f"{kind}:{path}#{options}", SourceSettings())
    assert source.estimate(area).megabytes > 0
    return source.fetch(area, path.parent, silent)


def km2(table, crs=UTM):
    return (table.to_crs(crs).area.groupby(table["use"]).sum() / 1e6).to_dict()


def apart(table, crs=UTM):
    metric = table.to_crs(crs).geometry
    return shapely.union_all(metric.to_numpy()).area == pytest.approx(metric.area.sum(), rel=1e-6)


@settings(max_examples=15)
@given(arrays(np.uint8, (5, 6), elements=st.sampled_from([2, 10, 41, 7, 0])))
def test_each_pixel_has_the_use_of_the_legend(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("cover")
    (folder / "legend.csv").write_text(LEGEND)
    raster(folder / "cover.tif", values, nodata=0)
    counted = {
        use: (values == value).sum() * PIXEL_M**2 / 1e6
        for value, use in ((2, "residential"), (10, "park"), (41, "water"))
        if (values == value).any()
    }
    options = f"legend={folder / 'legend.csv'}"
    if not counted:
        with pytest.raises(BadInput, match="no class of a known use"):
            load(folder / "cover.tif", options)
        return
    fetched = load(folder / "cover.tif", options)
    assert km2(fetched.data) == pytest.approx(counted, rel=1e-6)
    assert apart(fetched.data)
    strange = [note for note in fetched.notes if "7 (999)" in note]
    assert len(strange) == (values == 7).any()


def test_a_raster_read_in_blocks_gives_the_same_land_use(tmp_path, monkeypatch):
    values = (np.indices((11, 13)).sum(axis=0) // 3 % 3).astype(np.uint8) * 5 + 1
    raster(tmp_path / "cover.tif", values)
    whole = km2(load(tmp_path / "cover.tif", "legend=corine").data)
    monkeypatch.setattr(geotiff, "BLOCK", 4)
    assert km2(load(tmp_path / "cover.tif", "legend=corine").data) == pytest.approx(whole)


def test_a_legend_may_use_codes_names_of_uses_and_tags(tmp_path):
    legend = tmp_path / "l.csv"
    legend.write_text("value;use\n1;water\n2;landuse=retail\n3;Forest\n4;523\n5;lava\n")
    assert read_legend(str(legend), None, COMMAND_LINE) == {
        1: "water",
        2: "commercial",
        3: "field",
        4: "water",
        5: "lava",
    }
    assert set(corine_legend().values()) <= set(LAND_USES)
    # values count the classes of CORINE in the order of their codes
    assert corine_legend()[41] == corine_legend()[512] == "water"
    assert corine_legend()[44] == corine_legend()[523]
    assert len(corine_legend()) == 2 * 44


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("", "needs legend=FILE"),
        ("legend=nowhere.csv", "There is no legend 'nowhere.csv'"),
        ("legend={}/bare.csv", "needs a column value"),
        ("legend={}/twice.csv", "value 1 has two uses"),
        ("legend={}/words.csv", "'one' is not an integer"),
        ("legend=corine&colour=red", "no option 'colour'"),
    ],
)
def test_a_wrong_legend_is_refused_before_the_raster_is_read(tmp_path, options, sentence):
    raster(tmp_path / "cover.tif", np.ones((2, 2), dtype=np.uint8))
    (tmp_path / "bare.csv").write_text("number,word\n1,water\n")
    (tmp_path / "twice.csv").write_text("value,use\n1,water\n1,park\n")
    (tmp_path / "words.csv").write_text("value,use\none,water\n")
    asked = f"raster:{tmp_path / 'cover.tif'}#{options.format(tmp_path)}"
    with pytest.raises(BadInput, match=sentence):
        open_source("landuse", asked, SourceSettings())


def test_a_raster_without_classes_in_the_area_is_refused(tmp_path):
    raster(tmp_path / "float.tif", np.ones((2, 2), dtype=np.float32))
    raster(tmp_path / "bare.tif", np.ones((2, 2), dtype=np.uint8), crs=None)
    raster(tmp_path / "far.tif", np.ones((2, 2), dtype=np.uint8), crs=CRS.from_epsg(32610))
    (tmp_path / "text.tif").write_text("no image")
    for name, sentence in [
        ("float.tif", "holds float32, not classes"),
        ("bare.tif", "has no coordinate system"),
        ("far.tif", "shows another place"),
        ("text.tif", "holds something else"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            load(tmp_path / name, "legend=corine")


def lines(*ends):
    """Lines between pairs of points, metres east and south of the corner."""
    shapes = [
        shapely.LineString([(LEFT + x, TOP - y) for x, y in (begin, end)]) for begin, end in ends
    ]
    return gpd.GeoDataFrame({"use": ["road"] * len(shapes)}, geometry=shapes, crs=UTM)


def test_roads_have_the_given_widths_and_a_crossing_counts_once():
    cross = lines(((10, 300), (510, 300)), ((300, 50), (300, 550))).to_crs("EPSG:4326")
    made = surfaces(cross, np.array([10.0, 6.0]), UTM)
    assert made.to_crs(UTM).area.sum() == pytest.approx(500 * 10 + 500 * 6 - 10 * 6, rel=1e-4)
    assert apart(made)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(*[st.integers(0, 3000)] * 4).filter(lambda e: e[:2] != e[2:]),
        min_size=1,
        max_size=6,
    ),
    st.floats(1, 40),
)
def test_polygons_cover_every_line_and_do_not_overlap(found, width):
    drawn = lines(*((ends[:2], ends[2:]) for ends in found))
    made = surfaces(drawn.to_crs("EPSG:4326"), np.full(len(drawn), width), UTM)
    assert apart(made)
    whole = shapely.union_all(made.to_crs(UTM).geometry.to_numpy())
    assert shapely.covers(whole.buffer(0.05), drawn.geometry.to_numpy()).all()
    assert whole.area <= drawn.length.sum() * width * (1 + 1e-6)


def test_widths_follow_known_classes_and_others_are_noted():
    widths, notes = widths_m(["Motorway", "0", "residential", "goat lane", ""])
    assert widths[0] == widths[1] > widths[2] > widths[3] == widths[4] == OTHER_M
    assert "2 roads of unknown class (none, goat lane)" in notes[1]
    assert widths_m(["7"])[1] == ["Roads have the usual width of their class."]


def test_lines_of_other_uses_need_a_width(tmp_path):
    drawn = lines(((100, 100), (600, 100)))
    drawn.to_file(tmp_path / "l.geojson")
    with pytest.raises(BadInput, match="width= to make polygons"):
        load(tmp_path / "l.geojson", "use=water", "file")
    stream = load(tmp_path / "l.geojson", "use=water&width=20", "file")
    assert km2(stream.data) == pytest.approx({"water": 500 * 20 / 1e6}, rel=1e-4)
    assert stream.notes == ("Lines were taken as 20 m wide.",)
    road = load(tmp_path / "l.geojson", "use=road", "file")
    assert km2(road.data) == pytest.approx({"road": 500 * OTHER_M / 1e6}, rel=1e-4)


def test_cover_parks_and_roads_make_cells_infeasible(tmp_path):
    """A lake in the west, homes in the east, a park and a wide road in the homes."""
    values = np.full((10, 10), 2, dtype=np.uint8)
    values[:, :3] = 41
    raster(tmp_path / "cover.tif", values)
    (tmp_path / "legend.csv").write_text(LEGEND)
    lines(((550, 0), (550, 1000))).to_file(tmp_path / "roads.geojson")
    park = shapely.box(LEFT + 700, TOP - 400, LEFT + 1000, TOP)
    gpd.GeoDataFrame(geometry=[park], crs=UTM).to_file(tmp_path / "parks.geojson")
    to_degrees = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)
    corners = to_degrees.transform([LEFT, LEFT + 1000], [TOP - 1000, TOP])
    area = Area.from_bounds(corners[0][0], corners[1][0], corners[0][1], corners[1][1])
    asked = [
        f"raster:{tmp_path / 'cover.tif'}#legend={tmp_path / 'legend.csv'}&licence=CC0-1.0",
        f"{tmp_path / 'parks.geojson'}#use=park",
        f"{tmp_path / 'roads.geojson'}#use=road&width=80",
    ]
    city = build_city(
        Order("Lakeside", area, SourceSettings("Europe/Rome"), {"landuse": asked}),
        tmp_path / "city",
    )
    assert city.validate() == []
    cells = make_grid(area, 100, city.crs)
    judged = feasibility(cells, city, ["water", "protected", "road"])
    east, south = cells["x"].to_numpy() - LEFT, TOP - cells["y"].to_numpy()
    expected = np.select(
        [east < 300, (east > 500) & (east < 600), (east > 700) & (south < 400)],
        ["water", "road", "protected"],
        default="",
    )
    whole = (cells["inside"] > 0.9).to_numpy()
    assert whole.sum() >= 64
    assert list(judged.loc[whole, "reason"]) == list(expected[whole])
    assert [source["source"] for source in city.record.parameters["sources"]] == [
        "raster:cover.tif",
        "file:parks.geojson",
        "file:roads.geojson",
    ]


@needs_ghent
def test_feasibility_in_a_city_of_ghent_follows_its_land_use(tmp_path):
    folder = REAL / "ghent"
    area = Area.around(3.725, 51.035, 3000)
    copernicus = "licence=Copernicus&attribution=Copernicus"
    cover = f"{folder / 'corine_2018_flanders.tif'}#legend={folder / 'corine_legend.csv'}"
    sources = {
        "imagery": [f"{folder / 'sentinel2_true_color_2020-09-17.tif'}#{copernicus}"],
        "landuse": [
            f"raster:{cover}&{copernicus}",
            f"{folder / 'parks.geojson'}#use=park&licence=CC-BY-4.0",
            f"{folder / 'roads.geojson.zip'}#use=road&class=functional_roadclass",
        ],
    }
    city = build_city(
        Order("Gent", area, SourceSettings("Europe/Brussels"), sources), tmp_path / "gent"
    )
    assert city.validate() == []
    assert city.imagery.view(city.imagery.bounds, city.imagery.crs, shape=(50, 50)).rgb.std() > 10
    cells = make_grid(Area.around(3.725, 51.035, 2500), 100, city.crs)
    judged = feasibility(cells, city, ["water", "protected", "road"])
    # nothing is unknown, and each mask agrees with plain code on the files
    assert set(judged["feasible"]) == {"yes", "no"}
    parks = gpd.read_file(folder / "parks.geojson").to_crs(cells.crs)
    inside = shapely.contains(
        shapely.union_all(shapely.make_valid(parks.geometry.to_numpy())), cells.geometry.to_numpy()
    )
    assert inside.any()
    assert judged.loc[inside, "reason"].str.contains("protected").all()
    with rasterio.open(folder / "corine_2018_flanders.tif") as raster_:
        centres = cells.set_geometry(cells.centroid).to_crs(raster_.crs).geometry
        (classes,) = np.array(list(raster_.sample(zip(centres.x, centres.y, strict=True)))).T
    wet = city.landuse[city.landuse["use"] == "water"].to_crs(cells.crs)
    in_water = shapely.contains(wet.union_all(), cells.centroid.to_numpy())
    assert (in_water == (classes >= 35)).mean() > 0.99
    roads = city.landuse[city.landuse["use"] == "road"]
    assert 0.02 < km2(roads, cells.crs)["road"] / 9 < 0.3
