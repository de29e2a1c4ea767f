"""STGCN: gated convolutions over time around a graph convolution over space.

Single task. Yu et al. 2018, with Chebyshev polynomials of the Laplacian of the square around the
place, without edges to empty positions.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import (
    PATCHES,
    BaselineNetwork,
    Head,
    ahead,
    near,
    patch_features,
    patches_around,
    present,
)
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH, INNER, ORDER, SPAN = 32, 16, 3, 3


class InTime(nn.Module):
    """Gated convolution over time, Eq. 7 of the paper; shortens by SPAN - 1 steps."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.both = nn.Conv2d(features, 2 * width, (SPAN, 1))
        self.past = nn.Conv2d(features, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, features, T, N) to (B, width, T - 2, N)."""
        signal, gate = self.both(x).chunk(2, dim=1)
        gated: Tensor = (signal + self.past(x)[:, :, SPAN - 1 :]) * torch.sigmoid(gate)
        return gated


class InSpace(nn.Module):
    """Chebyshev graph convolution, Eq. 3, with residual."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(ORDER * INNER, INNER, 1)

    def forward(self, x: Tensor, laplacian: Tensor) -> Tensor:
        """(B, INNER, T, N) with the scaled Laplacian (B, N, N)."""
        terms = [x, _spread(laplacian, x)]
        for _ in range(2, ORDER):
            terms.append(2 * _spread(laplacian, terms[-1]) - terms[-2])
        mixed: Tensor = torch.relu(self.mix(torch.cat(terms, dim=1)) + x)
        return mixed


class StConvBlock(nn.Module):
    """Time, space, time, then a norm over channels only, because of empty positions."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.before, self.after = InTime(features, INNER), InTime(INNER, WIDTH)
        self.space = InSpace()
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, x: Tensor, laplacian: Tensor) -> Tensor:
        """(B, features, T, N) to (B, WIDTH, T - 4, N)."""
        x = self.after(self.space(self.before(x), laplacian))
        normed: Tensor = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return normed


class STGCN(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    near: Tensor

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([StConvBlock(patch_features(spec)), StConvBlock(WIDTH)])
        self.last = nn.Conv2d(WIDTH, WIDTH, (PATCHES - 2 * 2 * (SPAN - 1), 1))
        self.fully = nn.Linear(WIDTH + spec.calendar, WIDTH)
        self.head = Head(WIDTH, spec.tasks)
        self.register_buffer("near", near(spec.side))

    def forward(self, batch: WindowBatch) -> Tensor:
        """Two blocks, a convolution to one step, and a head for each step of the horizon."""
        laplacian = scaled_laplacian(self.near, present(batch))
        x = patches_around(batch).permute(0, 3, 1, 2)
        for block in self.blocks:
            x = block(x, laplacian)
        here = torch.relu(self.last(x))[:, :, 0, x.shape[3] // 2]
        calendar = ahead(batch)
        here = here[:, None].expand(-1, calendar.shape[1], -1)
        quantiles: Tensor = self.head(torch.relu(self.fully(torch.cat([here, calendar], dim=-1))))
        return quantiles


def scaled_laplacian(near: Tensor, present: Tensor) -> Tensor:
    """Scaled Laplacian 2 L / 2 - I = -D^-1/2 W D^-1/2 (B, N, N), largest eigenvalue taken as 2."""
    W = near * present[:, :, None] * present[:, None]
    degree = W.sum(dim=-1)
    root = torch.where(degree > 0, degree.clamp(min=1e-12).rsqrt(), 0.0)
    return -root[:, :, None] * W * root[:, None]


def _spread(laplacian: Tensor, x: Tensor) -> Tensor:
    return torch.einsum("bmn,bctn->bctm", laplacian, x)


def build_stgcn(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(STGCN, spec)
