"""Features of traffic series: autocorrelation, daily shape, spectrum, levels, neighbours.

Pure functions of arrays (stations, hours) that start on a Monday 00:00 local and hold whole weeks;
`simulator` compares simulated and measured sets by them.
"""

import numpy as np
from scipy import stats

from netspatial.arrays import Floats


def lag_correlation(traffic: Floats, lag: int) -> Floats:
    """Return the Pearson correlation of the hours with those `lag` hours later, (stations,).

    Each side has its own mean and deviation, so that short series are not biased towards zero.
    """
    early, late = traffic[:, :-lag], traffic[:, lag:]
    early = early - early.mean(axis=1, keepdims=True)
    late = late - late.mean(axis=1, keepdims=True)
    scale = np.sqrt((early**2).sum(axis=1) * (late**2).sum(axis=1))
    return np.asarray((early * late).sum(axis=1) / scale)


def day_shape(traffic: Floats) -> Floats:
    """Return the mean traffic of each hour of the day over the station's mean, (stations, 24)."""
    days = traffic.reshape(len(traffic), -1, 24)
    return np.asarray(days.mean(axis=1) / traffic.mean(axis=1, keepdims=True))


def weekday_weekend_ratio(traffic: Floats) -> Floats:
    """Return the mean of Monday to Friday over the mean of the weekend, (stations,)."""
    days = traffic.reshape(len(traffic), -1, 24).mean(axis=2)
    weekend = np.arange(days.shape[1]) % 7 >= 5
    return np.asarray(days[:, ~weekend].mean(axis=1) / days[:, weekend].mean(axis=1))


def variation(traffic: Floats) -> Floats:
    """Return the coefficient of variation over time, (stations,)."""
    return np.asarray(traffic.std(axis=1) / traffic.mean(axis=1))


def spectrum_share(traffic: Floats, period_h: int) -> Floats:
    """Return the share of the variance over time in the spectral line of a period, (stations,)."""
    hours = traffic.shape[1]
    power = np.abs(np.fft.rfft(traffic - traffic.mean(axis=1, keepdims=True), axis=1)) ** 2
    return np.asarray(power[:, hours // period_h] / power[:, 1:].sum(axis=1))


def level_spread(traffic: Floats) -> float:
    """Return the standard deviation of the logarithm of the stations' means."""
    return float(np.log(traffic.mean(axis=1)).std())


def level_lognormality(traffic: Floats) -> float:
    """Return the Kolmogorov-Smirnov distance of the stations' log means from a fitted normal law.

    0 is exactly log-normal; n samples of a log-normal law give about 0.7 / sqrt(n).
    """
    logs = np.log(traffic.mean(axis=1))
    standard = (logs - logs.mean()) / logs.std(ddof=1)
    return float(stats.kstest(standard, "norm").statistic)


def neighbour_correlation(
    traffic: Floats, places: Floats, nearest_m: float, farthest_m: float
) -> Floats:
    """Return the Pearson correlation of pairs of stations in a range of distances, (pairs,)."""
    first, second = np.triu_indices(len(traffic), 1)
    apart = np.hypot(*(places[first] - places[second]).T)
    chosen = (apart > nearest_m) & (apart <= farthest_m)
    standard = traffic - traffic.mean(axis=1, keepdims=True)
    standard /= np.sqrt((standard**2).mean(axis=1, keepdims=True))
    return np.asarray((standard[first[chosen]] * standard[second[chosen]]).mean(axis=1))
