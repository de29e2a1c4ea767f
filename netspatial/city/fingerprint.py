"""Fingerprint of a city: a hash of its files, the key of everything cached from a city."""

from netspatial.city.city import City
from netspatial.content import hash_of_files


def city_fingerprint(city: City) -> str:
    """Return a hash of the names and contents of the city's files.

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
    return hash_of_files(city.folder, files)
