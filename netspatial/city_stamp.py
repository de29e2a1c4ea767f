"""The state of a city's files in one short word: what is remembered of a city holds as long as it.

Beside `city`; whoever keeps something that was read from a city keeps it under this stamp.
"""

import hashlib

from netspatial.city import FILES, City


def city_stamp(city: City) -> str:
    """Return a hash that changes whenever a file of the city is written anew."""
    digest = hashlib.blake2b(digest_size=8)
    for name in ("city.json", *FILES.values()):
        path = city.folder / name
        if path.is_file():
            status = path.stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns};".encode())
    return digest.hexdigest()
