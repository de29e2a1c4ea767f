"""The time zone of an area is found where it has one, and required where it has two."""

import pytest

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.sources.clock import Clock
from netspatial.sources.place_clock import clock_of


@pytest.mark.parametrize(
    ("lon", "lat", "zone"),
    [
        (9.19, 45.46, "Europe/Rome"),
        (3.725, 51.04, "Europe/Brussels"),
        (77.2, 28.6, "Asia/Kolkata"),
        (-46.6, -23.5, "America/Sao_Paulo"),
        (8.93, 44.36, "Europe/Rome"),  # half of it the sea off Genoa
        (-1.087, 57.7, "Etc/GMT"),  # far from every shore
    ],
)
def test_the_time_zone_of_a_city_is_that_of_its_country(lon, lat, zone):
    assert clock_of(Area.around(lon, lat, 5000)) == zone
    Clock(zone)


@pytest.mark.parametrize(
    ("lon", "lat", "named"),
    [
        (9.0290, 45.8300, "Europe/Rome, Europe/Zurich"),
        (87.6, 43.8, "Asia/Shanghai, Asia/Urumqi"),
    ],
)
def test_an_area_with_two_time_zones_is_refused(lon, lat, named):
    with pytest.raises(BadInput, match=f"several time zones, {named}; give that of the data"):
        clock_of(Area.around(lon, lat, 3000))
