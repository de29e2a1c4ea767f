"""Priors of the kernel weights, learnt on cities and kept as a weights folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from netspatial.arrays import Floats
from netspatial.bundled_weights import bundled
from netspatial.errors import BadInput
from netspatial.kriging.conditioning import INDEPENDENT_HOURS, QUANTITIES, targets
from netspatial.kriging.gaussian_process import Prior, fit_log_variances
from netspatial.kriging.kernels import NAMES, Kernels
from netspatial.kriging.stations import MeasuredStations
from netspatial.progress import Progress
from netspatial.weights import licence_of_weights, load_weights, save_weights

KIND = "kriging"
DEFAULT = bundled("kriging", "default")
SQUARES = bundled("kriging", "squares")
"""Priors for squares of a grid around their own mean, without a generator."""
WEAK_MEAN, WEAK_NOISE, WEAK_OFFSET = -4.0, -2.0, -2.0
WEAK_SD = 2.0
MIN_SD = 1.0
"""A city may differ from those of the training by so much, in log units."""
ROUNDS = 2
ABOUT_STATIONS = """\
Typical variance of each kernel in the regression of measured stations' traffic on their
surroundings, over the bundled generator's expectation. The generator was not trained on the cities
below."""
ABOUT_SQUARES = """\
Typical variance of each kernel in the regression of the traffic of squares of a grid on their
surroundings, over the mean of all squares, without a generator. Squares share the traffic of the
stations near them."""


def load_priors(folder: Path | None = None) -> Mapping[str, Prior]:
    """Load the priors of a folder, or the bundled ones.

    Parameters
    ----------
    folder : Path, optional
        Folder that `netspatial train-kriging` wrote.

    Returns
    -------
    mapping of str to Prior
        Priors of level, shape and scatter.

    Raises
    ------
    BadInput
        If the priors are of other kernels.
    """
    weights = load_weights(DEFAULT if folder is None else folder, KIND)
    if weights.config.get("kernels") != list(NAMES):
        raise BadInput(
            f"The kriging priors in {weights.source} are of other kernels; make them again with "
            "`netspatial train-kriging`."
        )
    return {
        name: Prior(
            weights.tensors[f"{name}.mean"].astype(np.float64),
            weights.tensors[f"{name}.sd"].astype(np.float64),
        )
        for name in QUANTITIES
    }


def learn_priors(cities: Sequence[MeasuredStations], progress: Progress) -> dict[str, Prior]:
    """Fit every city with a weak prior; their mean and deviation are the prior of the next round.

    Cities must be none that the generator was trained on: there its expectations are too good.
    """
    found = {}
    for number, name in enumerate(QUANTITIES):
        prior = _weak()
        for _ in range(ROUNDS):
            fitted = np.array([_fit(city, name, prior) for city in cities])
            prior = Prior(fitted.mean(axis=0), np.maximum(fitted.std(axis=0), MIN_SD))
        found[name] = prior
        progress(f"fitting {name}", (number + 1) / len(QUANTITIES))
    return found


def save_priors(
    priors: Mapping[str, Prior],
    folder: Path,
    cities: Sequence[str],
    licences: Sequence[str],
    about: str = ABOUT_STATIONS,
) -> str:
    """Write priors as a weights folder with a card; return its fingerprint.

    about : what was regressed, for the card
    """
    tensors = {
        f"{name}.{part}": getattr(prior, part).astype(np.float32)
        for name, prior in priors.items()
        for part in ("mean", "sd")
    }
    return save_weights(
        folder,
        KIND,
        tensors,
        {"kernels": list(NAMES), "cities": list(cities)},
        _card(priors, cities, licences, about),
    )


def _fit(city: MeasuredStations, name: str, prior: Prior) -> Floats:
    rows, y, error = targets(city, name)
    places = city.places.take(rows)
    independent = INDEPENDENT_HOURS if name == "shape" else None
    kernels = Kernels.of(city.places).between(places, places)
    return fit_log_variances(kernels, y, error, prior, independent)


def _weak() -> Prior:
    mean = np.full(len(NAMES) + 1, WEAK_MEAN)
    mean[-2:] = WEAK_OFFSET, WEAK_NOISE
    return Prior(mean, np.full(len(NAMES) + 1, WEAK_SD))


def _card(
    priors: Mapping[str, Prior], cities: Sequence[str], licences: Sequence[str], about: str
) -> str:
    rows = [
        f"| {name} | " + " | ".join(f"{np.exp(priors[q].mean[at]):.4f}" for q in QUANTITIES) + " |"
        for at, name in enumerate((*NAMES, "noise"))
    ]
    head = ["| kernel | " + " | ".join(QUANTITIES) + " |", "|---" * (1 + len(QUANTITIES)) + "|"]
    return "\n".join(
        [
            "# Kriging priors",
            "",
            about,
            "",
            f"Trained on {len(cities)} cities: {', '.join(cities)}.",
            licence_of_weights(licences),
            "",
            *head,
            *rows,
        ]
    )
