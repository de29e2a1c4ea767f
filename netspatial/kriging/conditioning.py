"""Ensembles of unmeasured places, corrected by what the city's stations measured.

Layer 1 of the measured neighbours: Gaussian-process regression of level, weekly shape and scatter
over the zero-shot moments. Without stations nothing is corrected.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from netspatial.arrays import AnyFloats, Floats, Floats32, Indices, Mask
from netspatial.errors import BadInput
from netspatial.kriging.gaussian_process import Posterior, Prior, Regression, fit_log_variances
from netspatial.kriging.kernels import DISTANCE, NAMES, OFFSET, Kernels, Places
from netspatial.kriging.network_inputs import Support
from netspatial.kriging.series import Moments, Parts, put_together
from netspatial.kriging.shared_residuals import SharedResiduals
from netspatial.kriging.stations import UNIT_FACTOR, MeasuredStations, about_the_mean
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

if TYPE_CHECKING:  # the closed form needs no torch
    from netspatial.kriging.learned_correction import GatedCorrection, LearnedCorrection

QUANTITIES = ("level", "shape", "scatter")
INDEPENDENT_HOURS = 8.0
"""Independent numbers in a weekly shape, of its 168: neighbouring hours go together."""
UNKNOWN_UNIT = np.log(400.0)
"""Log variance of the offset where the city's unit is not the model's: nothing is known of it."""
MAX_FITTED = 250
"""Stations from which the weights of the kernels are fitted, evenly drawn."""
MAX_USED = 3000
"""Stations that are used at once; of more, those nearest to the places asked about."""
PLACES_AT_ONCE = 2048
CORRECTED_AT_ONCE = 8
"""Places whose ensembles are corrected at once; so many stay in the cache of a CPU core."""
OUTLIER_SDS = 6.0
NOTHING_MEASURED = "No station of the city was measured; nothing can be kriged."
FEWEST_COMPARED = 8
"""Of fewer stations none is taken for the odd one out."""


@dataclass(frozen=True)
class Correction:
    """Posterior of level, shape and scatter at m places, relative to their zero-shot moments.

    Attributes
    ----------
    level : Posterior
        Of the log mean traffic, J = 1.
    shape : Posterior
        Of the log weekly shape, J = 168.
    scatter : Posterior
        Of the log deviation of the log residual, J = 1.
    """

    level: Posterior
    shape: Posterior
    scatter: Posterior

    @classmethod
    def join(cls, parts: Sequence["Correction"]) -> "Correction":
        """Put the corrections of several groups of places into one.

        Parameters
        ----------
        parts : sequence of Correction
            Corrections of disjoint groups.

        Returns
        -------
        Correction
            All places, in order.
        """
        return cls(
            **{name: Posterior.join([getattr(part, name) for part in parts]) for name in QUANTITIES}
        )

    def take(self, rows: slice) -> "Correction":
        """Return that of some places.

        Parameters
        ----------
        rows : slice
            Rows to return.

        Returns
        -------
        Correction
            The correction of these places.
        """
        return Correction(self.level.take(rows), self.shape.take(rows), self.scatter.take(rows))

    def apply(
        self,
        x: AnyFloats,
        hours: Indices,
        moments: Moments,
        first: int | None = None,
        shared: SharedResiduals | None = None,
    ) -> Floats32:
        """Correct an ensemble x (m, S, T) along hours of the week (T,).

        Each sample keeps its place in the ensemble: its deviations are scaled to the posterior
        width and moved to the posterior mean.

        Parameters
        ----------
        x : ndarray of float, (m, S, T)
            Generated traffic.
        hours : ndarray of int, (T,)
            Hour of the week.
        moments : Moments
            Zero-shot moments of the places.
        first : int, optional
            Samples that are returned; all by default.
        shared : SharedResiduals, optional
            Residuals of the same hours at stations, for virtual measurement.

        Returns
        -------
        ndarray of float32, (m, first, T)
            Corrected traffic.
        """
        samples = len(range(x.shape[1])[:first])
        found = np.empty((len(x), samples, x.shape[2]), dtype=np.float32)
        for begin in range(0, len(x), CORRECTED_AT_ONCE):
            rows = slice(begin, begin + CORRECTED_AT_ONCE)
            some = None if shared is None else shared.take(rows)
            parts = Parts.of(x[rows, :first], hours)
            found[rows] = _corrected(self.take(rows), parts, hours, moments.take(rows), some)
        return found


@dataclass(frozen=True)
class FittedFields:
    """Kernel weights of a city for every quantity, and the stations that they rest on.

    Attributes
    ----------
    stations : MeasuredStations
        The stations that are used.
    kernels : Kernels
        Kernels, standardised by the stations.
    log_variances : mapping of str to ndarray of float64
        Log weight of each kernel, and of the noise, for each quantity.
    learned : GatedCorrection, optional
        Correction of the level with its weight in this city; the closed form alone without it.
    """

    stations: MeasuredStations
    kernels: Kernels
    log_variances: Mapping[str, Floats]
    learned: "GatedCorrection | None" = None

    @property
    def level_support(self) -> Support:
        """The measured levels and their regression, as the learned correction reads them."""
        return self._support(*self._regressions["level"])

    def covariance(self, places: Places, name: str) -> Floats:
        """Return the fitted covariance of a quantity between places and stations.

        Parameters
        ----------
        places : Places
            The m places.
        name : str
            The quantity: level, shape or scatter.

        Returns
        -------
        ndarray (m, n)
        """
        weights = np.exp(self.log_variances[name][:-1])
        found: Floats = np.tensordot(weights, self.kernels.between(places, self.stations.places), 1)
        return found

    def leave_one_out(self) -> dict[str, tuple[Indices, Floats]]:
        """Return the scaled leave-one-out errors of each quantity.

        Returns
        -------
        dict of str to (ndarray (n,), ndarray (n, J))
            Rows of the stations, and the errors of each predicted from the others over the
            predicted deviation.
        """
        row_of = {name: row for row, name in enumerate(self.stations.ids)}
        return {
            name: (np.array([row_of[one] for one in some.ids]), regression.leave_one_out())
            for name, (some, regression) in self._regressions.items()
        }

    def at(self, places: Places) -> Correction:
        """Return the correction at places; of very many stations the nearest to them are used.

        Parameters
        ----------
        places : Places
            The m places.

        Returns
        -------
        Correction
            Posterior of level, shape and scatter.
        """
        if len(self.stations) <= MAX_USED:
            parts = [self._at(rows, self._regressions) for rows in _blocks(places)]
        else:
            parts = [self._at(rows, self._near(rows)) for rows in _blocks(places)]
        return Correction.join(parts)

    def influence(self, places: Places, most: int = 3) -> list[list[tuple[str, float, float]]]:
        """Return the stations that each place's level rests on most: id, weight, metres.

        Parameters
        ----------
        places : Places
            The m places.
        most : int
            Stations per place.

        Returns
        -------
        list of list of tuple
            For each place (station id, kriging weight, distance in m), largest weight first.
        """
        found = []
        for some in _blocks(places):
            stations, regression = self.level_regression(some)
            weights = regression.weights(self.kernels.between(some, stations.places))
            best = np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :most]
            apart = np.linalg.norm(stations.places.xy[best] - some.xy[:, None], axis=2)
            for row, chosen, metres in zip(weights, best, apart, strict=True):
                found.append(
                    [
                        (stations.ids[at], float(row[at]), float(away))
                        for at, away in zip(chosen, metres, strict=True)
                    ]
                )
        return found

    def level_sd_far(self, places: Places) -> Floats:
        """Return the deviation of the log level of such places far from all stations.

        Parameters
        ----------
        places : Places
            The m places.

        Returns
        -------
        array (m,)
            Posterior standard deviation, natural log.
        """
        found = []
        for some in _blocks(places):
            stations, regression = self.level_regression(some)
            cross = self.kernels.between(some, stations.places)
            cross[list(DISTANCE)] = 0.0
            posterior = regression.predict(cross, self.kernels.diagonal(some))
            found.append(np.sqrt(posterior.variance))
        return np.concatenate(found)

    def level_regression(self, places: Places) -> tuple[MeasuredStations, Regression]:
        """Return the regression of the level at places, and the stations that it rests on.

        Parameters
        ----------
        places : Places
            The m places.

        Returns
        -------
        stations : MeasuredStations
            The n stations; of very many those nearest to the places.
        regression : Regression
            Fitted to their levels.
        """
        whole = len(self.stations) <= MAX_USED
        return (self._regressions if whole else self._near(places))["level"]

    @cached_property
    def _regressions(self) -> Mapping[str, tuple[MeasuredStations, Regression]]:
        return self._fitted(self.stations)

    def _support(self, stations: MeasuredStations, regression: Regression) -> Support:
        return Support(
            stations.places,
            stations.level,
            stations.zero_shot.level,
            stations.level_error,
            self.kernels,
            regression,
        )

    def _near(self, places: Places) -> Mapping[str, tuple[MeasuredStations, Regression]]:
        return self._fitted(nearest(self.stations, places))

    def _fitted(
        self, stations: MeasuredStations
    ) -> Mapping[str, tuple[MeasuredStations, Regression]]:
        """Each quantity's regression with the stations that say something of it."""
        found = {}
        for name in QUANTITIES:
            rows, y, error = targets(stations, name)
            if len(rows):
                some = stations.take(rows)
                kernels = self.kernels.between(some.places, some.places)
                found[name] = (
                    some,
                    Regression.fit(kernels, y, error, _no_prior(), self.log_variances[name]),
                )
        return found

    def _at(
        self, places: Places, regressions: Mapping[str, tuple[MeasuredStations, Regression]]
    ) -> Correction:
        found = {}
        read: tuple[str, ...] | None = None
        cross: Floats = np.empty(0)
        diagonal = self.kernels.diagonal(places)
        for name in QUANTITIES:
            if name in regressions:
                stations, regression = regressions[name]
                if stations.ids != read:  # mostly all stations have every quantity
                    read, cross = stations.ids, self.kernels.between(places, stations.places)
                found[name] = regression.predict(cross, diagonal)
            else:
                found[name] = _nothing(len(places), HOURS_PER_WEEK if name == "shape" else 1)
        if self.learned is not None:
            support = self._support(*regressions["level"])
            found["level"] = self.learned.apply(support, places, found["level"])
        return Correction(**found)


