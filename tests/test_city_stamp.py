import os

from netspatial.city import City
from netspatial.city_stamp import city_stamp


def test_the_stamp_of_a_city_holds_until_one_of_its_files_is_written_anew(own_city: City) -> None:
    before = city_stamp(own_city)
    assert city_stamp(City.open(own_city.folder)) == before
    seen = {before}
    for part in own_city.parts:
        path = own_city.path(part)
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
        seen.add(city_stamp(own_city))
    assert len(seen) == 1 + len(own_city.parts)
