import base64

import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from netspatial.city.city import City
from netspatial.errors import MissingPart
from netspatial.viz.city_queries import (
    backdrop,
    city_series,
    poi_table,
    station_series,
    station_table,
)

WEBP_WITHOUT_GEOTRANSFORM = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


def test_the_backdrop_covers_the_city(small_city: City) -> None:
    west, south, east, north = backdrop(small_city.folder).bounds
    inner_west, inner_south, inner_east, inner_north = small_city.record.bounds
    slack = 1e-4
    assert west <= inner_west + slack
    assert south <= inner_south + slack
    assert east >= inner_east - slack
    assert north >= inner_north - slack


def shown_pixels(uri: str) -> tuple[np.ndarray, np.ndarray]:
    kind, encoded = uri.split(",")
    assert kind == "data:image/webp;base64"
    with MemoryFile(base64.b64decode(encoded)) as file, file.open() as shown:
        return shown.read([1, 2, 3]), shown.dataset_mask() > 0


@WEBP_WITHOUT_GEOTRANSFORM
@pytest.mark.parametrize("longest_side", [40, 2048])
def test_the_backdrop_shows_the_image(small_city: City, longest_side: int) -> None:
    pixels, opaque = shown_pixels(backdrop(small_city.folder, longest_side).uri)
    assert max(opaque.shape) == min(longest_side, *small_city.imagery.shape)
    assert opaque.mean() > 0.95
    assert pixels[:, opaque].std() > 10  # not one flat colour


@WEBP_WITHOUT_GEOTRANSFORM
def test_the_backdrop_is_transparent_outside_a_rotated_image(own_city: City) -> None:
    folder = own_city.folder
    # Six degrees from the UTM zone's central meridian, the image is rotated by about four degrees.
    place = from_origin(45_000, 5_047_000, 10, 10)
    profile = {"driver": "GTiff", "width": 150, "height": 150, "count": 3, "dtype": "uint8"}
    with rasterio.open(
        folder / "imagery.tif", "w", crs="EPSG:32633", transform=place, **profile
    ) as image:
        image.write(np.full((3, 150, 150), 120, np.uint8))
    _, opaque = shown_pixels(backdrop(folder).uri)
    assert not opaque[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    assert 0.8 < opaque.mean() < 0.95


def test_the_table_holds_each_stations_mean_traffic(small_city: City) -> None:
    table = station_table(small_city.folder, "total").set_index("station_id")
    with small_city.traffic as traffic:
        expected = traffic["total"].mean("time").to_series()
    assert table["mean"].to_dict() == pytest.approx(expected.to_dict())


def test_without_a_service_the_mean_is_nan(small_city: City) -> None:
    assert station_table(small_city.folder, None)["mean"].isna().all()


def test_stations_without_traffic_tier_and_capacity_are_kept(own_city: City) -> None:
    folder = own_city.folder
    stations = own_city.stations.drop(columns=["tier", "capacity"])
    stations.loc[0, "station_id"] = "newcomer"
    stations.to_parquet(folder / "stations.parquet")
    table = station_table(folder, "total").set_index("station_id")
    assert np.isnan(table["mean"]["newcomer"])
    assert table["mean"].notna().sum() == len(stations) - 1
    assert table["capacity"].isna().all()


def test_capacity_is_dropped_for_a_service_in_another_unit(own_city: City) -> None:
    units = {"total": "MB", "data": "messages/h"}
    record = own_city.record.model_copy(update={"units": units})
    (own_city.folder / "city.json").write_text(record.model_dump_json())
    assert station_table(own_city.folder, "total")["capacity"].notna().all()
    assert station_table(own_city.folder, "data")["capacity"].isna().all()


def test_a_station_series_holds_that_stations_traffic(small_city: City) -> None:
    series = station_series(small_city.folder, "s3", "total")
    assert series is not None
    assert (series.attrs["units"], series.attrs["timezone"]) == ("MB", "Europe/Rome")
    with small_city.traffic as traffic:
        np.testing.assert_array_equal(series, traffic["total"].sel(station="s3"))
    assert station_series(small_city.folder, "nobody", "total") is None


def test_the_city_series_is_the_sum_of_its_stations(small_city: City) -> None:
    every = [station_series(small_city.folder, f"s{number}", "total") for number in range(6)]
    np.testing.assert_allclose(city_series(small_city.folder, "total"), sum(every), rtol=1e-6)


def test_the_poi_table_holds_every_poi(small_city: City) -> None:
    assert len(poi_table(small_city.folder)) == len(small_city.pois)


def test_missing_imagery_raises_missing_part(own_city: City) -> None:
    (own_city.folder / "imagery.tif").unlink()
    with pytest.raises(MissingPart, match="has no imagery"):
        backdrop(own_city.folder)
