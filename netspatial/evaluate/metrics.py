"""Metrics of generated against measured traffic.

Pooled distances compare the distribution of values over all sites; CRPS, profile correlation and
peak hour are per site; coverage and level spread measure calibration. Equations are those of the
NetSpatial paper; ensembles are (n, S, T), truth (n, T), hours of the week (n, T).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import AnyFloats
from netspatial.scores import coverage, crps
from netspatial.timeline import HOURS_PER_WEEK

BINS = 100
EPSILON = 1e-10
LONGEST_LAG_H = 168


def shared_edges(reference: AnyFloats, bins: int = BINS) -> AnyFloats:
    """Return bin edges over the range of real training values, padded by 2 %, open at both ends.

    Parameters
    ----------
    reference : array, any shape
        Real training values.
    bins : int
        Number of bins within the range.

    Returns
    -------
    array (bins + 3,)
        Rising; the outer two bins contain the values beyond the range.
    """
    low, high = float(np.min(reference)), float(np.max(reference))
    pad = 0.02 * (high - low or 1.0)
    inner = np.linspace(low - pad, high + pad, bins + 1)
    return np.concatenate([[-np.inf], inner, [np.inf]])


def shares(values: AnyFloats, edges: AnyFloats) -> AnyFloats:
    """Return the share of all values in each bin.

    Parameters
    ----------
    values : array, any shape
        Values of all sites and hours.
    edges : array (B + 1,)
        Of `shared_edges`.

    Returns
    -------
    array (B,)
        Sums to 1.
    """
    inner = edges[1:-1]
    place = np.searchsorted(inner, np.ravel(values), side="right")
    counts = np.bincount(place, minlength=len(inner) + 1).astype(np.float64)
    share: AnyFloats = counts / counts.sum()
    return share


def js_divergence(p: AnyFloats, q: AnyFloats) -> float:
    """Return the Jensen-Shannon divergence of two binned distributions, nats, in [0, ln 2].

    Parameters
    ----------
    p, q : array (B,)
        Shares of both distributions, in the same bins.

    Returns
    -------
    float

    Examples
    --------
    >>> round(js_divergence(np.array([1.0, 0.0]), np.array([0.0, 1.0])), 4)
    0.6931
    """
    m = (p + q) / 2
    return max(0.0, 0.5 * (_kl(p, m) + _kl(q, m)))


def js_distance(p: AnyFloats, q: AnyFloats) -> float:
    """Return the JS distance, the root of the divergence: a metric, at most √ln 2 = 0.8326.

    Parameters
    ----------
    p, q : array (B,)
        Shares of both distributions, in the same bins.

    Returns
    -------
    float
    """
    return float(np.sqrt(js_divergence(p, q)))


def eq18(p: AnyFloats, q: AnyFloats, epsilon: float = EPSILON) -> float:
    """Return Eq. 18 as printed, the root of the mean KL divergence of both directions; unbounded.

    Parameters
    ----------
    p, q : array (B,)
        Shares of both distributions, in the same bins.
    epsilon : float
        Added to each share before normalising, as an empty bin would make it infinite.

    Returns
    -------
    float

    Notes
    -----
    Eq. 18: √((KL(p‖q) + KL(q‖p))/2), in nats.

    Examples
    --------
    >>> eq18(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    0.0
    """
    p, q = (p + epsilon) / (p + epsilon).sum(), (q + epsilon) / (q + epsilon).sum()
    return float(np.sqrt((_kl(p, q) + _kl(q, p)) / 2))


def lineage_jsd(generated: AnyFloats, real: AnyFloats, bins: int = BINS) -> float:
    """Return the number that earlier papers of this line call JSD.

    Parameters
    ----------
    generated : array, any shape
        Generated values; negative ones count as 0.
    real : array, any shape
        Measured values.
    bins : int
        Bins of each histogram.

    Returns
    -------
    float
        In [0, 1].

    Notes
    -----
    JS distance (base 2) between the survival curves of two histograms with *separate* edges, each
    normalised as if it were a distribution; it is invariant to scale and shift.
    """
    curves = []
    for values in (np.maximum(np.ravel(generated), 0), np.ravel(real)):
        density, edges = np.histogram(values, bins, density=True)
        survival = np.cumsum((density * np.diff(edges))[::-1])[::-1]
        curves.append(survival / survival.sum())
    return float(np.sqrt(js_divergence(*curves) / np.log(2)))


def wasserstein(generated: AnyFloats, real: AnyFloats) -> float:
    """Return the 1-Wasserstein distance of the pooled values, in their unit.

    Parameters
    ----------
    generated : array, any shape
        Generated values.
    real : array, any shape
        Measured values.

    Returns
    -------
    float

    Examples
    --------
    >>> round(wasserstein(np.array([3.0, 4.0]), np.array([1.0, 2.0])), 6)
    2.0
    """
    levels = (np.arange(1000) + 0.5) / 1000
    return float(np.abs(np.quantile(generated, levels) - np.quantile(real, levels)).mean())


def autocorrelation(x: AnyFloats, longest: int = LONGEST_LAG_H) -> AnyFloats:
    """Return the autocorrelation of series at lags 1 to `longest`; zero if constant.

    Parameters
    ----------
    x : array (..., T)
        Series.
    longest : int
        Longest lag, hours.

    Returns
    -------
    array (..., longest)

    Examples
    --------
    >>> autocorrelation(np.array([1.0, -1.0, 1.0, -1.0]), longest=2).round(6).tolist()
    [-0.75, 0.5]
    """
    length = x.shape[-1]
    centred = x - x.mean(-1, keepdims=True)
    spectrum = np.fft.rfft(centred, n=2 * length, axis=-1)
    products = np.fft.irfft(np.abs(spectrum) ** 2, axis=-1)[..., : longest + 1]
    variance = products[..., :1]
    acf: AnyFloats = np.divide(
        products, variance, out=np.zeros_like(products), where=variance > 1e-12
    )
    return acf[..., 1:]


def acf_distance(samples: AnyFloats, truth: AnyFloats) -> float:
    """Return the mean |ACF difference| up to a week's lag, median over samples, mean over sites.

    Parameters
    ----------
    samples : array (n, S, T)
        Ensemble.
    truth : array (n, T)
        Measured values.

    Returns
    -------
    float
    """
    longest = min(LONGEST_LAG_H, truth.shape[-1] // 2)
    gap = np.abs(autocorrelation(samples, longest) - autocorrelation(truth, longest)[:, None])
    return float(np.median(gap.mean(-1), axis=1).mean())


def weekly_profiles(x: AnyFloats, hours: NDArray[np.integer]) -> AnyFloats:
    """Return the mean of each hour of the week, (n, 168); `hours` as in `score`."""
    n = len(x)
    place = hours.astype(np.int64) + HOURS_PER_WEEK * np.arange(n)[:, None]
    total = np.bincount(place.ravel(), np.ravel(x), HOURS_PER_WEEK * n)
    count = np.bincount(place.ravel(), minlength=HOURS_PER_WEEK * n)
    profile: AnyFloats = (total / np.maximum(count, 1)).reshape(n, HOURS_PER_WEEK)
    return profile


def peak_hour_error(mean: AnyFloats, truth: AnyFloats, hours: NDArray[np.integer]) -> float:
    """Return the circular difference of the peak hours of the mean days, mean over sites, hours.

    Parameters
    ----------
    mean, truth : array (n, T)
        Mean of the ensemble, and measured values.
    hours : array (n, T) of int
        Hour of the week, 0 to 167.

    Returns
    -------
    float
    """
    peaks = [
        weekly_profiles(x, hours).reshape(len(x), 7, 24).mean(1).argmax(1) for x in (mean, truth)
    ]
    gap = np.abs(peaks[0] - peaks[1])
    return float(np.minimum(gap, 24 - gap).mean())


def weekly_correlation(mean: AnyFloats, truth: AnyFloats, hours: NDArray[np.integer]) -> float:
    """Return Pearson's r of the weekly profiles, median over sites; zero for a flat profile.

    Parameters
    ----------
    mean, truth : array (n, T)
        Mean of the ensemble, and measured values.
    hours : array (n, T) of int
        Hour of the week, 0 to 167.

    Returns
    -------
    float
    """
    a, b = weekly_profiles(mean, hours), weekly_profiles(truth, hours)
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    norm = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    r = np.divide((a * b).sum(1), norm, out=np.zeros(len(a)), where=norm > 1e-12)
    return float(np.median(r))


def level_spread(samples: AnyFloats, truth: AnyFloats) -> float:
    """Return the standard deviation of log site means, generated over real; one is ideal.

    Parameters
    ----------
    samples : array (n, S, T)
        Ensemble.
    truth : array (n, T)
        Measured values.

    Returns
    -------
    float
    """
    levels = [np.log(np.maximum(x.mean(-1), 1e-9)) for x in (samples, truth)]
    return float(levels[0].std(axis=0).mean() / max(float(levels[1].std()), 1e-9))


@dataclass(frozen=True)
class Scores:
    """Scores of an ensemble; times in hours, errors in the unit of the data.

    Attributes
    ----------
    js, js_diff : float
        JS distance in shared bins, nats: of the values, and of first differences along time.
    eq18, eq18_diff : float
        Eq. 18 as printed, nats: of the values, and of first differences along time.
    lineage_jsd : float
        The number that earlier papers of this line call JSD.
    wasserstein : float
        1-Wasserstein distance of the values.
    rmse_one, mae_one : float
        RMSE and MAE of the first sample.
    rmse_mean, mae_mean : float
        RMSE and MAE of the ensemble mean.
    crps : float
        Fair CRPS, a proper score.
    cov90 : float
        Share of values in the 90 % interval between order statistics.
    acf : float
        Mean difference of the autocorrelation up to a week's lag.
    peak_h : float
        Circular difference of the peak hours.
    weekly_r : float
        Correlation of the weekly profiles.
    level_spread : float
        Standard deviation of log site means, generated over real.
    """

    js: float
    js_diff: float
    eq18: float
    eq18_diff: float
    lineage_jsd: float
    wasserstein: float
    rmse_one: float
    mae_one: float
    rmse_mean: float
    mae_mean: float
    crps: float
    cov90: float
    acf: float
    peak_h: float
    weekly_r: float
    level_spread: float


def score(
    samples: AnyFloats, truth: AnyFloats, hours: NDArray[np.integer], reference: AnyFloats
) -> Scores:
    """Return the scores of an ensemble of 19, 39 or 99 samples.

    Parameters
    ----------
    samples : array (n, S, T)
        Ensemble.
    truth : array (n, T)
        Measured values.
    hours : array (n, T) of int
        Hour of the week, 0 to 167.
    reference : array (m, T)
        Real training series, for the range of the bins.

    Returns
    -------
    Scores
    """
    mean, one = samples.mean(1), samples[:, 0]
    edges, steps = shared_edges(reference), shared_edges(np.diff(reference, axis=-1))
    p, q = shares(samples, edges), shares(truth, edges)
    p_step, q_step = (
        shares(np.diff(samples, axis=-1), steps),
        shares(np.diff(truth, axis=-1), steps),
    )
    return Scores(
        js=js_distance(p, q),
        js_diff=js_distance(p_step, q_step),
        eq18=eq18(p, q),
        eq18_diff=eq18(p_step, q_step),
        lineage_jsd=lineage_jsd(samples, truth),
        wasserstein=wasserstein(samples, truth),
        rmse_one=float(np.sqrt(np.square(one - truth).mean())),
        mae_one=float(np.abs(one - truth).mean()),
        rmse_mean=float(np.sqrt(np.square(mean - truth).mean())),
        mae_mean=float(np.abs(mean - truth).mean()),
        crps=float(crps(samples, truth).mean()),
        cov90=float(coverage(samples, truth).mean()),
        acf=acf_distance(samples, truth),
        peak_h=peak_hour_error(mean, truth, hours),
        weekly_r=weekly_correlation(mean, truth, hours),
        level_spread=level_spread(samples, truth),
    )


def _kl(p: AnyFloats, q: AnyFloats) -> float:
    some = p > 0
    with np.errstate(divide="ignore"):
        return float((p[some] * np.log(p[some] / q[some])).sum())
