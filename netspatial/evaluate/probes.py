"""Linear probes of frozen embeddings by logistic regression.

Used by `netspatial bench context`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32, Indices
from netspatial.context.encoders.contract import VisionEncoder
from netspatial.context.training.eurosat import EuroSat
from netspatial.randomness import stream

STRENGTHS = (0.03, 1.0, 10.0, 100.0, 1000.0)
"""Penalties tried on standardised features. One is chosen by the log loss on a quarter of the
training part, which is less noisy than the accuracy on so few patches."""


@dataclass(frozen=True)
class Probe:
    """Accuracy on the test part of one stratified split."""

    seed: int
    accuracy: float
    strength: float


def colour_statistics(images: NDArray[np.uint8]) -> Floats32:
    """Return mean and deviation per channel, (n, 6): the baseline of all encoders."""
    pixels = images.reshape(len(images), -1, 3).astype(np.float32)
    return np.concatenate([pixels.mean(axis=1), pixels.std(axis=1)], axis=1)


def linear_probe(
    features: Floats32,
    labels: Indices,
    seeds: tuple[int, ...] = (0, 1, 2),
    test_share: float = 0.3,
) -> list[Probe]:
    """Classify `labels` (n,) from `features` (n, D) by multinomial logistic regression.

    Per seed: a stratified split, features standardised on the training part, the penalty chosen
    on a quarter of the training part, accuracy on the test part.
    """
    return [_probe(features, labels, seed, test_share) for seed in seeds]


def eurosat_accuracy(encoder: VisionEncoder, patches: EuroSat) -> float:
    """Return the mean accuracy over three splits of a linear probe of EuroSAT's classes."""
    probes = linear_probe(encoder.encode(patches.images), patches.labels)
    return float(np.mean([probe.accuracy for probe in probes]))


def stratified_split(labels: Indices, test_share: float, seed: int) -> tuple[Indices, Indices]:
    """Return positions of the training and of the test part, the same share of every class."""
    numbers = stream(seed, "probe", "split")
    train, test = [], []
    for label in np.unique(labels):
        members = numbers.permutation(np.flatnonzero(labels == label))
        cut = round(test_share * len(members))
        test.append(members[:cut])
        train.append(members[cut:])
    return np.sort(np.concatenate(train)), np.sort(np.concatenate(test))


def _probe(features: Floats32, labels: Indices, seed: int, test_share: float) -> Probe:
    train, test = stratified_split(labels, test_share, seed)
    kept, validation = stratified_split(labels[train], 0.25, seed)
    losses = []
    for strength in STRENGTHS:
        model = _fit(features[train[kept]], labels[train[kept]], strength)
        probabilities = model.predict_proba(features[train[validation]])
        logs = np.log(np.maximum(probabilities, 1e-12))  # keeps the loss finite
        right = model.classes_ == labels[train[validation], None]
        losses.append(-logs[right].mean())
    strength = STRENGTHS[int(np.argmin(losses))]
    model = _fit(features[train], labels[train], strength)
    return Probe(seed, float(model.score(features[test], labels[test])), strength)


def _fit(features: Floats32, labels: Indices, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  light start-up
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    probe = LogisticRegression(C=1 / strength, tol=1e-5, max_iter=3000)
    return make_pipeline(StandardScaler(), probe).fit(features, labels)
