"""Milano's and Trento's activity in the provider's own format, and a city of it end to end."""

import gzip
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.plan.settings import PlanSettings
from netspatial.progress import silent
from netspatial.runs.kinds.planning import plan_sites
from netspatial.sources import open_source
from netspatial.sources.build import Order, build_city
from netspatial.sources.contract import SourceSettings

AREA = Area.from_bounds(9.0, 45.0, 9.1, 45.1)
MILANO = SourceSettings("Europe/Rome")
START = int(pd.Timestamp("2013-11-01", tz="Europe/Rome").timestamp())
REAL = Path(os.environ.get("NETSPATIAL_REAL_DATA") or Path(__file__).parents[3] / "shared" / "data")
needs_milan = pytest.mark.skipif(
    not (REAL / "milan").is_dir(), reason="the real data of Milano are not next to the project"
)


def load(path, options=""):
    _, source = open_source("traffic", f"telecom-italia:{path}#{options}", MILANO)
    return source.fetch(AREA, path.parent, silent)


def line(square, step, country, *values):
    cells = "\t".join("" if value is None else repr(value) for value in values)
    return f"{square}\t{(START + 600 * step) * 1000}\t{country}\t{cells}".rstrip("\t")


values = st.none() | st.floats(0, 100, width=32)
records = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(0, 17),
        st.sampled_from([0, 39, 33]),
        st.tuples(values, values, values, values, values),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:3],
)


