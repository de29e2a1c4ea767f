"""Training data: measured or simulated series with the context embeddings of their places.

Reads `.npz` files, fills short gaps, and leaves out unusable series with a note.
"""

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import AnyFloats, Floats32, Indices
from netspatial.errors import BadInput, reason
from netspatial.gaps import LONGEST_GAP_H, fill_gaps
from netspatial.timeline import HOURS_PER_WEEK

FEWEST_STATIONS = 8
MAX_BYTES = 16_000_000_000
"""Largest unpacked size of an .npz file, which is read into memory."""
REFUSED_SHARE = 0.5
"""Data with a larger share of unusable stations are refused."""


@dataclass(frozen=True)
class TrainingSet:
    """Series and the embeddings of their places.

    Attributes
    ----------
    x : ndarray of float32, (n, T)
        Hourly series, T whole weeks, no gaps, in `unit`.
    hours : ndarray of int16, (n, T)
        Hour of the week on the local clock (a holiday counts as Sunday).
    context : ndarray of float32, (n, D)
        The place's embedding and in the last `relative_dim` columns its comparison with the
        city, NaN where unknown.
    group : ndarray of int, (n,)
        Index of a station's source.
    unit : str
        Unit of `x`.
    context_fingerprint : str
        Fingerprint of the context that embedded the places.
    sources : tuple of str
        Names of the cities or files.
    relative_dim : int
        Columns of the comparison with the city.
    provenance : str
        "measured", "simulated", or both.
    licences : tuple of str
        Licences of the sources.
    notes : tuple of str
        Stations left out, and why.
    """

    x: Floats32
    hours: NDArray[np.int16]
    context: Floats32
    group: Indices
    unit: str
    context_fingerprint: str
    sources: tuple[str, ...]
    relative_dim: int = 0
    provenance: str = "measured"
    licences: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.x)

    @property
    def one_week(self) -> bool:
        """Whether the series hold one week only, so that no week-to-week residual is known."""
        return bool(self.x.shape[1] == HOURS_PER_WEEK)

    @property
    def fingerprint(self) -> str:
        """Hash of the arrays used for training."""
        digest = hashlib.sha256()
        for array in (self.x, self.hours, self.context, self.group):
            digest.update(f"{array.shape} {array.dtype};".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def in_weeks(self) -> "TrainingSet":
        """Return each whole week as a separate series, in the order of stations and weeks.

        Weeks without traffic are left out: they have no shape.

        Returns
        -------
        TrainingSet
            Series of 168 hours.
        """
        weeks = self.x.shape[1] // HOURS_PER_WEEK
        cut = replace(
            self,
            x=self.x.reshape(-1, HOURS_PER_WEEK),
            hours=self.hours.reshape(-1, HOURS_PER_WEEK),
            context=self.context.repeat(weeks, axis=0),
            group=self.group.repeat(weeks),
        )
        return cut.take(np.flatnonzero(cut.x.any(axis=1)))

    def take(self, index: Indices) -> "TrainingSet":
        """Return the chosen stations.

        Parameters
        ----------
        index : ndarray of int
            Rows to return.

        Returns
        -------
        TrainingSet
            The series of these stations.
        """
        return replace(
            self,
            x=self.x[index],
            hours=self.hours[index],
            context=self.context[index],
            group=self.group[index],
        )


def filter_series(
    x: AnyFloats, names: Sequence[str], source: str
) -> tuple[Floats32, Indices, tuple[str, ...]]:
    """Fill short gaps and keep the usable stations.

    x : (n, T) with NaN where nothing was measured. Returns the kept series cut to whole weeks,
    their indices, and a note for each fault with the number of stations left out.
    """
    if x.ndim != 2:
        raise BadInput(
            f"The traffic of {source} has {x.ndim} dimensions; (stations, hours) is needed."
        )
    weeks = x.shape[1] // HOURS_PER_WEEK
    if weeks == 0:
        raise BadInput(
            f"The series of {source} are {x.shape[1]} hours long; a week (168) is needed."
        )
    x = fill_gaps(x[:, : weeks * HOURS_PER_WEEK].astype(np.float32))
    faults: dict[str, list[str]] = {}
    kept = []
    for i, series in enumerate(x):
        fault = fault_of(series)
        if fault is None:
            kept.append(i)
        else:
            faults.setdefault(fault, []).append(names[i])
    notes = tuple(
        f"{source}: {len(found)} of {len(x)} stations left out ({fault}), first '{found[0]}'."
        for fault, found in faults.items()
    )
    if len(kept) < max(1, len(x) * (1 - REFUSED_SHARE)):
        raise BadInput(f"Most stations cannot be used for training: {notes[0]}")
    index = np.array(kept, dtype=np.int64)
    return x[index], index, notes


def fault_of(series: Floats32) -> str | None:
    """Return the fault that makes a series (T,) unusable; its short gaps are filled before."""
    missing = ~np.isfinite(series)
    if missing.all():
        return "nothing measured"
    if missing.any():
        return f"a gap of more than {LONGEST_GAP_H} hours"
    if (series < 0).any():
        return "negative traffic"
    if not series.any():
        return "all zero"
    if np.ptp(series) == 0:
        return "constant"
    return None


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz file; zip, zlib and numpy raise any error for damaged files."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        with np.load(path, allow_pickle=False) as file:
            names = file.files if unpacked <= MAX_BYTES else []
            arrays = {name: np.asarray(file[name]) for name in names}
    except Exception as error:
        raise BadInput(
            f"'{path}' is not an .npz file that can be read: {reason(error)}."
        ) from error
    if unpacked > MAX_BYTES:
        raise BadInput(
            f"'{path}' unpacks to {unpacked / 1e9:,.0f} GB; at most {MAX_BYTES / 1e9:,.0f} GB can "
            "be read."
        )
    return arrays


def read_npz(path: Path) -> TrainingSet:
    """Read `traffic` (n, T) and `embedding` (n, D); the first hour is taken as Monday 00:00.

    Such files have no calendar; if the series begin on another weekday, the weekdays of generated
    traffic are shifted by the same number of days.

    Parameters
    ----------
    path : Path
        An .npz file.

    Returns
    -------
    TrainingSet
        The usable series, cut to whole weeks, short gaps filled.

    Raises
    ------
    BadInput
        If an array is missing or has another shape, or most series cannot be used.
    """
    arrays = _arrays(path)
    for name in ("traffic", "embedding"):
        if name not in arrays:
            raise BadInput(f"'{path}' has no array '{name}'; it has {', '.join(arrays) or 'none'}.")
        if arrays[name].dtype.kind not in "fiu":
            raise BadInput(
                f"The array '{name}' in '{path}' has type {arrays[name].dtype}; numbers are needed."
            )
    traffic, embedding = arrays["traffic"], arrays["embedding"]
    if traffic.ndim != 2:
        raise BadInput(
            f"The traffic in '{path}' has {traffic.ndim} dimensions; (stations, hours) is needed."
        )
    if embedding.ndim != 2 or len(embedding) != len(traffic):
        raise BadInput(
            f"The embedding in '{path}' has shape {embedding.shape}; "
            f"({len(traffic)}, D) would match its traffic."
        )
    with np.errstate(over="ignore"):  # too large values become infinite and are refused
        traffic, embedding = traffic.astype(np.float32), embedding.astype(np.float32)
    if not np.isfinite(embedding).all() or np.isinf(traffic).any():
        raise BadInput(f"The arrays in '{path}' hold NaN, infinity or too large numbers.")
    x, index, notes = filter_series(traffic, [str(i) for i in range(len(traffic))], path.name)
    hours = np.broadcast_to(np.arange(x.shape[1], dtype=np.int16) % HOURS_PER_WEEK, x.shape)
    return TrainingSet(
        x=x,
        hours=hours,
        context=embedding[index],
        group=np.zeros(len(x), dtype=np.int64),
        unit="not stated",
        context_fingerprint=f"npz-{embedding.shape[1]}",
        sources=(path.name,),
        notes=notes,
    )


def join(sets: Iterable[TrainingSet]) -> TrainingSet:
    """Join training sets of one encoder, cut to their shortest length.

    Parameters
    ----------
    sets : iterable of TrainingSet
        Training sets with the same unit and embeddings.

    Returns
    -------
    TrainingSet
        All stations; `group` numbers the sets.

    Raises
    ------
    BadInput
        If there is no set, or two differ in unit or embeddings.
    """
    parts = list(sets)
    if not parts:
        raise BadInput("No training data were given; give city folders or an .npz file.")
    first = parts[0]
    for part in parts[1:]:
        if part.context_fingerprint != first.context_fingerprint:
            raise BadInput(
                f"{part.sources[0]} was embedded by encoder {part.context_fingerprint} and "
                f"{first.sources[0]} by {first.context_fingerprint}; embed both with the same."
            )
        if part.relative_dim != first.relative_dim:
            raise BadInput(
                f"{part.sources[0]} compares places with their city in {part.relative_dim} numbers "
                f"and {first.sources[0]} in {first.relative_dim}; use sources with the same number."
            )
        if part.unit != first.unit:
            raise BadInput(
                f"The traffic of {part.sources[0]} is in {part.unit} and that of "
                f"{first.sources[0]} in {first.unit}; convert both to one unit."
            )
    length = min(part.x.shape[1] for part in parts)
    return replace(
        first,
        x=np.concatenate([part.x[:, :length] for part in parts]),
        hours=np.concatenate([part.hours[:, :length] for part in parts]),
        context=np.concatenate([part.context for part in parts]),
        group=np.concatenate([np.full(len(part), i) for i, part in enumerate(parts)]),
        sources=tuple(name for part in parts for name in part.sources),
        provenance=" and ".join(sorted({part.provenance for part in parts})),
        licences=tuple(dict.fromkeys(name for part in parts for name in part.licences)),
        notes=tuple(note for part in parts for note in part.notes),
    )
