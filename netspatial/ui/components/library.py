"""The cities that the app can show: the folders inside the cities folder.

Only names of files are read.
"""

import os
from pathlib import Path

CITIES_VARIABLE = "NETSPATIAL_CITIES"
"""Environment variable that replaces the cities folder ./cities."""


def cities_folder() -> Path:
    """Return the folder that holds the city folders."""
    return Path(os.environ.get(CITIES_VARIABLE) or "cities")


def find_cities(folder: Path) -> dict[str, Path]:
    """Return the city folders inside `folder` by name; empty if there are none.

    Hidden folders are cities still being written and are skipped.
    """
    return {
        described.parent.name: described.parent
        for described in sorted(folder.glob("*/city.json"))
        if not described.parent.name.startswith(".")
    }


def city_version(city: Path) -> int:
    """Return a number that changes whenever the city in this folder is rewritten."""
    return (city / "city.json").stat().st_mtime_ns
