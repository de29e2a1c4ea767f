"""NetCDF files of users: how much they hold by their header, and nothing that lies elsewhere."""

from math import prod
from pathlib import Path

import h5py

from netspatial.errors import BadInput, reason
from netspatial.user_files.content import check_content
from netspatial.user_files.limits import Limits


def check_netcdf(path: Path, limits: Limits) -> None:
    """Raise where a file holds too much, or where HDF5 would read other files in its place."""
    check_content(path, limits)
    try:
        with h5py.File(path) as opened:
            links = [(name, opened.get(name, getlink=True)) for name in opened]
            foreign = [name for name, link in links if isinstance(link, h5py.ExternalLink)]
            held = [opened[name] for name, _ in links if name not in foreign]
            series = [one for one in held if isinstance(one, h5py.Dataset)]
            foreign += [one.name for one in series if one.external or one.is_virtual]
            values = sum(prod(one.shape) for one in series if one.shape)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise BadInput(f"{path} is not a NetCDF file that can be read: {reason(error)}.") from error
    if foreign:
        raise BadInput(
            f"In {path} '{foreign[0]:.60}' lies in another file; write it into one file."
        )
    limits.check("traffic_values", values, f"'{path.name}'", "values", "cut it to fewer hours")
