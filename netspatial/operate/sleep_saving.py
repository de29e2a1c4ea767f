"""Whether sleep pays: what it saved in the last day, as far as that is known, and what is expected.

No hour's own measurement decides over it: until an hour is measured in time, the forecast stands in
for it, moved by the last error that is known. A plan that keeps losing is so found out in an hour,
and a single loss keeps nobody awake for longer than a day.
"""

from collections.abc import Callable

import numpy as np

from netspatial.arrays import Floats

DAY_H = 24
"""Hours for which savings and losses count."""
NOTHING_KWH = 1e-9
"""Losses below this are rounding."""


class SleepSaving:
    """What plans save against all awake, kWh, hour by hour from the first one operated.

    expected : (T,) saving of each hour's plan by the forecast, wakings apart
    measured : (T,) the same at the traffic that came, whether the plan was followed or not
    paid     : (T,) price of wakings, paid by those who fall asleep; 0 where all woke
    followed : (T,) whether the plan was followed; else all were awake and nothing was saved
    """

    def __init__(self, hours: int) -> None:
        self.expected, self.measured, self.paid = np.zeros((3, hours))
        self.followed = np.ones(hours, dtype=bool)

    def pays(
        self, hour: int, known: int, paid: float, later: Callable[[], tuple[Floats, Floats]]
    ) -> bool:
        """Tell whether sleep in an hour is expected to have paid for itself while the plan lasts.

        known : how many of the first hours are measured in time
        paid  : kWh for the wakings of those who fall asleep in this hour
        later : gives the plan's expected savings (H,) after this hour and what is then paid (H,);
                asked only where this hour alone does not pay
        """
        error = float(self.measured[known - 1] - self.expected[known - 1]) if known else 0.0
        total = self._before(hour, known, error) + self.expected[hour] + error - paid
        if total >= -NOTHING_KWH:
            return True
        expected, paid_later = later()
        return bool((total + np.cumsum(expected + error - paid_later)).max(initial=total) >= 0)

    def _before(self, hour: int, known: int, error: float) -> float:
        """What was saved in the day before an hour, kWh: measured where known, else expected."""
        kwh = np.concatenate([self.measured[:known], self.expected[known:hour] + error])
        day = slice(max(hour - DAY_H, 0), hour)
        return float(kwh[day] @ self.followed[day] - self.paid[day].sum())
