"""Linear probes: how much of a label can be read from frozen embeddings by a straight line.

The yardstick of encoders; used by `netspatial bench context`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.context.encoders.contract import VisionEncoder
from netspatial.context.eurosat import EuroSat
from netspatial.randomness import stream

STRENGTHS = (0.3, 3.0, 30.0, 300.0, 3000.0)
"""Ridge penalties tried, per standardised feature; the training part alone picks one."""


@dataclass(frozen=True)
class Probe:
    """Accuracy on the test part of one stratified split."""

    seed: int
    accuracy: float
    strength: float


def colour_statistics(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean and deviation per channel, (n, 6): the mark that any encoder must beat."""
    pixels = images.reshape(len(images), -1, 3).astype(np.float32)
    return np.concatenate([pixels.mean(axis=1), pixels.std(axis=1)], axis=1)


def linear_probe(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    seeds: tuple[int, ...] = (0, 1, 2),
    test_share: float = 0.3,
) -> list[Probe]:
    """Classify `labels` (n,) from `features` (n, D) by ridge regression on one-hot targets.

    Per seed: a stratified split, features standardised on the training part, the penalty chosen
    by leave-one-out on the training part, accuracy on the test part.
    """
    return [_probe(features, labels, seed, test_share) for seed in seeds]


def eurosat_accuracy(encoder: VisionEncoder, patches: EuroSat) -> float:
    """Mean accuracy over three splits of a linear probe from `encoder` to EuroSAT's classes."""
    probes = linear_probe(encoder.encode(patches.images), patches.labels)
    return float(np.mean([probe.accuracy for probe in probes]))


def stratified_split(
    labels: NDArray[np.int64], test_share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return positions of the training and of the test part, the same share of every class."""
    numbers = stream(seed, "probe", "split")
    train, test = [], []
    for label in np.unique(labels):
        members = numbers.permutation(np.flatnonzero(labels == label))
        cut = round(test_share * len(members))
        test.append(members[:cut])
        train.append(members[cut:])
    return np.sort(np.concatenate(train)), np.sort(np.concatenate(test))


def _probe(
    features: NDArray[np.float32], labels: NDArray[np.int64], seed: int, test_share: float
) -> Probe:
    train, test = stratified_split(labels, test_share, seed)
    classes, targets = np.unique(labels[train], return_inverse=True)
    x = features.astype(np.float64)
    mean, deviation = x[train].mean(axis=0), x[train].std(axis=0)
    x = (x - mean) / np.where(deviation > 1e-9, deviation, 1)
    onehot = np.eye(len(classes))[targets]
    prior = onehot.mean(axis=0)
    # Dual ridge: one eigendecomposition of the Gram matrix serves every penalty, and the
    # diagonal of the hat matrix gives the leave-one-out residuals in closed form.
    values, vectors = np.linalg.eigh(x[train] @ x[train].T)
    values = np.maximum(values, 0)
    rotated = vectors.T @ (onehot - prior)
    best, strength = -1.0, STRENGTHS[0]
    for candidate in STRENGTHS:
        shrink = values / (values + candidate)
        fitted = vectors @ (shrink[:, None] * rotated)
        leverage = (vectors**2 @ shrink)[:, None] + 1 / len(train)
        left_out = onehot - (onehot - prior - fitted) / np.maximum(1 - leverage, 1e-9)
        accuracy = float((left_out.argmax(axis=1) == targets).mean())
        if accuracy > best:
            best, strength = accuracy, candidate
    weights = vectors @ (rotated / (values + strength)[:, None])
    guessed = (x[test] @ x[train].T @ weights + prior).argmax(axis=1)
    return Probe(seed, float((classes[guessed] == labels[test]).mean()), strength)
