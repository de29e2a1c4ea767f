"""Whitening: shapes as uncorrelated numbers of unit variance, and back.

Used by the coordinates of the daily and weekly levels.
"""

import torch
from torch import Tensor, nn

FLOOR = 0.01
"""Least variance of a direction, over the mean variance: noise of few series is not blown up."""


class Whitening(nn.Module):
    """An affine map to zero mean and unit covariance, and back.

    Directions that hardly vary are held at a floor of 1 % of the mean variance, so that few
    training series do not blow their noise up.
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
        """Learn the map from y (n, dim)."""
        wide = y.double()
        self.mean.copy_(wide.mean(0))
        values, vectors = torch.linalg.eigh(torch.cov((wide - wide.mean(0)).T))
        # an eigenvector's sign is the solver's whim; fixing it keeps trained weights comparable
        vectors = vectors * torch.sign(vectors.sum(0)).where(vectors.sum(0) != 0, torch.tensor(1.0))
        deviation = values.clamp_min(FLOOR * float(values.clamp_min(0).mean()) + 1e-12).sqrt()
        self.forward_map.copy_(vectors / deviation)
        self.inverse_map.copy_((vectors * deviation).T)

    def importance(self) -> Tensor:
        """How far each white coordinate moves y, over the mean of all: (dim,).

        Whitening makes rare and common ways to vary look alike; a loss that counted them alike
        would mostly fit the rare ones, which are noise.
        """
        reach = torch.linalg.vector_norm(self.inverse_map, dim=1)
        weight: Tensor = reach / reach.mean()
        return weight

    def encode(self, y: Tensor) -> Tensor:
        """To white coordinates."""
        return (y - self.mean) @ self.forward_map

    def decode(self, z: Tensor) -> Tensor:
        """And back."""
        return z @ self.inverse_map + self.mean
