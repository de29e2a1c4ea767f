"""`rcf`: random convolutional features of any image, without weights and without training.

Filters are whitened patches of dead-leaves pictures in several sizes; each gives two features, the
mean rectified responses of either sign. Overlapping patches of one image share a single convolution
(`encode_mosaic`). After Rolf et al. 2021 (MOSAIKS).
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.context.encoders.fingerprint import fingerprint_of_settings
from netspatial.context.encoders.leaves import dead_leaves
from netspatial.context.features.images import check_rgb8
from netspatial.errors import BadInput
from netspatial.randomness import stream

FILTERS_AT_ONCE = 16
"""Limits the memory of `encode_mosaic`: two maps in double precision per filter."""


@dataclass(frozen=True)
class Bank:
    """`count` filters of `size` x `size` taps, dilated by `step`, on a `step` x `step` average."""

    size: int
    count: int
    step: int

    @property
    def receptive_field(self) -> int:
        """Pixels per side that one response covers."""
        return self.step * self.size


@dataclass(frozen=True)
class RcfSettings:
    """Settings of the features; the defaults were chosen by probes on EuroSAT."""

    seed: int = 0
    banks: tuple[Bank, ...] = (
        Bank(1, 64, 1),
        Bank(3, 128, 1),
        Bank(5, 96, 1),
        Bank(7, 64, 1),
        Bank(3, 96, 2),
        Bank(5, 64, 2),
    )
    centre: float = 100.0
    """Brightness that is mapped to zero, in digital numbers; most satellite imagery is dark."""
    spread: float = 40.0
    """Digital numbers in one unit."""
    whitening_floor: float = 0.1
    """Added to each variance before its inverse root, so that noise is not amplified."""
    bias_spread: float = 0.5
    """Standard deviation of the thresholds, in units of a filter's response."""
    log_floor: float = 0.05
    """Added to a mean response before its logarithm."""


class RcfEncoder:
    """Logarithms of mean rectified responses, two per filter."""

    name = "rcf"
    licence = "MIT"
    gsd_m = 10.0

    def __init__(self, settings: RcfSettings | None = None) -> None:
        self.settings = settings or RcfSettings()
        self.dim = 2 * sum(bank.count for bank in self.settings.banks)
        self.fingerprint = fingerprint_of_settings({"kind": "rcf-v1", **asdict(self.settings)})
        self._filters = list(_filters(self.settings))

    def encode(self, images: NDArray[np.uint8]) -> Floats32:
        """Encode RGB patches (n, h, w, 3), at least 10 pixels per side, to (n, D)."""
        images = check_rgb8(images)
        self._check_size(*images.shape[1:3])
        means = np.empty((len(images), self.dim), dtype=np.float32)
        with torch.inference_mode():
            for start in range(0, len(images), 16):
                chosen = slice(start, start + 16)
                x = self._scaled(images[chosen])
                pooled = [_responses(x, *filters).mean((2, 3)) for filters in self._filters]
                means[chosen] = torch.cat(pooled, dim=1).numpy()
        return self._compressed(means)

    def encode_mosaic(self, mosaic: NDArray[np.uint8], windows: Indices) -> Floats32:
        """Encode windows (n, 4) of one image (H, W, 3) to (n, D).

        A window is top, left, bottom, right in pixels, the last two exclusive. Equals `encode` on
        the cropped windows, but the image is convolved only once: sums over a window come from
        integral images, in double precision and a few filters at a time.
        """
        mosaic = check_rgb8(mosaic[None])
        top, left, bottom, right = windows.T
        if len(windows) == 0:
            return np.empty((0, self.dim), dtype=np.float32)
        self._check_size(int((bottom - top).min()), int((right - left).min()))
        height, width = mosaic.shape[1:3]
        if top.min() < 0 or left.min() < 0 or bottom.max() > height or right.max() > width:
            raise BadInput(
                f"A window reaches beyond the image of {height} x {width} pixels; pad the image "
                "or move the window."
            )
        x = self._scaled(mosaic)
        means = np.empty((len(windows), self.dim), dtype=np.float32)
        column = 0
        with torch.inference_mode():
            for bank, kernels, thresholds in self._filters:
                last = bank.receptive_field - 1
                area = (bottom - top - last) * (right - left - last)
                for start in range(0, bank.count, FILTERS_AT_ONCE):
                    few = slice(start, start + FILTERS_AT_ONCE)
                    sums = _integral(_responses(x, bank, kernels[few], thresholds[few])[0])
                    inside = (
                        sums[:, bottom - last, right - last]
                        - sums[:, top, right - last]
                        - sums[:, bottom - last, left]
                        + sums[:, top, left]
                    )
                    means[:, column : column + len(inside)] = (inside / area).T
                    column += len(inside)
        return self._compressed(means)

    def _check_size(self, height: int, width: int) -> None:
        least = max(bank.receptive_field for bank in self.settings.banks)
        if min(height, width) < least:
            raise BadInput(
                f"A patch of {height} x {width} pixels is too small for '{self.name}': at least "
                f"{least} pixels per side are needed."
            )

    def _scaled(self, images: NDArray[np.uint8]) -> Tensor:
        x = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float()
        return (x - self.settings.centre) / self.settings.spread

    def _compressed(self, means: Floats32) -> Floats32:
        logs: Floats32 = np.log(np.maximum(means, 0) + self.settings.log_floor)
        return logs


