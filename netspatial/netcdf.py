"""Open and read NetCDF files; raise `BadInput` where a file is damaged.

HDF5 and the libraries above it raise errors of any kind for a damaged file, some of them only
when values are read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import xarray as xr

from netspatial.errors import BadInput, NetSpatialError, reason

ENGINE = "h5netcdf"


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Turn any error while the file's content is read into `BadInput`."""
    try:
        yield
    except (NetSpatialError, MemoryError):
        raise
    except Exception as error:
        raise BadInput(f"{path} is not a NetCDF file that can be read: {reason(error)}.") from error


def open_dataset(path: Path) -> xr.Dataset:
    """Open a file; read its values later, inside `sound`."""
    with sound(path):
        _check_header(path)
        return xr.open_dataset(path, engine=ENGINE)


def load_dataset(path: Path) -> xr.Dataset:
    """Read a whole file."""
    with sound(path):
        _check_header(path)
        return xr.load_dataset(path, engine=ENGINE)


def _check_header(path: Path) -> None:
    """Open a file by HDF5 alone first, since h5netcdf leaves a half-made object where it fails."""
    with h5py.File(path) as opened:
        _ = list(opened.attrs.items())
