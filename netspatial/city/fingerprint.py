"""Fingerprint of a city: a hash of its files, the key of everything cached from a city."""

import hashlib

from netspatial.city.city import City
from netspatial.content import hash_of_files


def city_fingerprint(city: City) -> str:
    """Return a hash of the names and contents of the city's files, and of changes in memory.

    Parameters
    ----------
    city : City
        The city.

    Returns
    -------
    str
        Hash in hexadecimal digits.
    """
    files = (path for path in city.folder.iterdir() if path.is_file() and path.name[0] != ".")
    on_disk = hash_of_files(city.folder, files)
    if not city.overlay:
        return on_disk
    return hashlib.sha256(f"{on_disk} {city.overlay}".encode()).hexdigest()
