"""Which cities the app can show: the folders inside the cities folder.

The first thing a page asks. Nothing here reads more than the names of files.
"""

import os
from pathlib import Path

CITIES_VARIABLE = "NETSPATIAL_CITIES"
"""Environment variable that names another cities folder than ./cities."""


def cities_folder() -> Path:
    """Return the folder that holds the city folders."""
    return Path(os.environ.get(CITIES_VARIABLE) or "cities")


def find_cities(folder: Path) -> dict[str, Path]:
    """Return the city folders inside `folder` by name; empty where there are none.

    Hidden folders are cities still being written and are left out.
    """
    return {
        described.parent.name: described.parent
        for described in sorted(folder.glob("*/city.json"))
        if not described.parent.name.startswith(".")
    }


def city_version(city: Path) -> int:
    """Return a number that changes when the city in this folder is written anew."""
    return (city / "city.json").stat().st_mtime_ns
