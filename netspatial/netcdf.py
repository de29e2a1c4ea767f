"""NetCDF files opened and read with one sentence where a file is not sound.

HDF5 and the libraries above it answer a flipped bit with errors of any kind, some of them only
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
    """Turn whatever goes wrong while the file's content is read into one sentence."""
    try:
        yield
    except (NetSpatialError, MemoryError):
        raise
    except Exception as error:
        raise BadInput(f"{path} is not a NetCDF file that can be read: {reason(error)}.") from error


def open_dataset(path: Path) -> xr.Dataset:
    """Open a file; its values come later, inside `sound`."""
    with sound(path):
        _check_header(path)
        return xr.open_dataset(path, engine=ENGINE)


def load_dataset(path: Path) -> xr.Dataset:
    """Read a whole file."""
    with sound(path):
        _check_header(path)
        return xr.load_dataset(path, engine=ENGINE)


def _check_header(path: Path) -> None:
    """Open a file by HDF5 alone, as far as h5netcdf leaves a half-made object where it fails."""
    with h5py.File(path) as opened:
        _ = list(opened.attrs.items())