@settings(max_examples=15)
@given(records)
def test_activity_is_summed_by_hour_and_square(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("ti")
    half = len(rows) // 2
    for name, part in [("day-1.txt", rows[:half]), ("day-2.txt", rows[half:])]:
        (folder / name).write_text("".join(line(s, t, c, *v) + "\n" for s, t, c, v in part))
    fetched = load(folder)
    expected: dict = {}
    for square, step, _, cells in rows:
        sums = [
            cells[4],
            (cells[2] or 0) + (cells[3] or 0),
            (cells[0] or 0) + (cells[1] or 0),
        ]
        for service, value in zip(("internet", "call", "sms"), sums, strict=True):
            key = (service, str(square), step // 6)
            expected[key] = expected.get(key, 0) + (value or 0)
    first = min(step // 6 for _, step, _, _ in rows)
    for (service, square, hour), value in expected.items():
        got = fetched.data[service].sel(station=square).to_numpy()[hour - first]
        assert got == pytest.approx(value, rel=1e-5, abs=1e-5)
    for service in ("internet", "call", "sms"):
        whole = sum(value for key, value in expected.items() if key[0] == service)
        assert float(fetched.data[service].sum()) == pytest.approx(whole, rel=1e-5, abs=1e-4)


def test_one_service_of_a_zipped_file_can_be_read(tmp_path):
    path = tmp_path / "day.txt.gz"
    path.write_bytes(gzip.compress((line(7, 0, 39, 1.0, 2.0, 3.0, 4.0, 5.0) + "\n").encode()))
    traffic = load(path, "services=call").data
    assert list(traffic.data_vars) == ["call"]
    assert float(traffic["call"].sum()) == 7
    assert traffic["call"].attrs["units"] == "activity"


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("a,b,c\n1,2,3\n", "", "not in the format"),
        ("1\t1383260400000\t39\tx\t\t\t\t\n", "", "not in the format"),
        ("1\t1383260400\t39\t1.0\n", "", "full ten minutes"),
        ("1\t1383260400000\t39\t-1.0\n", "", "must be 0 or more"),
        ("", "", "no values"),
        ("1\t1383260400000\t39\t1.0\n", "services=video", "no service 'video'"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, text, options, sentence):
    path = tmp_path / "day.txt"
    path.write_text(text)
    with pytest.raises(BadInput, match=sentence):
        load(path, options)


@needs_milan
def test_sums_of_the_provider_s_own_lines_agree_with_plain_code():
    path = REAL / "milan" / "telecom_italia_raw_sample.txt"
    sums: dict = {}
    for row in path.read_text().splitlines():
        cells = row.split("\t")
        if len(cells) > 7 and cells[7]:
            key = (cells[0], int(cells[1]) // 3_600_000)
            sums[key] = sums.get(key, 0.0) + float(cells[7])
    internet = load(path, "services=internet").data["internet"]
    assert float(internet.sum()) == pytest.approx(sum(sums.values()), rel=1e-6)
    for (square, hour), value in sums.items():
        at = pd.Timestamp(hour * 3600, unit="s")
        assert float(internet.sel(station=square, time=at)) == pytest.approx(value, rel=1e-6)


SQUARES = [100 * row + column for row in range(40, 45) for column in range(41, 46)]
MAPPERS = "OpenStreetMap contributors, Comune di Milano"
WEEK = 7 * 144
"""Steps of ten minutes."""


@pytest.fixture(scope="module")
def activity():
    """Internet activity of 25 squares in one week, (steps, squares)."""
    return np.loadtxt(REAL / "milan" / "internet_10min_5x5.csv.gz", delimiter=",")[:WEEK]


@pytest.fixture(scope="module")
def milano(activity, tmp_path_factory):
    """A city of the published grid and places, and of activity in the provider's own format."""
    folder, work = REAL / "milan", tmp_path_factory.mktemp("milano")
    (work / "internet.txt").write_text(
        "".join(
            line(square, step, 39, None, None, None, None, float(value)) + "\n"
            for step, row in enumerate(activity)
            for square, value in zip(SQUARES, row, strict=True)
        )
    )
    grid = gpd.read_file(folder / "milano-grid.geojson")
    order = Order(
        "Milano",
        Area.from_bounds(*grid[grid["cellId"].isin(SQUARES)].total_bounds),
        MILANO,
        {
            "pois": [
                f"{folder / 'pois.parquet'}#licence=ODbL-1.0; CC-BY-4.0&attribution={MAPPERS}"
            ],
            "stations": [f"{folder / 'milano-grid.geojson'}#id=cellId&licence=ODbL-1.0"],
            "traffic": [f"telecom-italia:{work / 'internet.txt'}#services=internet"],
        },
    )
    city = build_city(order, work / "city")
    yield city
    city.traffic.close()


@needs_milan
def test_the_city_of_milano_has_the_hourly_activity(milano, activity):
    assert milano.validate() == []
    traffic = milano.traffic["internet"].load()
    assert dict(traffic.sizes) == {"station": 25, "time": 7 * 24}
    hourly = activity.reshape(7 * 24, 6, 25).sum(axis=1)
    by_square = traffic.sel(station=[str(square) for square in SQUARES]).to_numpy()
    np.testing.assert_allclose(by_square, hourly.T, rtol=1e-5)
    assert (milano.pois["category"].str.contains("=")).all()
    assert len(milano.pois) > 100
    assert milano.record.attribution == [MAPPERS, "Telecom Italia, Big Data Challenge, ODbL 1.0"]


@pytest.mark.skipif(
    not (REAL / "trento").is_dir(), reason="the real grid of Trento is not next to the project"
)
def test_the_squares_of_trento_have_their_activity(tmp_path):
    grid = REAL / "trento" / "trentino-grid.geojson"
    area = Area.around(11.12, 46.07, 4000)  # the town itself
    squares = gpd.read_file(grid)
    chosen = squares[squares.intersects(area.geometry)]["cellId"].tolist()
    assert len(chosen) >= 16
    (tmp_path / "day.txt").write_text(
        "".join(
            line(square, step, country, None, None, None, None, float(square)) + "\n"
            for square in chosen
            for step in range(12)
            for country in (0, 39)
        )
    )
    sources = {
        "stations": [f"{grid}#id=cellId&licence=ODbL-1.0"],
        "traffic": [f"telecom-italia:{tmp_path / 'day.txt'}#services=internet"],
    }
    city = build_city(Order("Trento", area, MILANO, sources), tmp_path / "city")
    assert city.validate() == []
    internet = city.traffic["internet"].load()
    city.traffic.close()
    assert internet.sizes["time"] == 2
    expected = 12.0 * internet["station"].astype(int).to_numpy()[:, None]
    np.testing.assert_allclose(internet.to_numpy(), np.repeat(expected, 2, axis=1), rtol=1e-6)


@needs_milan
def test_a_plan_of_milano_runs_through_context_generation_and_siting(milano, tmp_path):
    """The whole pipeline with the bundled models: a week of four cells by four."""
    west, south, east, north = milano.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, 400)
    plan = plan_sites(
        milano,
        area,
        samples=2,
        weeks=1,
        masks=("edge",),
        out=tmp_path / "run",
        settings=PlanSettings(sites=3, utility="demand", method="top-k", min_demand=0),
    )
    cells = plan.cells
    assert len(cells) >= 16
    assert cells["feasible"].isin(["yes", "no"]).all()
    context = pd.read_parquet(plan.folder / "context.parquet")
    assert context["has_pois"].all()
    assert not context["has_image"].any()  # the city has no image
    drawn = plan.traffic_of(list(cells["cell_id"]))
    assert dict(drawn.sizes) == {"cell": len(cells), "sample": 2, "time": 7 * 24}
    assert (drawn >= 0).all()
    assert (drawn.mean(("sample", "time")).to_series().nunique()) == len(cells)
    assert plan.facts["provenance"] == "generated"
    assert plan.facts["city"]["provenance"] == "measured"
    assert plan.facts["attribution"] == milano.record.attribution
    allowed = cells[cells["feasible"] == "yes"]
    mean = drawn.mean(("sample", "time")).sel(cell=list(allowed["cell_id"])).to_series()
    best = list(mean.sort_values(ascending=False).index[:3])
    assert list(plan.sites["cell_id"]) == best
