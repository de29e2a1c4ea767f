"""What a call did wrong: a traceback, no end, success on what is wrong, something left behind."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow.parquet as pq
import xarray as xr
from safetensors.numpy import load

from netspatial.evaluate.robustness.attempt import REFUSED, Attempt

Fault = Literal["traceback", "hang", "wrong_success", "left_behind"]

TRACE = "Traceback (most recent call last)"
SENTENCE = re.compile(r"^\w+: .+[.?]$")
LONGEST = 1200
"""Characters of a sentence that somebody still reads."""
DRAFT = re.compile(r"^\..+\.(tmp|part|draft|previous|old|deleted|lock|partial)$|\.(tmp|part)$")
"""Names under which files are begun."""

Found = dict[str, str]
"""Every path below a folder, with a hash of its content."""


def look(folder: Path) -> Found:
    """Return what a folder holds."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            content = path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(folder))] = hashlib.blake2b(content).hexdigest()
    return found


def told_wrong(attempt: Attempt, allowed: tuple[int, ...] = (0, REFUSED)) -> dict[Fault, str]:
    """Return what is wrong with how a call ended and what it said.

    allowed : exit codes that mean no fault
    """
    if attempt.code is None:
        return {"hang": f"no end after {attempt.seconds:.0f} s"}
    lines = attempt.err.strip().splitlines()
    last = lines[-1].strip() if lines else ""
    if attempt.code < 0:
        return {"traceback": f"ended by signal {-attempt.code}"}
    if TRACE in attempt.err + attempt.out or attempt.code not in allowed:
        return {"traceback": f"exit code {attempt.code}: {last:.300}"}
    if attempt.code == REFUSED and not (SENTENCE.match(last) and len(last) <= LONGEST):
        return {"traceback": f"exit code {attempt.code} without one sentence: {last:.300}"}
    return {}


def left_behind(before: Found, after: Found, *, succeeded: bool, kept: tuple[str, ...]) -> str:
    """Return what a call left that it should not have; '' where that is nothing.

    kept : folders that may be new or changed although the call failed, so that it can go on
    """
    changed = [path for path in after if before.get(path) != after[path]]
    gone = [path for path in before if path not in after]
    drafts = [path for path in changed if DRAFT.search(Path(path).name)]
    if drafts:
        return f"drafts: {', '.join(sorted(drafts)[:3])}"
    free = [path for path in (*changed, *gone) if Path(path).parts[0] not in kept]
    if not succeeded and free:
        return f"new, changed or gone: {', '.join(sorted(free)[:3])}"
    return f"gone: {', '.join(sorted(gone)[:3])}" if gone and not kept else ""


def check_outputs(folder: Path, words: list[str], printed: str, before: Mapping[str, str]) -> None:
    """Raise ValueError where a call that ended well wrote something that is no result.

    Run in a process of its own: what was written may bring down the library that reads it.
    """
    if "--json" in words:
        json.loads(printed, parse_constant=_no_number)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and str(path.relative_to(folder)) not in before:
            check = _CHECKS.get(path.suffix)
            if check is not None:
                check(path)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} in what was printed")


def _check_series(path: Path) -> None:
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        for name, values in opened.data_vars.items():
            if values.dtype.kind == "f" and not np.isfinite(values.to_numpy()).all():
                raise ValueError(f"'{name}' in {path.name} is not finite")


def _check_table(path: Path) -> None:
    """Forecasts and embeddings are numbers throughout; other columns may say that none is known."""
    table = pq.read_table(path).to_pandas(ignore_metadata=True)
    numbers = re.compile(r"z|forecast|q0\.\d+")
    for name in table.columns:
        if len(table) and numbers.fullmatch(str(name)):
            values = np.concatenate([np.atleast_1d(value) for value in table[name]])
            if not np.isfinite(values.astype(np.float64)).all():
                raise ValueError(f"'{name}' in {path.name} is not finite")


def _check_weights(path: Path) -> None:
    for name, values in load(path.read_bytes()).items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(f"the tensor '{name}' in {path.name} is not finite")


_CHECKS = {".nc": _check_series, ".parquet": _check_table, ".safetensors": _check_weights}
