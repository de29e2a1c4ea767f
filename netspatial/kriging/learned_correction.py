"""The learned correction of kriged levels, and its weight in a city by leave-one-out errors.

Layer 2 of the measured neighbours. With weight zero the kriged level is returned unchanged.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.stats import norm

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.kriging.correction_network import CorrectionNetwork, NetworkSettings, moves
from netspatial.kriging.gaussian_process import Posterior
from netspatial.kriging.kernels import Places
from netspatial.kriging.network_inputs import Inputs, Support, inputs_at, inputs_left_out
from netspatial.weights import arrays, built, load_weights, save_weights

KIND = "kriging-correction"
WEIGHTS = np.linspace(0.0, 1.0, 11)
"""Weights that are compared."""
CAUTION = 0.5
"""Standard errors by which a weight must lower the leave-one-out CRPS."""
PRIOR_STATIONS = 20.0
"""Stations that layer 1 counts for: with so many in the support, the weight is halved."""
FEWEST_STATIONS = 5
"""With fewer stations the correction is not used."""


@dataclass(frozen=True)
class CorrectionConfig:
    """The contents of a correction's config.json; scores : CRPS over layer 1's by split."""

    network: NetworkSettings
    context_fingerprint: str
    cities: tuple[str, ...]
    scores: dict[str, float]


@dataclass(frozen=True)
class LearnedCorrection:
    """A trained network and the encoder whose embeddings it reads."""

    network: CorrectionNetwork
    context_fingerprint: str
    fingerprint: str

    @classmethod
    def load(cls, folder: Path) -> "LearnedCorrection":
        """Load a correction from its folder."""
        weights = load_weights(folder, KIND)
        config = weights.settings(CorrectionConfig)
        network = built(lambda: CorrectionNetwork(config.network), weights.tensors, weights.source)
        return cls(network.eval(), config.context_fingerprint, weights.fingerprint)

    def check_encoder(self, fingerprint: str) -> None:
        """Raise `BadInput` where the embeddings are those of another context model."""
        if self.context_fingerprint != fingerprint:
            raise BadInput(
                f"The learned correction reads embeddings of context model "
                f"{self.context_fingerprint}, and these come from {fingerprint}; train it again "
                "with `netspatial train-kriging-correction`."
            )

    def gated(self, support: Support) -> "GatedCorrection":
        """Return the correction with its weight in the city of these stations."""
        if len(support) < FEWEST_STATIONS:
            return GatedCorrection(self, 0.0)
        inputs, posterior = inputs_left_out(support)
        y = support.level - support.zero_shot
        return GatedCorrection(self, gate(y, posterior, *moves(self.network, inputs)))


@dataclass(frozen=True)
class GatedCorrection:
    """The correction in one city; weight : from 0, layer 1 alone, to 1."""

    correction: LearnedCorrection
    weight: float

    def apply(self, support: Support, places: Places, posterior: Posterior) -> Posterior:
        """Return the corrected posterior of the level at places."""
        if self.weight == 0 or not np.isfinite(places.level).all():
            return posterior
        inputs: Inputs = inputs_at(support, places, posterior)
        return moved(posterior, *moves(self.correction.network, inputs), self.weight)


def moved(posterior: Posterior, move: Floats, widening: Floats, weight: float) -> Posterior:
    """Return a posterior (m, 1) with mean and deviation moved by a share of the correction."""
    deviation = np.sqrt(posterior.variance)
    return Posterior(
        posterior.mean + (weight * deviation * move)[:, None],
        posterior.variance * np.exp(2 * weight * widening),
        posterior.prior_variance,
    )


def gate(y: Floats, left_out: Posterior, move: Floats, widening: Floats) -> float:
    """Return the weight of layer 2 in [0, 1] from leave-one-out predictions of y (n,).

    The weight of the lowest mean CRPS, plus half a standard error of its gain, shrunk towards 0.
    """
    scores = np.stack(
        [gaussian_crps(y, moved(left_out, move, widening, weight)) for weight in WEIGHTS]
    )
    change = scores - scores[0]
    n = len(y)
    expected = change.mean(axis=1) + CAUTION * change.std(axis=1) / np.sqrt(n)
    return float(WEIGHTS[np.argmin(expected)]) * n / (n + PRIOR_STATIONS)


def gaussian_crps(y: Floats, predicted: Posterior) -> Floats:
    """Return the CRPS (n,) of normal predictions of y (n,), in log units."""
    deviation = np.sqrt(predicted.variance)
    z = (y - predicted.mean[:, 0]) / deviation
    found: Floats = deviation * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    return found


def save_correction(
    network: CorrectionNetwork, folder: Path, config: CorrectionConfig, card: str
) -> LearnedCorrection:
    """Write the correction's folder and return what is loaded from it."""
    if config.network != network.settings:
        raise BadInput("The settings of the correction differ from its network's.")
    save_weights(folder, KIND, arrays(network), asdict(config), card)
    return LearnedCorrection.load(folder)
