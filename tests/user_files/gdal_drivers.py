"""Which drivers of GDAL a process has."""

import pyogrio
import rasterio


def known_drivers() -> list[str]:
    with rasterio.Env() as environment:
        return sorted({*pyogrio.list_drivers(), *environment.drivers()})
