"""Whitening of the daily and weekly levels: uncorrelated coordinates of unit variance."""

import torch
from torch import Tensor, nn

FLOOR = 0.01
"""Lower bound of a direction's variance, over the mean variance; limits amplified noise."""


class Whitening(nn.Module):
    """An affine map to zero mean and unit covariance, and its inverse.

    The variance of a direction is at least 1 % of the mean variance, so that the noise of few
    training series is not amplified.
    """

    mean: Tensor
    forward_map: Tensor
    inverse_map: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("forward_map", torch.eye(dim))
        self.register_buffer("inverse_map", torch.eye(dim))

    def fit(self, y: Tensor) -> None:
        """Fit the map to y (n, dim)."""
        wide = y.double()
        self.mean.copy_(wide.mean(0))
        values, vectors = torch.linalg.eigh(torch.cov((wide - wide.mean(0)).T))
        # an eigenvector's sign is arbitrary; fixing it keeps trained weights comparable
        vectors = vectors * torch.sign(vectors.sum(0)).where(vectors.sum(0) != 0, torch.tensor(1.0))
        deviation = values.clamp_min(FLOOR * float(values.clamp_min(0).mean()) + 1e-12).sqrt()
        self.forward_map.copy_(vectors / deviation)
        self.inverse_map.copy_((vectors * deviation).T)

    def importance(self) -> Tensor:
        """Return how much y changes with each white coordinate, over their mean: (dim,).

        Whitened directions of large and small variance have equal scale; with equal weights the
        loss would mostly fit the many small ones, which are noise.
        """
        length = torch.linalg.vector_norm(self.inverse_map, dim=1)
        weight: Tensor = length / length.mean()
        return weight

    def encode(self, y: Tensor) -> Tensor:
        """Return the white coordinates of y."""
        return (y - self.mean) @ self.forward_map

    def decode(self, z: Tensor) -> Tensor:
        """Return y of white coordinates."""
        return z @ self.inverse_map + self.mean
