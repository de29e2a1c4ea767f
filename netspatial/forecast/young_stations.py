"""Stations with little history borrow the time before from stations that behaved alike.

A station that opened three days ago has no weekend and no usual week. Its log traffic is regressed
on that of complete stations in the hours that both were measured; the same weights then fill the
hours before. Needs no positions: the common hours say who is alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from netspatial.arrays import Floats, Floats32, Mask
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS, QUANTILE_SAMPLES, SAMPLES, Forecaster
from netspatial.forecast.history import History, Series, read_history
from netspatial.forecast.panel import Panel
from netspatial.gaps import LONGEST_GAP_H, fill_gaps
from netspatial.kriging.series import EPSILON
from netspatial.randomness import stream

RIDGE = 0.3
"""Ridge penalty over the mean variance of the common hours; chosen on simulated `train` cities."""
FEWEST_COMPLETE = 5
"""Complete stations below which nothing is borrowed."""


@dataclass(frozen=True)
class Backfill:
    """A series without its missing start.

    values   : (T,) measured where measured, else estimated
    residual : (D, steps of a day) log residuals of the measured days, scaled to those of a day
               that was not read
    """

    values: Floats
    residual: Floats


@dataclass(frozen=True)
class BackfillForecaster:
    """A forecaster for histories in which some stations begin late; follows `Forecaster`.

    inner  : forecasts the completed histories
    others : further stations of the network; only their hours within the history are read
    """

    inner: Forecaster
    others: Panel | None = None

    @property
    def name(self) -> str:
        """Name of the inner forecaster."""
        return self.inner.name

    def predict(
        self, history: Series, horizon: int, samples: int = SAMPLES, seed: int = 0
    ) -> xr.DataArray:
        """Ensemble (station, sample, [service,] time); late stations also vary by their residuals.

        Where no station begins late, that of the inner forecaster.
        """
        past = read_history(history, horizon, samples)
        filled = self._backfilled(past)
        if not filled:
            return self.inner.predict(history, horizon, samples, seed)
        return self._varied(history, past, filled, samples, seed)

    def predict_quantiles(
        self, history: Series, horizon: int, levels: Sequence[float] = LEVELS, seed: int = 0
    ) -> xr.DataArray:
        """Quantiles (station, quantile, [service,] time), of an ensemble where one begins late."""
        past = read_history(history, horizon)
        filled = self._backfilled(past)
        if not filled:
            return self.inner.predict_quantiles(history, horizon, levels, seed)
        drawn = self._varied(history, past, filled, QUANTILE_SAMPLES, seed)
        found = drawn.quantile(list(levels), "sample", method="weibull", keep_attrs=True)
        axes = ["quantile" if dim == "sample" else dim for dim in drawn.dims]
        return found.transpose(*axes)

    def _varied(
        self,
        history: Series,
        past: History,
        filled: Mapping[int, Backfill],
        samples: int,
        seed: int,
    ) -> xr.DataArray:
        """Samples of the completed history; completed rows also vary by their residuals."""
        drawn = self.inner.predict(
            _with_rows(history, past, filled), past.horizon, samples, seed
        ).copy()
        services = len(past.panel.tasks)
        for row, found in filled.items():
            station, service = divmod(row, services)
            at = {"station": station} | ({"service": service} if past.by_service else {})
            of_row = drawn[at].transpose("sample", "time")
            drawn[at] = of_row * np.exp(_days(found.residual, samples, past, row, seed))
        return drawn

    def _backfilled(self, past: History) -> dict[int, Backfill]:
        """Completed series by row, of the rows that begin late and have stations to borrow from."""
        late = begins_late(past)
        if not late.any():
            return {}
        complete = self._complete(past)
        found = {}
        for row in map(int, np.flatnonzero(late)):
            borrowed = complete[row % len(past.panel.tasks)]
            if len(borrowed) >= FEWEST_COMPLETE:
                self._require_a_day(past, row)
                found[row] = backfill(past.measured[row], borrowed, past.steps_per_day)
        return found

    def _complete(self, past: History) -> list[Floats]:
        """Series (m, T) of the stations measured throughout, by task."""
        x = past.panel.values
        if self.others is not None:
            x = np.concatenate([x, _further(self.others, past.panel)])
        longest = LONGEST_GAP_H * past.steps_per_day // 24
        found = []
        for task in range(x.shape[2]):
            series = fill_gaps(x[:, :, task].astype(np.float64), longest)
            found.append(series[np.isfinite(series).all(axis=1) & (series > 0).any(axis=1)])
        return found

    def _require_a_day(self, past: History, row: int) -> None:
        steps = int(np.isfinite(past.measured[row]).sum())
        if steps < past.steps_per_day:
            raise BadInput(
                f"Station '{past.names[row]}' was measured for {steps} steps before the forecast; "
                f"a day ({past.steps_per_day} steps) is needed to see which stations are alike."
            )


def begins_late(past: History) -> Mask:
    """Rows (R,) whose first measurement comes later than a gap that is filled otherwise."""
    known = np.isfinite(past.measured)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0)
    late: Mask = first > LONGEST_GAP_H * past.steps_per_day // 24
    return late


def backfill(x: Floats, complete: Floats, steps_per_day: int) -> Backfill:
    """Return a series x (T,) with its missing hours estimated from complete series (m, T).

    log(x / mean + e) = a + Σ_j w_j log(x_j / mean_j + e), with w near 1 / m by ridge regression on
    the common hours. The estimate has the mean of x there.
    """
    known = np.isfinite(x)
    mean = max(float(x[known].mean()), 1e-12)
    y = np.log(x[known] / mean + EPSILON)
    logs = np.log(complete / complete.mean(axis=1, keepdims=True) + EPSILON)
    equal = np.full(len(logs), 1.0 / len(logs))
    common = logs[:, known].T
    centred = common - common.mean(axis=0)
    gram = centred @ centred.T
    penalty = RIDGE * max(float(np.trace(gram)) / len(y), 1e-12)
    solved = np.linalg.inv(gram + penalty * np.eye(len(y)))
    unexplained = y - common @ equal
    weights = equal + centred.T @ (solved @ (unexplained - unexplained.mean()))
    fitted = logs.T @ weights
    fitted += (y - fitted[known]).mean()
    estimate = np.maximum(np.exp(fitted) - EPSILON, 0.0)
    estimate *= x[known].sum() / max(float(estimate[known].sum()), 1e-12)
    leverage = np.einsum("ij,ji->i", gram, solved) + 1.0 / len(y)
    residual = (y - fitted[known]) / np.sqrt(1.0 - np.minimum(leverage, 0.95))
    days = len(residual) // steps_per_day
    return Backfill(
        np.where(known, x, estimate),
        residual[len(residual) - days * steps_per_day :].reshape(days, steps_per_day),
    )


def _days(residual: Floats, samples: int, past: History, row: int, seed: int) -> Floats:
    """Whole days of residuals or their negatives for each sample, (samples, H)."""
    day = past.steps_per_day
    count = -(-past.horizon // day)
    panel = past.panel
    station, task = divmod(row, len(panel.tasks))
    named = (panel.ids[station], panel.tasks[task], panel.times[-1].isoformat())
    random = stream(seed, "residual days", *named)
    drawn = residual[random.integers(0, len(residual), (samples, count))]
    drawn = drawn * random.choice([-1.0, 1.0], (samples, count, 1))
    days: Floats = drawn.reshape(samples, count * day)[:, : past.horizon]
    return days


def _with_rows(history: Series, past: History, filled: Mapping[int, Backfill]) -> Series:
    """The history with the completed rows."""
    rows = past.measured.copy()
    for row, found in filled.items():
        rows[row] = found.values
    n, T, K = past.panel.values.shape
    values = rows.reshape(n, K, T).transpose(0, 2, 1)
    if isinstance(history, Panel):
        return replace(history, values=values.astype(np.float32))
    axes = ("station", "time", "service") if past.by_service else ("station", "time")
    ordered = history.transpose(*axes)
    return ordered.copy(data=values if past.by_service else values[:, :, 0])


def _further(others: Panel, panel: Panel) -> Floats32:
    """Series (m, T, K) of stations that a history lacks, in its steps and tasks."""
    further = ~np.isin(others.ids, panel.ids)
    values = others.with_tasks(panel.tasks).values[further]
    at = others.times.get_indexer(panel.times)
    return np.where((at >= 0)[:, None], values[:, at], np.float32(np.nan))
