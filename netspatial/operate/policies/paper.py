"""The paper's control (section 5.3.2): generated targets in volatile windows, observed elsewhere.

It curtails traffic instead of moving it: no station sleeps, and traffic above the target is lost.
Its "energy ratio" (Eq. 19) therefore counts curtailed traffic as energy saved.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.operate.policies.contract import Decision, Forecast, State


@dataclass(frozen=True)
class Paper:
    """In volatile windows a station serves at most `scale` times a quantile of its forecast.

    Attributes
    ----------
    scale : float
        Target over the quantile.
    quantile : float
        Quantile of each station's traffic.
    volatile : float
        Quantile of a station's volatility above which a window begins.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads a forecast.
    """

    scale: float = 1.0
    quantile: float = 0.5
    volatile: float = 0.75
    replan_every_h: int = 24
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the traffic limits of the hours ahead; all stations are awake.

        Parameters
        ----------
        forecast : Forecast
            Forecast of the hours ahead.
        state : State
            The network.

        Returns
        -------
        Decision

        Notes
        -----
        Section 5.3.2 of the paper. Its energy ratio (Eq. 19) counts curtailed traffic as saved.
        """
        target = self.scale * forecast.quantile(self.quantile)
        windows = volatile_windows(forecast.samples, self.volatile)
        return Decision(
            asleep=np.zeros((state.network.size, forecast.hours), dtype=bool),
            limit=np.where(windows, target, np.inf),
        )


def volatile_windows(samples: Floats, level: float) -> Mask:
    """Hours of high volatility that last two hours or more.

    Parameters
    ----------
    samples : array (N, S, H)
        Forecast traffic.
    level : float
        Quantile of a station's volatility over the hours ahead above which it is high.

    Returns
    -------
    array (N, H) of bool

    Notes
    -----
    Volatility is the standard deviation over the samples divided by the station's mean.

    Examples
    --------
    >>> steady, volatile = np.full((2, 3), 5.0), np.array([[1.0], [9.0]])
    >>> samples = np.hstack([steady, np.repeat(volatile, 2, axis=1)])[None]
    >>> volatile_windows(samples, 0.5).tolist()
    [[False, False, False, True, True]]
    """
    mean = samples.mean(axis=(1, 2))
    volatility = samples.std(axis=1) / np.where(mean > 0, mean, 1)[:, None]
    high = volatility > np.quantile(volatility, level, axis=1, keepdims=True)
    none = np.zeros((len(high), 1), dtype=bool)
    before = np.hstack([none, high[:, :-1]])
    after = np.hstack([high[:, 1:], none])
    windows: Mask = high & (before | after)
    return windows