def fit_fields(
    stations: MeasuredStations,
    priors: Mapping[str, Prior],
    *,
    same_unit: bool,
    learned: "LearnedCorrection | None" = None,
) -> FittedFields:
    """Fit the kernel weights of a city.

    Parameters
    ----------
    stations : MeasuredStations
        The measured stations.
    priors : mapping of str to Prior
        Priors of level, shape and scatter, learnt on other cities.
    same_unit : bool
        Whether the stations' unit is the model's; else their common level says nothing.
    learned : LearnedCorrection, optional
        Correction of the level; the closed form alone by default.

    Returns
    -------
    FittedFields
        The fields of the city.

    Raises
    ------
    BadInput
        If there is no station, or one has no coordinates.
    """
    fields = _fit(stations, priors, () if same_unit else ("level",))
    if learned is None:
        return fields
    compared = replace(fields, stations=_some(fields.stations))
    return replace(fields, learned=learned.gated(compared.level_support))


def fit_own_fields(stations: MeasuredStations, priors: Mapping[str, Prior]) -> FittedFields:
    """Fit the kernel weights of a city around its own means, where no generator expects anything.

    The means are unknown, as in ordinary kriging.
    """
    if not len(stations):
        raise BadInput(NOTHING_MEASURED)
    return _fit(about_the_mean(stations), priors, QUANTITIES)