def _filters(settings: RcfSettings) -> Iterator[tuple[Bank, Tensor, Tensor]]:
    """Yield each bank's random kernels (count, 3, size, size) and thresholds (count,), scaled."""
    pictures = dead_leaves(stream(settings.seed, "rcf", "pictures"), pictures=48, side=64)
    for bank in settings.banks:
        numbers = stream(settings.seed, "rcf", "bank", bank.size, bank.step)
        patches = _patches(pictures, bank.size, 6000, numbers)
        patches -= patches.mean(0)
        variances, axes = np.linalg.eigh(np.cov(patches.T))
        whitening = (axes / np.sqrt(variances + settings.whitening_floor)) @ axes.T
        chosen = patches[: bank.count] @ whitening
        chosen /= np.linalg.norm(chosen, axis=1, keepdims=True)
        kernels = (chosen @ whitening).reshape(bank.count, bank.size, bank.size, 3)
        thresholds = np.abs(numbers.normal(0, settings.bias_spread, bank.count))
        yield (
            bank,
            torch.from_numpy(kernels.transpose(0, 3, 1, 2).astype(np.float32).copy()),
            torch.from_numpy(thresholds.astype(np.float32)),
        )


def _patches(pictures: Floats, size: int, count: int, numbers: np.random.Generator) -> Floats:
    """Return random patches, flattened to (count, size * size * 3)."""
    which = numbers.integers(0, len(pictures), count)
    top, left = numbers.integers(0, pictures.shape[1] - size + 1, (2, count))
    views = np.lib.stride_tricks.sliding_window_view(pictures, (size, size), axis=(1, 2))
    cut: Floats = views[which, top, left].transpose(0, 2, 3, 1).reshape(count, -1)
    return cut


def _responses(x: Tensor, bank: Bank, kernels: Tensor, thresholds: Tensor) -> Tensor:
    """Return rectified responses of both signs, interleaved: (n, 2 * count, h', w')."""
    if bank.step > 1:
        x = functional.avg_pool2d(x, bank.step, stride=1)
    response = functional.conv2d(x, kernels, dilation=bank.step)
    limit = thresholds[:, None, None]
    return torch.stack(
        [functional.relu(response - limit), functional.relu(-response - limit)], dim=2
    ).flatten(1, 2)


def _integral(maps: Tensor) -> Floats:
    """Return integral images (count, h + 1, w + 1) in double precision."""
    count, height, width = maps.shape
    sums = torch.zeros((count, height + 1, width + 1), dtype=torch.float64)
    inner = sums[:, 1:, 1:]
    inner.copy_(maps).cumsum_(1).cumsum_(2)
    summed: Floats = sums.numpy()
    return summed


def build(argument: str) -> RcfEncoder:
    """Build `rcf`; it takes no argument."""
    if argument:
        raise BadInput(f"The encoder 'rcf' takes no argument, not '{argument}'.")
    return RcfEncoder()
