"""Estimated needs grow with the request, and a run too large for the machine is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.runs.jobs.resource_needs import NEEDS, needs_of
from netspatial.runs.jobs.run import Run

ASKED = {
    "plan": {
        "area": Area.around(9.19, 45.46, 2000).to_geojson(),
        "cell_m": 100.0,
        "samples": 8,
        "weeks": 4,
    },
    "operate": {"stations": ["a", "b", "c"], "hours": 48, "samples": 8},
    "simulate": {"size_km": 6.0, "gsd_m": 5.0, "stations": 100, "weeks": 4, "pois": 1000},
    "finetune": {"steps": 100},
}
MORE = {
    "plan": ("samples", "weeks"),
    "operate": ("hours", "samples"),
    "simulate": ("size_km", "stations", "weeks", "pois"),
    "finetune": ("steps",),
}


@pytest.mark.parametrize("kind", ASKED)
@given(factor=st.integers(2, 1000), data=st.data())
def test_a_larger_request_needs_no_less(kind: str, factor: int, data: st.DataObject) -> None:
    asked = ASKED[kind]
    name = data.draw(st.sampled_from(MORE[kind]))
    few, many = needs_of(kind, asked), needs_of(kind, {**asked, name: asked[name] * factor})
    assert many.memory_mb >= few.memory_mb
    assert many.disk_mb >= few.disk_mb
    assert many.minutes >= few.minutes
    assert many != few


def test_a_validation_needs_more_for_more_folds(small_city: City) -> None:
    asked = {"city": str(small_city.folder), "support": ["all"], "folds": 2}
    few, many = needs_of("validate", asked), needs_of("validate", {**asked, "folds": 20})
    assert many.minutes > few.minutes
    assert set(NEEDS) == {*ASKED, "validate"}


@pytest.mark.parametrize("name", ["samples", "weeks"])
def test_a_run_too_large_for_any_machine_is_refused_before_writing(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadInput, match=r"This would need about .* GB of memory"):
        Run.create(tmp_path / "runs" / "big", "plan", {**ASKED["plan"], name: 10**8})
    assert list(tmp_path.iterdir()) == []