def _fit(
    stations: MeasuredStations, priors: Mapping[str, Prior], free: Sequence[str]
) -> FittedFields:
    """Fit; the common offset of the quantities in `free` is unknown."""
    if not len(stations):
        raise BadInput(NOTHING_MEASURED)
    located: Mask = np.asarray(np.isfinite(stations.places.xy).all(axis=1))
    if located.any() and not located.all():
        first = stations.ids[int(np.flatnonzero(~located)[0])]
        raise BadInput(
            f"{int((~located).sum())} of {len(located)} measured stations have no coordinates, the "
            f"first '{first}'; give all of them coordinates."
        )
    stations = without_other_units(stations)
    fitted = _some(stations)
    kernels = Kernels.of(stations.places)
    found = {}
    for name in QUANTITIES:
        rows, y, error = targets(fitted, name)
        prior = priors[name]
        if name in free:
            prior = free_offset(prior)
        if not len(rows):
            found[name] = prior.mean
            continue
        some = fitted.places.take(rows)
        independent = INDEPENDENT_HOURS if name == "shape" else None
        found[name] = fit_log_variances(kernels.between(some, some), y, error, prior, independent)
    return FittedFields(stations, kernels, found)


def targets(stations: MeasuredStations, name: str) -> tuple[Indices, Floats, Floats]:
    """Return rows of the stations that say something, what they say (n, J), and its variance."""
    zero_shot = stations.zero_shot
    if name == "level":
        y = (stations.level - zero_shot.level)[:, None]
        return np.arange(len(stations)), y, stations.level_error
    rows = stations.with_shape if name == "shape" else stations.with_scatter
    if name == "shape":
        y = (stations.shape - zero_shot.shape)[rows]
    else:
        y = (stations.scatter - zero_shot.scatter)[rows][:, None]
    return rows, y, np.zeros(len(rows))


