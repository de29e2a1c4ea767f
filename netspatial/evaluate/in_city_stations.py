"""Where an ensemble errs: coverage of its ranges, and the error of each held-out station."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netspatial.arrays import AnyFloats, Floats
from netspatial.scores import coverage, crps, depth


@dataclass(frozen=True)
class CoverageRow:
    """Share of the measured hours inside a range of one model.

    nominal : share that the range should contain; observed : share that it contains, 0 to 1
    """

    split: str
    support: str
    model: str
    nominal: float
    observed: float


@dataclass(frozen=True)
class StationRow:
    """Estimate of one held-out station by one model.

    measured, estimated : mean traffic, in the unit of the city
    log_error : natural log of estimated over measured
    crps      : in the unit of the city
    cov90     : share of the hours inside the 90 % range, 0 to 1
    """

    station_id: str
    split: str
    support: str
    model: str
    measured: float
    estimated: float
    log_error: float
    crps: float
    cov90: float


def coverage_rows(
    split: str, support: str, model: str, samples: AnyFloats, truth: AnyFloats
) -> list[CoverageRow]:
    """Return the coverage of every central range of S samples (n, S, T) over truth (n, T)."""
    size = samples.shape[1]
    counts = np.bincount(depth(samples, truth).ravel(), minlength=size + 1)
    # hours at depth k or deeper lie between the k-th smallest and the k-th largest sample
    inside = counts[::-1].cumsum()[::-1] / truth.size
    return [
        CoverageRow(
            split, support, model, round((size + 1 - 2 * k) / (size + 1), 6), float(inside[k])
        )
        for k in range(size // 2, 0, -1)
    ]


def station_rows(
    split: str,
    support: str,
    model: str,
    ids: Sequence[str],
    samples: AnyFloats,
    truth: AnyFloats,
    level: Floats,
    expected: Floats,
) -> list[StationRow]:
    """Return the estimate of each station.

    samples : (n, S, T); truth : (n, T); level, expected : (n,) log mean, measured and estimated
    """
    errors = crps(samples, truth).mean(axis=1)
    inside = coverage(samples, truth).mean(axis=1)
    return [
        StationRow(
            name,
            split,
            support,
            model,
            measured=float(np.exp(level[at])),
            estimated=float(np.exp(expected[at])),
            log_error=float(expected[at] - level[at]),
            crps=float(errors[at]),
            cov90=float(inside[at]),
        )
        for at, name in enumerate(ids)
    ]
