"""Seasonal rules: persistence, seasonal naive and hour-of-week mean.

Each is a point forecast with its past errors. A sample takes the errors of one random past day for
each coming day, the same for all stations, so that stations stay correlated.
"""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.forecast.forecaster import BaseForecaster, require_within_a_week
from netspatial.forecast.history import History
from netspatial.randomness import stream

WEEKS = 4
"""Weeks of history used; older profiles are less similar."""
WEEKEND = 5
"""First weekend day of the week, from 0."""


class Rule(BaseForecaster):
    """A point forecast with the distribution of its past errors."""

    @abstractmethod
    def point(self, past: History) -> Floats:
        """Point forecast at the coming steps of the local clock.

        Parameters
        ----------
        past : History
            R rows with A coming steps of the local clock.

        Returns
        -------
        array (R, A)
            In the unit of each row.
        """

    @abstractmethod
    def errors(self, past: History, day: int) -> Floats:
        """Errors of the point forecast on M past days.

        Parameters
        ----------
        past : History
            R rows.
        day : int
            How many days ahead.

        Returns
        -------
        array (R, M, steps of a day)
            In the unit of each row.
        """

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Point forecast plus errors of whole past days.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        samples : int
            Number of samples.
        seed : int
            Of the choice of past days, which is the same for all rows.

        Returns
        -------
        array (R, samples, H)
            In the unit of each row.
        """
        random = stream(seed, "whole days", past.panel.times[-1].isoformat())
        drawn = np.repeat(self._checked(past)[:, None], samples, axis=1)
        for first, errors in self._by_day(past):
            if errors.shape[1]:
                day = random.integers(0, errors.shape[1], samples)
                drawn[..., first : first + errors.shape[2]] += errors[:, day]
        return drawn[..., past.asked]

    def quantiles(self, past: History, levels: Sequence[float], seed: int) -> Floats:
        """Point forecast plus quantiles of its errors; deterministic.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        levels : sequence of float
            Q quantile levels.
        seed : int
            Not read.

        Returns
        -------
        array (R, Q, H)
            In the unit of each row.
        """
        del seed
        found = np.repeat(self._checked(past)[:, None], len(levels), axis=1)
        for first, errors in self._by_day(past):
            if errors.shape[1]:
                spread = np.quantile(errors, levels, axis=1).swapaxes(0, 1)
                found[..., first : first + errors.shape[2]] += spread
        return found[..., past.asked]

    def _checked(self, past: History) -> Floats:
        past.require_measured()
        past.require_days(1, f"the forecaster '{self.name}'")
        require_within_a_week(past)
        return self.point(past)

    def _by_day(self, past: History) -> list[tuple[int, Floats]]:
        """First step of each coming day, and its past errors (R, M, ·)."""
        day, steps = past.steps_per_day, len(past.ahead)
        return [
            (first, np.nan_to_num(self.errors(past, first // day)[..., : steps - first]))
            for first in range(0, steps, day)
        ]


class Persistence(Rule):
    """Persistence: the last measured value, with symmetric errors."""

    name = "persistence"

    def point(self, past: History) -> Floats:
        """The last measured value.

        Parameters
        ----------
        past : History
            R rows with A coming steps of the local clock.

        Returns
        -------
        array (R, A)
        """
        return np.repeat(_held(past.x)[:, -1:], len(past.ahead), axis=1)

    def errors(self, past: History, day: int) -> Floats:
        """Values `day` days after the same hour of past days, less the last value then.

        Parameters
        ----------
        past : History
            R rows.
        day : int
            How many days ahead.

        Returns
        -------
        array (R, M, steps of a day)
        """
        x, steps = past.x, past.steps_per_day
        held, T = _held(x), x.shape[1]
        begins = np.arange(T - (day + 1) * steps, 0, -steps)[: WEEKS * 7, None]
        later = x[:, begins + day * steps + np.arange(steps)]
        return _symmetric(later - held[:, begins - 1])


class SeasonalNaive(Rule):
    """Seasonal naive: the value one season ago, with symmetric errors.

    The season is a week if the history holds one, else a day. With one season of history, errors
    are unknown and all samples equal that season.
    """

    name = "seasonal-naive"

    def point(self, past: History) -> Floats:
        """The latest value at the same local step of the season; else of the day.

        Parameters
        ----------
        past : History
            R rows with A coming steps of the local clock.

        Returns
        -------
        array (R, A)
        """
        season = _season(past)
        _, last = _latest_at(past.x, past.slot % season, season)
        _, of_day = _latest_at(past.x, past.slot % past.steps_per_day, past.steps_per_day)
        found = last[:, past.ahead % season]
        other = of_day[:, past.ahead % past.steps_per_day]
        end = _held(past.x)[:, -1:]
        return np.where(np.isfinite(found), found, np.where(np.isfinite(other), other, end))

    def errors(self, past: History, day: int) -> Floats:
        """Differences of past days from one season before.

        Parameters
        ----------
        past : History
            R rows.
        day : int
            Not read: errors are those of any day.

        Returns
        -------
        array (R, M, steps of a day)
        """
        del day
        season = _season(past)
        before, _ = _latest_at(past.x, past.slot % season, season)
        changes = (past.x - before)[:, season:][:, -WEEKS * past.steps_per_week :]
        return _symmetric(_whole_days(changes, past.steps_per_day))


class HourOfWeekMean(Rule):
    """Mean of the last four weeks at the same local step of the week."""

    name = "hour-of-week"

    def point(self, past: History) -> Floats:
        """The mean of the last four weeks at the same local step of the week.

        Parameters
        ----------
        past : History
            R rows with A coming steps of the local clock.

        Returns
        -------
        array (R, A)
        """
        profile, _ = weekly_mean(past)
        return profile[:, past.ahead]

    def errors(self, past: History, day: int) -> Floats:
        """Residuals of the mean on past days.

        Parameters
        ----------
        past : History
            R rows.
        day : int
            Not read: errors are those of any day.

        Returns
        -------
        array (R, M, steps of a day)
        """
        del day
        return _whole_days(weekly_mean(past)[1], past.steps_per_day)


def weekly_mean(past: History) -> tuple[Floats, Floats]:
    """Mean of four weeks at each local step of the week, and its residuals.

    Steps of the week without measurements use the mean of days of the same kind (weekend or not),
    else of all days, else of all values.

    Parameters
    ----------
    past : History
        R rows.

    Returns
    -------
    profile : array (R, W)
        Mean at each of the W steps of the week, from Monday 00:00 local time.
    residual : array (R, T')
        Of the T' steps that end with the history; 0 where not measured.

    Notes
    -----
    In-sample residuals of a mean of c values are too small by the root of (c - 1) / (c + 1) and are
    scaled accordingly; a single value is compared with the next wider mean.
    """
    last = slice(-WEEKS * past.steps_per_week, None)
    x, slot = past.x[:, last], past.slot[last]
    day, week = past.steps_per_day, past.steps_per_week
    of_week = np.arange(week)
    kind = (of_week // day >= WEEKEND) * day + of_week % day
    profile, missed = np.full((len(x), week), np.nan), np.full_like(x, np.nan)
    for group in (of_week, kind, of_week % day, np.zeros_like(of_week)):
        mean, count = (rows[:, group] for rows in _grouped_mean(x, group[slot], week))
        c = count[:, slot]
        grown = np.sqrt((c + 1) / np.maximum(c - 1, 1)) * (x - mean[:, slot])
        profile = np.where(np.isnan(profile), mean, profile)
        missed = np.where(np.isnan(missed) & (c > 1), grown, missed)
        if np.isfinite(profile).all() and (np.isfinite(missed) | np.isnan(x)).all():
            break
    return profile, np.nan_to_num(missed)


def _grouped_mean(x: Floats, group: Indices, groups: int) -> tuple[Floats, Floats]:
    """Mean and number of the measured values (R, T) in each group, (R, groups) each."""
    known = np.isfinite(x)
    total = np.stack([np.bincount(group, row, groups) for row in np.where(known, x, 0.0)])
    count = np.stack([np.bincount(group[row], None, groups) for row in known]).astype(np.float64)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0), count


def _latest_at(x: Floats, slot: Indices, slots: int) -> tuple[Floats, Floats]:
    """Latest value at the same slot before each step (R, T), and at the end, (R, slots)."""
    last = np.full((len(x), slots), np.nan)
    before = np.full_like(x, np.nan)
    for step, at in enumerate(slot):
        before[:, step] = last[:, at]
        known = np.isfinite(x[:, step])
        last[known, at] = x[known, step]
    return before, last


def _held(x: Floats) -> Floats:
    """The last measured value at each step, (R, T); NaN before the first."""
    at = np.where(np.isfinite(x), np.arange(x.shape[1]), 0)
    return np.take_along_axis(x, np.maximum.accumulate(at, axis=1), axis=1)


def _season(past: History) -> int:
    """Steps of a week where the history holds one, else of a day."""
    whole = past.x.shape[1] >= past.steps_per_week
    return past.steps_per_week if whole else past.steps_per_day


def _whole_days(residual: Floats, day: int) -> Floats:
    """The whole days (R, M, day) that end with the history."""
    days = residual.shape[1] // day
    return residual[:, residual.shape[1] - days * day :].reshape(len(residual), days, day)


def _symmetric(errors: Floats) -> Floats:
    """Errors (R, M, ·) and their negatives, so that the point forecast is the median."""
    return np.concatenate([errors, -errors], axis=1)