def nearest(stations: MeasuredStations, places: Places, most: int = MAX_USED) -> MeasuredStations:
    """Return the stations, or of too many those nearest to the middle of the places."""
    if len(stations) <= most:
        return stations
    apart = np.square(stations.places.xy - places.xy.mean(axis=0)).sum(axis=1)
    return stations.take(np.sort(np.argsort(apart, kind="stable")[:most]))


def _corrected(
    correction: Correction,
    parts: Parts,
    hours: Indices,
    moments: Moments,
    shared: SharedResiduals | None,
) -> Floats:
    """Return a corrected ensemble (m, S, T) from the parts (m, S, ...) of the drawn one."""
    sd = moments.level_sd[:, None]
    deviation = (parts.level - moments.level[:, None]) / sd
    level = (moments.level + correction.level.mean[:, 0])[:, None]
    level = level + np.sqrt(correction.level.variance)[:, None] * deviation
    shrink = correction.shape.shrinkage[:, None, None]
    middle = moments.shape[:, None]
    shape = middle + correction.shape.mean[:, None] + shrink * (parts.shape - middle)
    spread = parts.scatter - moments.scatter[:, None]
    growth = correction.scatter.mean + (correction.scatter.shrinkage[:, None] - 1) * spread
    residual = parts.residual * np.exp(growth)[..., None]
    if shared is not None:
        residual = shared.apply(residual)
    return put_together(level, shape, residual, hours)


def _blocks(places: Places) -> Iterator[Places]:
    """Yield places block by block, so that kernels of any number of them fit in memory."""
    for first in range(0, len(places), PLACES_AT_ONCE):
        yield places.take(slice(first, first + PLACES_AT_ONCE))


def _some(stations: MeasuredStations) -> MeasuredStations:
    if len(stations) <= MAX_FITTED:
        return stations
    drawn = stream(0, "kriging", len(stations)).permutation(len(stations))[:MAX_FITTED]
    return stations.take(np.sort(drawn))


def without_other_units(stations: MeasuredStations) -> MeasuredStations:
    """Leave out stations whose level is off by a factor that only another unit explains."""
    if len(stations) < FEWEST_COMPARED:
        return stations
    _, y, _ = targets(stations, "level")
    away = np.abs(y[:, 0] - np.median(y))
    odd = (away > np.log(UNIT_FACTOR)) & (away > OUTLIER_SDS * 1.4826 * np.median(away))
    if not odd.any():
        return stations
    first = stations.ids[int(np.flatnonzero(odd)[0])]
    note = (
        f"{int(odd.sum())} stations, the first '{first}', carry over {UNIT_FACTOR:.0f} times more "
        "or less than comparable ones, as in another unit; they are not used."
    )
    kept = stations.take(np.flatnonzero(~odd))
    return replace(kept, notes=(*stations.notes, note))


def free_offset(prior: Prior) -> Prior:
    """Return the level's prior in a city whose unit is not the model's."""
    mean, sd = prior.mean.copy(), prior.sd.copy()
    mean[OFFSET], sd[OFFSET] = UNKNOWN_UNIT, 0.1
    return Prior(mean, sd)


def _no_prior() -> Prior:
    """A prior for a regression whose variances are given."""
    return Prior(np.zeros(len(NAMES) + 1), np.ones(len(NAMES) + 1))


def _nothing(places: int, columns: int) -> Posterior:
    ones = np.ones(places)
    return Posterior(np.zeros((places, columns)), ones, ones)
