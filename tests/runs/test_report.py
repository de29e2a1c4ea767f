"""The report: the whole plan on one self-contained page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.report import write_report
from netspatial.runs.report.site_map import Colours
from netspatial.runs.report.week_chart import draw_week, round_tick

VOID = {"meta", "br", "img", "input", "link"}


class _Nesting(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs) -> None:  # noqa: ARG002  contract
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(planned: PlanRun) -> str:
    return planned.report.read_text(encoding="utf-8")


def test_every_tag_is_closed(page: str) -> None:
    reader = _Nesting()
    reader.feed(page)
    assert reader.open == []


def test_the_page_loads_nothing_from_elsewhere(page: str) -> None:
    addresses = re.findall(r"""(?:src|href|url)\s*[=(]\s*['"]?([^'"\s>)]+)""", page)
    assert addresses
    assert all(address.startswith("data:image/") for address in addresses)
    assert "<script" not in page


def test_it_shows_every_site_with_rationale_and_chart(planned: PlanRun, page: str) -> None:
    for _, site in planned.sites.iterrows():
        assert site["cell_id"] in page
    assert page.count('class="week"') == len(planned.sites)
    assert page.count('class="chosen"') == len(planned.sites)
    assert page.count("<article") == len(planned.sites)


def test_it_says_what_changes_at_existing_stations(planned: PlanRun, page: str) -> None:
    change = planned.site_change
    assert "What changes at existing stations" in page
    assert f"from {change.stations['station'].nunique()} stations" in page
    for station in change.stations["station"]:
        assert f"<td>{station}</td>" in page


def test_it_states_the_provenance_of_the_numbers(planned: PlanRun, page: str) -> None:
    assert "generated, not measured" in page
    for said in (
        planned.metadata["demand_floor"]["sentence"],
        "made up for tests",
        planned.facts["generator"]["fingerprint"],
        "CC0-1.0",
        "P10 to P90",
    ):
        assert said in page


@pytest.mark.parametrize(
    "bad", ["<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "{{ 7*7 }}&"]
)
def test_hostile_names_are_inert(planned: PlanRun, tmp_path: Path, bad: str) -> None:
    run = PlanRun(planned.run)
    run.__dict__["sites"] = planned.sites.assign(rationale=bad)
    run.__dict__["facts"] = {
        **planned.facts,
        "city": {**planned.facts["city"], "name": bad},
        "attribution": [bad],
        "licences": dict.fromkeys(planned.facts["licences"], bad),
    }
    run.__dict__["metadata"] = {
        **planned.metadata,
        "notes": [bad],
        "demand_unit": bad,
        "utility": {**planned.metadata["utility"], "title": bad, "unit": bad},
        "demand_floor": {**planned.metadata["demand_floor"], "sentence": bad},
    }
    write_report(run, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    reader = _Nesting()
    reader.feed(text)
    assert reader.open == []
    assert not {"script", "img"} & reader.tags
    assert len(re.findall(re.escape(bad), reader.text)) > 5


def test_a_constant_week_is_a_horizontal_line() -> None:
    times = np.arange("2026-01-05", "2026-01-19", dtype="datetime64[h]")
    traffic = xr.DataArray(
        np.full((4, times.size), 5.0),
        dims=("sample", "time"),
        coords={"time": times.astype("datetime64[ns]")},
        attrs={"units": "GB/h"},
    )
    drawn = draw_week(traffic, "UTC")
    line = re.search(r'class="line" points="([^"]+)"', drawn)[1].split()
    assert len(line) == 168
    assert len({point.partition(",")[2] for point in line}) == 1
    assert "GB/h" in drawn


@given(st.floats(1e-6, 1e9))
def test_two_to_five_ticks_fit(largest: float) -> None:
    assert 2 <= largest / round_tick(largest) <= 5 * (1 + 1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_lightness_increases_with_the_value(values: list[float]) -> None:
    ordered = np.sort(np.array(values))
    rgb = Colours(-1e5, 1e5).of(ordered).astype(float)
    light = rgb @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(light) >= -1.5).all()
