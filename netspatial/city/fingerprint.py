"""The content of a city's files in one hash: what is kept of a city holds as long as it.

Beside `city`; whoever keeps something that was read from a city keeps it under this hash.
"""

from netspatial.city.city import City
from netspatial.content import hash_of_files


def city_fingerprint(city: City) -> str:
    """Return a hash of the city's files; another one as soon as one holds something else."""
    files = (path for path in city.folder.iterdir() if path.is_file() and path.name[0] != ".")
    return hash_of_files(city.folder, files)
