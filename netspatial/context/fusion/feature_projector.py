"""Projection of frozen features to tokens: v of the image, p of the POIs, n of their counts.

Shared by the fusion and its ablation. Frozen embeddings are centred, optionally whitened, with
statistics of the training cities that are stored with the weights.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from netspatial.arrays import Floats32
from netspatial.context.features.extractor import Features
from netspatial.context.fusion.poi_embedding import PoiEmbedding
from netspatial.errors import BadInput

WHITENED_AT_MOST = 96
"""Principal directions that whitening keeps."""
WHITENING_FLOOR = 0.3
"""Added to each variance, over the mean variance, so that small directions are not amplified."""
STATISTICS_ROWS = 20_000


@dataclass(frozen=True)
class Shape:
    """Widths of image and text embeddings, counts and context, and the whitening."""

    image_dim: int
    text_dim: int
    tally_width: int
    d: int = 128
    whiten: str = "none"

    def __post_init__(self) -> None:
        """Check the name of the whitening."""
        if self.whiten not in WHITENINGS:
            raise BadInput(f"There is no whitening '{self.whiten}'; give 'none' or 'pca'.")

    @property
    def image_kept(self) -> int:
        """Number of dimensions of an image embedding that are kept."""
        return kept_directions(self.image_dim, self.whiten)


class FeatureBatch(NamedTuple):
    """`Features` as tensors, with masks of present images (n,) and POIs (n,), bool."""

    image: Tensor
    text: Tensor
    address: Tensor
    surroundings: Tensor
    nearest: Tensor
    tally: Tensor
    has_image: Tensor
    has_pois: Tensor


class Tokens(NamedTuple):
    """Tokens v, p and n (all (n, d)), and the standardised inputs of v and n."""

    v: Tensor
    p: Tensor
    n: Tensor
    image: Tensor
    counts: Tensor


def to_batch(features: Features) -> FeatureBatch:
    """Return features as tensors."""
    return FeatureBatch(
        image=torch.from_numpy(features.image),
        text=torch.from_numpy(features.text),
        address=torch.from_numpy(features.address),
        surroundings=torch.from_numpy(features.surroundings),
        nearest=torch.from_numpy(features.nearest),
        tally=torch.from_numpy(features.tally),
        has_image=torch.from_numpy(features.image_present),
        has_pois=torch.from_numpy(features.pois_present),
    )


class Centre(nn.Module):
    """Subtract the training mean and scale to mean square one: (n, D) -> (n, D)."""

    mean: Tensor
    scale: Tensor

    def __init__(self, dim: int) -> None:
        """Create the buffers; `fit` or stored weights set them."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("scale", torch.ones(()))

    def fit(self, x: Floats32) -> None:
        """Fit mean and scale to embeddings (n, D)."""
        mean = x.mean(axis=0, dtype=np.float64)
        self.mean.copy_(torch.from_numpy(mean))
        self.scale.fill_(max(float(np.sqrt(((x - mean) ** 2).mean())), 1e-12))

    def forward(self, x: Tensor) -> Tensor:
        """Return (x - mean) / scale."""
        centred: Tensor = (x - self.mean) / self.scale
        return centred


class Whiten(nn.Module):
    """Project centred embeddings on whitened principal directions: (n, D) -> (n, k)."""

    mean: Tensor
    basis: Tensor

    def __init__(self, dim: int) -> None:
        """Create the buffers; `fit` or stored weights set them."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("basis", torch.zeros(dim, kept_directions(dim, "pca")))

    def fit(self, x: Floats32) -> None:
        """Fit mean and principal directions to embeddings (n, D)."""
        mean = x.mean(axis=0, dtype=np.float64)
        centred = x - mean
        variance, directions = np.linalg.eigh(centred.T @ centred / len(x))
        kept = self.basis.shape[1]
        variance, directions = variance[::-1][:kept], directions[:, ::-1][:, :kept]
        floor = WHITENING_FLOOR * max(float(variance.mean()), 1e-12)
        basis = directions / np.sqrt(np.maximum(variance, 0.0) + floor)
        self.mean.copy_(torch.from_numpy(mean))
        self.basis.copy_(torch.from_numpy(np.ascontiguousarray(basis)))

    def forward(self, x: Tensor) -> Tensor:
        """Return (x - mean) basis."""
        white: Tensor = (x - self.mean) @ self.basis
        return white


WHITENINGS: dict[str, type[Centre] | type[Whiten]] = {"none": Centre, "pca": Whiten}
"""Standardisations of frozen embeddings by name."""


class FeatureProjector(nn.Module):
    """Projections of the image, of the POI texts (Eqs. 8 and 9) and of the POI counts."""

    tally_mean: Tensor
    tally_scale: Tensor

    def __init__(self, shape: Shape) -> None:
        """Build the projections; the statistics come from `fit` or from stored weights."""
        super().__init__()
        self.shape = shape
        self.image_statistics = WHITENINGS[shape.whiten](shape.image_dim)
        self.text_statistics = WHITENINGS[shape.whiten](shape.text_dim)
        self.register_buffer("tally_mean", torch.zeros(shape.tally_width))
        self.register_buffer("tally_scale", torch.ones(shape.tally_width))
        self.image = nn.Linear(shape.image_kept, shape.d)
        self.pois = PoiEmbedding(kept_directions(shape.text_dim, shape.whiten), shape.d)
        self.numbers = nn.Linear(shape.tally_width, shape.d)

    def forward(self, batch: FeatureBatch) -> Tokens:
        """Return the tokens of every place; the token of an absent modality is not meaningful."""
        image = self.image_statistics(batch.image)
        counts = (torch.log1p(batch.tally.float()) - self.tally_mean) / self.tally_scale
        p_i = self.pois.fuse(self.text_statistics(batch.text), batch.address, batch.surroundings)
        p, _ = self.pois.pool(p_i, batch.nearest)
        return Tokens(
            v=nn.functional.normalize(self.image(image), dim=-1),
            p=nn.functional.normalize(p, dim=-1),
            n=nn.functional.normalize(self.numbers(counts), dim=-1),
            image=image,
            counts=counts,
        )


def kept_directions(dim: int, whiten: str) -> int:
    """Return the number of dimensions that a whitening keeps of a `dim`-wide embedding."""
    return min(dim, WHITENED_AT_MOST) if whiten == "pca" else dim


def fit_statistics(towers: FeatureProjector, features: Features) -> None:
    """Fit the statistics of a projector to the training places."""
    image = features.image[features.image_present]
    if len(image) < 2 or len(features.text) < 2:
        raise BadInput(
            "The training places have too few images or POIs to train on; use cities that have "
            "both parts."
        )
    towers.image_statistics.fit(image[:STATISTICS_ROWS])
    towers.text_statistics.fit(features.text[:STATISTICS_ROWS])
    counts = np.log1p(features.tally[features.pois_present].astype(np.float64))
    towers.tally_mean.copy_(torch.from_numpy(counts.mean(axis=0)))
    towers.tally_scale.copy_(torch.from_numpy(np.maximum(counts.std(axis=0), 0.1)))
