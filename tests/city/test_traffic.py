"""Measured traffic of any file is valid or refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.city.traffic import measured
from netspatial.errors import BadInput
from netspatial.evaluate.robustness.spoil.raw import RAW
from netspatial.evaluate.robustness.spoil.series import NETCDF
from netspatial.netcdf import load_dataset, open_dataset
from netspatial.randomness import stream

TIMES = pd.date_range("2024-01-01", periods=4, freq="h")
GOOD = xr.Dataset(
    {"total": (("time", "station"), np.arange(8.0).reshape(4, 2), {"units": "MB"})},
    coords={"time": TIMES, "station": [7, 8]},
)
PATH = Path("traffic.nc")


def test_series_come_by_station_and_time_with_names_as_text() -> None:
    found = measured(GOOD, ["total"], PATH)["total"]
    assert found.dims == ("station", "time")
    assert list(found["station"].to_numpy()) == ["7", "8"]
    assert found.sel(station="8").to_numpy().tolist() == [1.0, 3.0, 5.0, 7.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: it.rename(total="other"), "no service 'total'; it has other"),
        (lambda it: it.drop_vars("station"), "has no station"),
        (lambda it: it.isel(time=slice(0, 0)), "has no time"),
        (lambda it: it.astype(str), "not a number for every station and time"),
        (lambda it: it.isel(station=0, drop=True).assign_coords(station=[1]), "not a number"),
        (lambda it: it.assign_coords(time=[0, 1, 2, 3]), "not time stamps"),
        (lambda it: it.assign_coords(time=TIMES[::-1]), "do not increase"),
        (lambda it: it.assign_coords(time=[*TIMES[:3], pd.NaT]), "not time stamps"),
        (lambda it: it.assign_coords(station=[7, 7]), "Station '7' occurs more than once"),
        (lambda it: it + np.inf, "infinite in some hours"),
        (lambda it: it + 1e308, "infinite in some hours, or beyond"),
    ],
)
def test_invalid_traffic_is_refused(
    change: Callable[[xr.Dataset], xr.Dataset], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        measured(change(GOOD), ["total"], PATH)


@pytest.mark.parametrize("spoil", [*NETCDF, *RAW], ids=lambda spoil: spoil.name)
@pytest.mark.parametrize("number", range(4))
def test_a_damaged_file_is_read_or_refused(spoil, number, tmp_path: Path) -> None:
    path = tmp_path / "traffic.nc"
    path.write_bytes(bytes(GOOD.to_netcdf(engine="h5netcdf")))
    spoil.work(path, stream(number, spoil.name))
    try:
        with open_dataset(path) as opened:
            found = measured(opened, ["total"], path)
        load_dataset(path)
    except BadInput as refused:
        assert str(refused).endswith(".")  # noqa: PT017  either of the two is right
    else:
        assert found["total"].dims == ("station", "time")
