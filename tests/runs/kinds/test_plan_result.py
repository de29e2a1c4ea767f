"""Station load of the city beside a plan."""

import json

import pytest
import xarray as xr

from netspatial.city.city import City
from netspatial.runs.kinds.plan_result import _station_load


def with_services(city: City, *names: str, units: str = "MB") -> City:
    """Return the city with these services instead of its own, each ten times the one before."""
    path = city.folder / "traffic.nc"
    with xr.open_dataset(path, engine="h5netcdf") as series:
        total = series.load()["total"]
    xr.Dataset({name: total * 10.0**n for n, name in enumerate(names)}).to_netcdf(
        path, engine="h5netcdf"
    )
    record = json.loads((city.folder / "city.json").read_text())
    record["units"] = dict.fromkeys(names, units)
    (city.folder / "city.json").write_text(json.dumps(record))
    return City.open(city.folder)


@pytest.mark.parametrize(("names", "own"), [(("data", "total"), "total"), (("sms",), "sms")])
def test_station_load_is_that_of_the_plans_service(
    own_city: City, names: tuple[str, ...], own: str
) -> None:
    city = with_services(own_city, *names)
    load = _station_load(city, "MB")
    assert load is not None
    assert load.to_numpy() == pytest.approx(city.traffic[own].mean("time").to_numpy())
    assert _station_load(city, "GB") is None


def test_station_load_is_none_if_several_services_are_possible(own_city: City) -> None:
    assert _station_load(with_services(own_city, "call", "sms"), "MB") is None
