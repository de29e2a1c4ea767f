"""Test of whether sleep saves energy: cumulative saving of the last day plus expected saving.

Hours that are not measured in time count with the forecast, corrected by the last known error. So a
plan that keeps losing energy is detected after an hour, and a single loss matters for one day only.
"""

from collections.abc import Callable

import numpy as np

from netspatial.arrays import Floats

DAY_H = 24
"""Hours for which savings and losses count."""
NOTHING_KWH = 1e-9
"""Losses below this are rounding."""


class SleepSaving:
    """Savings of plans over all awake per operated hour, kWh.

    Parameters
    ----------
    hours : int
        Number of operated hours T.

    Attributes
    ----------
    expected : array (T,)
        Saving of each hour's plan at the forecast, without activations, kWh.
    measured : array (T,)
        The same at the actual traffic, whether the plan was followed or not, kWh.
    paid : array (T,)
        Energy of activations, charged when stations fall asleep, kWh; 0 where all woke.
    followed : array (T,) of bool
        Whether the plan was followed; else all were awake and nothing was saved.
    """

    def __init__(self, hours: int) -> None:
        self.expected, self.measured, self.paid = np.zeros((3, hours))
        self.followed = np.ones(hours, dtype=bool)

    def pays(
        self, hour: int, known: int, paid: float, later: Callable[[], tuple[Floats, Floats]]
    ) -> bool:
        """Whether sleep in an hour is expected to save energy by some hour of the plan.

        Parameters
        ----------
        hour : int
            Index of the hour.
        known : int
            Number of the first hours that are measured in time.
        paid : float
            Energy of the activations of stations that fall asleep in this hour, kWh.
        later : function to (array (H,), array (H,))
            Gives the plan's expected savings and activation energy after this hour, kWh; called
            only where this hour alone does not save energy.

        Returns
        -------
        bool
        """
        error = float(self.measured[known - 1] - self.expected[known - 1]) if known else 0.0
        total = self._before(hour, known, error) + self.expected[hour] + error - paid
        if total >= -NOTHING_KWH:
            return True
        expected, paid_later = later()
        return bool((total + np.cumsum(expected + error - paid_later)).max(initial=total) >= 0)

    def _before(self, hour: int, known: int, error: float) -> float:
        """Saving of the day before an hour, kWh: measured where known, else expected."""
        kwh = np.concatenate([self.measured[:known], self.expected[known:hour] + error])
        day = slice(max(hour - DAY_H, 0), hour)
        return float(kwh[day] @ self.followed[day] - self.paid[day].sum())
