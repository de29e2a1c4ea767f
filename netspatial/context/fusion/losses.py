"""Losses of the fusion: reconstruction of the masked modality, with terms against collapse.

A constant minimises Eq. 12 alone, since its targets v and p are trained too. Our default stops the
gradient at the targets, adds VICReg's variance and covariance terms for z, and reconstructs the
frozen inputs from z by linear heads.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspatial.context.fusion.feature_projector import FeatureBatch
from netspatial.context.fusion.masked_fusion import Fused

Mask = Literal["paper", "both"]
"""'paper' hides exactly one modality; 'both' also shows both in a third of the cases, as in use."""


@dataclass(frozen=True)
class Objective:
    """Weights of the terms, and the masking of modalities.

    thin : probability that a training place loses a random part of its POIs, since maps have gaps
    """

    mask: Mask = "both"
    stop_gradient: bool = True
    reconstruct: float = 1.0
    variance: float = 1.0
    covariance: float = 0.1
    keep: float = 3.0
    thin: float = 0.5


OBJECTIVES: dict[str, Objective] = {
    "guarded": Objective(),
    "paper": Objective(
        mask="paper", stop_gradient=False, variance=0.0, covariance=0.0, keep=0.0, thin=0.0
    ),
}
"""Our objective and the published one by name."""


def draw_shown(
    mask: Mask, random: np.random.Generator, count: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Sample which of image and POIs is shown at each of `count` places."""
    if mask == "paper":
        hide_image = random.random(count) < 0.5
        return ~hide_image, hide_image
    drawn = random.random(count)
    return drawn >= 0.33, (drawn < 0.33) | (drawn >= 0.66)


def present_and_shown(
    batch: FeatureBatch, show_image: Tensor, show_pois: Tensor
) -> tuple[Tensor, Tensor]:
    """Restrict the shown modalities to present ones; where none is left, show the present ones."""
    nothing = ~((show_image & batch.has_image) | (show_pois & batch.has_pois))
    return (show_image | nothing) & batch.has_image, (show_pois | nothing) & batch.has_pois


def masked_loss(
    fused: Fused, batch: FeatureBatch, show_image: Tensor, show_pois: Tensor, objective: Objective
) -> Tensor:
    """Return m^I (1 - cos(v^, v)) + m^P (1 - cos(p^, p)), Eq. 12, plus terms against collapse."""
    tokens = fused.tokens
    v, p = (t.detach() if objective.stop_gradient else t for t in (tokens.v, tokens.p))
    hidden_image = batch.has_image & ~show_image
    hidden_pois = batch.has_pois & ~show_pois
    cosine = nn.functional.cosine_similarity
    loss = objective.reconstruct * (
        _mean(1 - cosine(fused.v_hat, v), hidden_image)
        + _mean(1 - cosine(fused.p_hat, p), hidden_pois)
    )
    if objective.keep:
        loss = loss + objective.keep * (
            _mean((fused.image_hat - tokens.image).square().mean(-1), batch.has_image)
            + _mean((fused.counts_hat - tokens.counts).square().mean(-1), batch.has_pois)
        )
    if objective.variance or objective.covariance:
        spread, correlation = vicreg_terms(fused.z)
        loss = loss + objective.variance * spread + objective.covariance * correlation
    return loss


def vicreg_terms(z: Tensor) -> tuple[Tensor, Tensor]:
    """Return VICReg's variance and covariance terms of unit vectors (n, d), n > 1.

    A uniform distribution on the unit sphere has standard deviation 1/sqrt(d) per coordinate.
    """
    n, d = z.shape
    centred = d**0.5 * (z - z.mean(dim=0))
    covariance = centred.T @ centred / (n - 1)
    spread = torch.relu(1 - (covariance.diagonal() + 1e-4).sqrt()).mean()
    off_diagonal = covariance - torch.diag(covariance.diagonal())
    return spread, off_diagonal.square().sum() / d


def info_nce(v: Tensor, p: Tensor, both: Tensor, temperature: Tensor) -> Tensor:
    """Return CLIP's symmetric contrastive loss of unit vectors v and p (n, d) where both exist."""
    if int(both.sum()) < 2:
        return 0.0 * (v.sum() + p.sum())
    logits = v[both] @ p[both].T / temperature
    own = torch.arange(len(logits))
    cross_entropy = nn.functional.cross_entropy
    return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2


def _mean(x: Tensor, where: Tensor) -> Tensor:
    """Return the mean of x over `where`; zero where that is empty."""
    return (x * where).sum() / where.sum().clamp(min=1)
