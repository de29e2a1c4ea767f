"""Ensembles of unmeasured places from measured stations alone, without a generator.

For places whose surroundings no generator can read. Deviations of the samples are the stations' own
leave-one-out errors, so that they keep the texture of measured traffic.
"""

import numpy as np

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.kriging.conditioning import FittedFields
from netspatial.kriging.gaussian_process import Posterior
from netspatial.kriging.kernels import Places
from netspatial.kriging.series import put_together
from netspatial.kriging.shared_residuals import SharedResiduals
from netspatial.randomness import stream


def sample_from_stations(
    fields: FittedFields,
    residuals: SharedResiduals,
    places: Places,
    hours: Indices,
    samples: int,
    seed: int = 0,
) -> Floats32:
    """Sample traffic (m, samples, T) of places along hours of the week (T,).

    Each sample takes shape, scatter and residual from the errors of one station, of those that are
    most alike in shape; its level is normal.

    fields    : of `fit_own_fields`; residuals : of the same stations, along `hours`
    """
    stations = fields.stations
    correction, errors = fields.at(places), fields.leave_one_out()
    mean = stations.zero_shot.take(np.zeros(len(places), dtype=np.int64))
    random = stream(seed, "stations ensemble", len(stations))
    order = np.argsort(-fields.covariance(places, "shape"), axis=1, kind="stable")
    donors = order[:, np.arange(samples) % len(stations)]
    level = correction.level.mean + np.sqrt(correction.level.variance)[
        :, None
    ] * random.standard_normal((len(places), samples))
    shape = _varied(correction.shape, errors.get("shape"), donors, len(stations))
    scatter = _varied(correction.scatter, errors.get("scatter"), donors, len(stations))[..., 0]
    own = np.sqrt(1 - residuals.share)[:, None, None] * residuals.own[donors]
    deviation = np.exp(mean.scatter[:, None] + scatter)[..., None]
    return put_together(
        mean.level[:, None] + level,
        mean.shape[:, None] + shape,
        deviation * (residuals.mean[:, None] + own),
        hours,
    ).astype(np.float32)


def _varied(
    posterior: Posterior, errors: tuple[Indices, Floats] | None, donors: Indices, stations: int
) -> Floats:
    """Posterior mean plus the donors' errors at the posterior width, (places, samples, J).

    A station without an error of its own lends that of another.
    """
    mean = posterior.mean[:, None]
    if errors is None:
        return np.broadcast_to(mean, (*donors.shape, mean.shape[2]))
    rows, scaled = errors
    of_station = scaled[np.arange(stations) % len(rows)]
    of_station[rows] = scaled
    found: Floats = mean + np.sqrt(posterior.variance)[:, None, None] * of_station[donors]
    return found
