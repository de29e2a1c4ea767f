"""The clock of a place is told where it has one, and asked for where it has two."""

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
def test_a_city_is_on_the_clock_of_its_country(lon, lat, zone):
    assert clock_of(Area.around(lon, lat, 5000)) == zone
    Clock(zone)


@pytest.mark.parametrize(
    ("lon", "lat", "named"),
    [
        (9.0290, 45.8300, "Europe/Rome, Europe/Zurich"),
        (87.6, 43.8, "Asia/Shanghai, Asia/Urumqi"),
    ],
)
def test_two_clocks_are_not_chosen_between(lon, lat, named):
    with pytest.raises(BadInput, match=f"several clocks, {named}; name the one"):
        clock_of(Area.around(lon, lat, 3000))
