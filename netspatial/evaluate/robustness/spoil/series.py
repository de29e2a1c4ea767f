"""Hourly traffic in NetCDF and arrays in .npz, spoilt by value, by time and by name."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from netspatial.evaluate.robustness.spoil.contract import Chance, Spoil, one_of

Change = Callable[[xr.Dataset, Chance], xr.Dataset]
Arrays = dict[str, NDArray[Any]]


def _dataset(change: Change) -> Callable[[Path, Chance], None]:
    def work(path: Path, chance: Chance) -> None:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            whole = opened.load()
        path.write_bytes(bytes(change(whole, chance).to_netcdf(engine="h5netcdf")))

    return work


def _values(whole: xr.Dataset, chance: Chance) -> xr.Dataset:
    name = str(one_of(chance, tuple(whole.data_vars)))
    values = whole[name].to_numpy().astype(np.float64)
    bad = float(one_of(chance, (np.nan, np.inf, -1.0, 1e308)))  # type: ignore[arg-type]
    spoilt = chance.random(values.shape) < float(chance.choice([1e-4, 0.3, 1.0]))
    return whole.assign({name: (whole[name].dims, np.where(spoilt, bad, values))})


def _words(whole: xr.Dataset, chance: Chance) -> xr.Dataset:
    name = str(one_of(chance, tuple(whole.data_vars)))
    return whole.assign({name: (whole[name].dims, np.full(whole[name].shape, "x", dtype=object))})


def _times(whole: xr.Dataset, chance: Chance) -> xr.Dataset:
    if "time" not in whole.coords:
        return whole.drop_vars(list(whole.coords)[:1])
    times = whole["time"].to_numpy()
    changed: tuple[Callable[[], xr.Dataset], ...] = (
        lambda: whole.assign_coords(time=times[::-1]),
        lambda: whole.assign_coords(time=np.arange(len(times))),
        lambda: whole.assign_coords(time=np.repeat(times[:1], len(times))),
        lambda: whole.assign_coords(time=times[0] + 7 * (times - times[0])),
        lambda: whole.isel(time=slice(0, 0)),
        lambda: whole.isel(time=slice(0, 1)),
        lambda: whole.drop_vars("time"),
        lambda: whole.assign_coords(time=np.full(len(times), np.datetime64("NaT", "ns"))),
    )
    return changed[int(chance.integers(len(changed)))]()


def _names(whole: xr.Dataset, chance: Chance) -> xr.Dataset:
    name = str(one_of(chance, (*whole.data_vars, *whole.coords, *whole.dims)))
    return whole.rename({name: f"{name}-x"})


def _no_variables(whole: xr.Dataset, chance: Chance) -> xr.Dataset:
    del chance
    return whole.drop_vars(list(whole.data_vars))


def _no_units(whole: xr.Dataset, chance: Chance) -> xr.Dataset:
    value = one_of(chance, (None, 5, "", "[/]", "x" * 5000))
    for name in whole.data_vars:
        whole[name].attrs = {} if value is None else {"units": value}
    whole.attrs = {}
    return whole


def _arrays(change: Callable[[Arrays, Chance], None]) -> Callable[[Path, Chance], None]:
    def work(path: Path, chance: Chance) -> None:
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        change(arrays, chance)
        np.savez(path, allow_pickle=False, **arrays)

    return work


def _other_array(arrays: Arrays, chance: Chance) -> None:
    name = str(one_of(chance, tuple(arrays)))
    kept = arrays[name]
    others: tuple[NDArray[Any], ...] = (
        np.full_like(kept, np.nan),
        np.full_like(kept, -1),
        kept[0],
        kept[:0],
        kept[:, :0],
        np.array(5.0),
        kept.astype(str),
        kept.astype(complex),
        kept.astype(np.int8),
        np.full_like(kept, np.inf),
        kept[None],
        kept > 0,
        np.zeros_like(kept),
        np.full(kept.shape, 1e300),
        kept.astype("datetime64[s]"),
    )
    arrays[name] = others[int(chance.integers(len(others)))]


def _other_name(arrays: Arrays, chance: Chance) -> None:
    name = str(one_of(chance, tuple(arrays)))
    arrays[f"{name}-x"] = arrays.pop(name)


def _pickled(path: Path, chance: Chance) -> None:
    """Leave an array of objects, which only unpickling could read."""
    del chance
    np.savez(path, traffic=np.array([{}], dtype=object), embedding=np.zeros((1, 8)))


def _member(path: Path, chance: Chance) -> None:
    """Leave an archive of something that is no array."""
    name = str(one_of(chance, (".", "traffic.npy", " ", "../traffic.npy", "traffic")))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"not an array")


NETCDF = (
    Spoil("other values", _dataset(_values)),
    Spoil("words for values", _dataset(_words)),
    Spoil("other times", _dataset(_times)),
    Spoil("another name", _dataset(_names)),
    Spoil("no variables", _dataset(_no_variables)),
    Spoil("no units", _dataset(_no_units)),
)
NPZ = (
    Spoil("another array", _arrays(_other_array)),
    Spoil("an array of another name", _arrays(_other_name), refused=True),
    Spoil("pickled objects", _pickled, refused=True),
    Spoil("no array", _member, refused=True),
)
