import os

from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint


def test_the_fingerprint_depends_on_the_content_of_files_only(own_city: City) -> None:
    before = city_fingerprint(own_city)
    for part in own_city.parts:
        os.utime(own_city.path(part), ns=(0, 0))
    assert city_fingerprint(City.open(own_city.folder)) == before
    seen = {before}
    for part in own_city.parts:
        path = own_city.path(part)
        kept, status = path.read_bytes(), path.stat()
        path.write_bytes(bytes([kept[0] ^ 1]) + kept[1:])
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        seen.add(city_fingerprint(own_city))
    assert len(seen) == 1 + len(own_city.parts)


def test_a_removed_part_changes_the_fingerprint(own_city: City) -> None:
    before = city_fingerprint(own_city)
    own_city.path("landuse").unlink()
    assert city_fingerprint(own_city) != before
