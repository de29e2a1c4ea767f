"""A forecast of a city in one call: samples and quantiles of the contract, and its face."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import netspatial
from netspatial.city.city import City
from netspatial.errors import BadInput, MissingPart
from netspatial.forecast import RULES
from netspatial.forecast.city_forecast import TrafficForecast, forecast_traffic
from netspatial.forecast.panel import from_city
from netspatial.forecast.tables import to_table


@pytest.fixture(scope="module")
def forecast(small_city: City) -> TrafficForecast:
    return netspatial.forecast_traffic(
        small_city, hours=36, forecaster="hour-of-week", samples=5, levels=(0.1, 0.5, 0.9)
    )


def test_it_is_the_forecast_of_the_forecaster(forecast: TrafficForecast, small_city: City) -> None:
    panel, rule = from_city(small_city, ["total", "data"]), RULES["hour-of-week"]
    xr.testing.assert_identical(forecast.samples, rule.predict(panel, 36, 5, 0))
    xr.testing.assert_identical(
        forecast.quantiles, rule.predict_quantiles(panel, 36, (0.1, 0.5, 0.9))
    )
    assert forecast.samples.dims == ("station", "sample", "service", "time")
    last = small_city.traffic["time"].to_numpy()[-1]
    assert forecast.samples["time"].to_numpy()[0] == last + np.timedelta64(1, "h")


def test_stations_and_services_can_be_chosen(small_city: City) -> None:
    some = forecast_traffic(
        small_city.folder, services=["data"], stations=["s4", "s1"], forecaster="seasonal-naive"
    )
    assert (some.stations, some.services) == (["s4", "s1"], ["data"])
    assert some.of("s4").sizes == {"sample": 19, "time": 24}
    assert some.of("s4").attrs["units"] == "MB"


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"stations": ["s9"]}, "no station 's9'"),
        ({"services": ["video"]}, "no service 'video'"),
        ({"forecaster": "magic"}, "no forecaster 'magic'"),
        ({"forecaster": "persistence", "model": "m"}, "Both forecaster='persistence' and model"),
        ({"hours": 0, "forecaster": "persistence"}, "horizon is 0"),
    ],
)
def test_a_wrong_choice_is_one_sentence(small_city: City, choices: dict, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        forecast_traffic(small_city, **choices)


def test_a_folder_without_a_model_is_refused(small_city: City) -> None:
    with pytest.raises(MissingPart, match="'nowhere' holds no forecaster"):
        forecast_traffic(small_city, model="nowhere")


def test_it_shows_each_service_and_a_map_without_fetching(forecast: TrafficForecast) -> None:
    page = forecast._repr_html_()
    assert ">Total</td>" in page
    assert ">Data</td>" in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "http" not in page
    assert repr(forecast) == (
        "<TrafficForecast of total, data at 6 stations of 'Tinytown': 36 steps from "
        "2024-01-15T00:00 UTC, 5 samples by hour-of-week>"
    )


def test_its_chart_is_of_the_busiest_station_or_of_the_named_one(
    forecast: TrafficForecast,
) -> None:
    def mean(figure: object) -> np.ndarray:
        return next(line.y for line in figure.data if line.name == "Mean forecast")

    np.testing.assert_allclose(mean(forecast.plot()), forecast.of("s3").mean("sample"))
    np.testing.assert_allclose(
        mean(forecast.plot("s0", "data")), forecast.of("s0", "data").mean("sample")
    )
    with pytest.raises(BadInput, match="has no service 'video'"):
        forecast.plot("s0", "video")
    with pytest.raises(BadInput, match="has no station 's9'; it has s0"):
        forecast.plot("s9")


def test_its_map_is_coloured_by_the_mean(forecast: TrafficForecast) -> None:
    (layer,) = [one for one in forecast.explore("data").layers if one.id.startswith("stations")]
    mean = float(forecast.of("s3", "data").mean())
    (detail,) = [row["detail"] for row in layer.data if row["title"] == "s3"]
    assert f"{mean:.0f}" in detail.replace(",", "")


def test_it_is_written_by_its_extension(forecast: TrafficForecast, tmp_path: Path) -> None:
    rows = pd.read_parquet(forecast.to_file(tmp_path / "f.parquet"))
    expected = to_table(forecast.quantiles)
    pd.testing.assert_frame_equal(rows[expected.columns], expected)
    assert set(rows["provenance"]) == {"generated"}
    assert len(pd.read_csv(forecast.to_file(tmp_path / "f.csv"))) == len(expected)
    with xr.open_dataset(forecast.to_file(tmp_path / "f.nc"), engine="h5netcdf") as both:
        np.testing.assert_allclose(both["samples"], forecast.samples)
        assert both.attrs["attribution"] == "made up for tests"
    with pytest.raises(BadInput, match="has no known format"):
        forecast.to_file(tmp_path / "f.xls")
