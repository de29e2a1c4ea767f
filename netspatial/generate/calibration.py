"""Scores on held-out stations, and the calibration of spread and temperature on them."""

import numpy as np
import torch

from netspatial.generate.data import TrainingSet
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.sampling import draw
from netspatial.generate.transforms import MONTH_WEEKS
from netspatial.randomness import stream
from netspatial.scores import coverage, crps

VALIDATION_STATIONS = 160
VALIDATION_SAMPLES = 19
SPREADS = tuple(0.05 * k for k in range(12, 41))
"""Spreads of the scale head tried in calibration: 0.6 to 2."""
MARGIN = 0.05
"""Held-out log-likelihood, nats, that a wider spread may cost. In a city like the training cities
this adds about 1 % to the CRPS; in others narrow intervals would miss far more."""
TEMPERATURES = (1.0, 1.05, 1.1)
"""Tried in calibration; of equals the first is kept. None is below one: new cities are less
certain."""


def validation_scores(model: HierarchicalFlow, data: TrainingSet, seed: int) -> tuple[float, float]:
    """Return CRPS over the data's mean, and coverage of 90 % intervals, for up to 160 stations.

    With 19 samples each. A single measured week is compared with the first week of a generated
    month where the model generates months.
    """
    chosen = np.sort(stream(seed, "validation").permutation(len(data))[:VALIDATION_STATIONS])
    part = data.take(chosen)
    names = [str(i) for i in chosen]
    months = MONTH_WEEKS if data.one_week and not model.one_week else 1
    hours = np.tile(part.hours, (1, months))
    blocks = draw(model, part.context, hours, names, VALIDATION_SAMPLES, seed)
    samples = np.concatenate([block for _, block in blocks])[..., : part.x.shape[1]]
    return (
        float(crps(samples, part.x).mean() / part.x.mean()),
        float(coverage(samples, part.x).mean()),
    )


def scale_likelihood(model: HierarchicalFlow, data: TrainingSet) -> float:
    """Return the mean negative log-likelihood of the stations' standardised log means."""
    device = next(model.parameters()).device
    x, context = torch.from_numpy(data.x).to(device), torch.from_numpy(data.context).to(device)
    hours = torch.from_numpy(data.hours.astype(np.int64)).to(device)
    with torch.inference_mode():
        z = model.transform.encode(x, hours).level
        return float(model.scale.negative_log_likelihood(z, model.place(context).scale))


def calibrate_scale(model: HierarchicalFlow, data: TrainingSet) -> None:
    """Set the scale head's spread to the widest within MARGIN of the best held-out likelihood."""

    def loss(spread: float) -> float:
        model.scale.spread.fill_(spread)
        return scale_likelihood(model, data)

    losses = {spread: loss(spread) for spread in SPREADS}
    best = min(losses.values())
    model.scale.spread.fill_(max(s for s in SPREADS if losses[s] <= best + MARGIN))


def calibrate_temperature(model: HierarchicalFlow, data: TrainingSet, seed: int) -> None:
    """Set the temperature whose 90 % intervals cover nearest to 90 % of the held-out hours."""

    def miss(temperature: float) -> float:
        model.temperature.fill_(temperature)
        return abs(validation_scores(model, data, seed)[1] - 0.9)

    model.temperature.fill_(min(TEMPERATURES, key=miss))
