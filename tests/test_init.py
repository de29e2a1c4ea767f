"""The public names: loaded on first use, with explicit typed arguments and documented sections."""

import inspect
import subprocess
import sys

import pytest

import netspatial
from netspatial.plan.settings import PlanSettings
from netspatial.runs.kinds.operating_request import OperateRequest
from netspatial.runs.kinds.plan_request import PlanRequest
from netspatial.scenario.scenario import Scenario

CALLS = [name for name in netspatial.__all__ if name.islower() and not name.startswith("_")]
SHOWN = ["Area", "City", "OperateRun", "PlanRun", "TrafficForecast"]
HEAVY = ("torch", "plotly", "pydeck", "folium", "geopandas", "xarray")


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = f"import sys, netspatial; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(  # noqa: S603  our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_unknown_ones_are_not() -> None:
    assert all(hasattr(netspatial, name) for name in netspatial.__all__)
    assert set(netspatial.__all__) <= set(dir(netspatial))
    with pytest.raises(AttributeError, match="has no attribute 'plan_everything'"):
        _ = netspatial.plan_everything


@pytest.mark.parametrize("name", CALLS)
def test_arguments_are_explicit_and_typed(name: str) -> None:
    call = getattr(netspatial, name)
    for parameter in inspect.signature(call).parameters.values():
        assert parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        assert parameter.annotation is not parameter.empty


def defaults_of(call: object) -> dict[str, object]:
    found = inspect.signature(call).parameters.values()
    return {one.name: one.default for one in found if one.default is not one.empty}


def test_every_choice_of_a_schedule_is_an_argument_with_its_default() -> None:
    given = defaults_of(netspatial.schedule_sleep) | {"policy_params": {}, "city": "", "out": None}
    fields = OperateRequest(city="", stations=()).model_dump()
    assert set(fields) <= set(given)
    del fields["stations"]  # all of them by default
    assert fields.pop("scenario") == Scenario().model_dump()
    assert given["scenario"] is None
    assert fields.items() <= given.items()


def test_every_choice_of_a_plan_is_an_argument_with_its_default() -> None:
    given = defaults_of(netspatial.plan_sites)
    fields = PlanRequest(city="", area={}).model_dump(exclude={"city", "area", "settings"})
    assert fields.pop("scenario") == Scenario().model_dump()
    assert given["scenario"] is None
    assert fields.items() <= given.items()
    daily = {name for name in given if name in PlanSettings.model_fields}
    assert {"sites", "utility", "method", "min_demand", "required", "excluded"} <= daily
    assert all(given[name] is None for name in daily)


@pytest.mark.parametrize("name", SHOWN)
def test_objects_of_state_show_plot_explore_and_write_themselves(name: str) -> None:
    kind = getattr(netspatial, name)
    for method in ("plot", "explore", "to_file", "_repr_html_"):
        assert callable(getattr(kind, method)), method
    assert "\n" not in (kind.__repr__.__doc__ or "\n")
